/* SPDX-License-Identifier: MIT */
#include "shell/conf_priv.h"

#include <stddef.h>

#define SIZE_OF(s, f) sizeof(((struct s *)0)->f)
#define AT(b, s, f) .base = b, .offset = offsetof(struct s, f), .size = SIZE_OF(s, f)
#define DEV(f) AT(CONF_IN_CONF, conf, f)
#define LINK(f) AT(CONF_IN_PLATFORM, conf_platform, f)
#define ITEM(f) AT(CONF_IN_ITEM, device_item_config, f)

const struct conf_section_info conf_section_table[CONF_SECTIONS] = {
    [CONF_DEVICE] = { "device", CONF_UNNAMED, "The device, as every platform sees it.", NULL, false },
    [CONF_PLATFORM] = { "platform", CONF_NAMED,
        "A platform to register at. Further sections [platform NAME] register at further ones, over the same channels.",
        "main", false },
    [CONF_CHANNEL] = { "channel", CONF_BY_ID,
        "A channel (camera), by its 20-digit ID. One section for each, in the order of the catalogue.",
        "34020000001310000001", false },
    [CONF_ALARM] = { "alarm", CONF_BY_ID, "An alarm input, by its 20-digit ID (type 134).",
        "34020000001340000001", true },
    [CONF_MEDIA] = { "media", CONF_UNNAMED, "Media, for all platforms.", NULL, false },
    [CONF_CONTROL] = { "control", CONF_UNNAMED, "The socket that gbagentctl talks to.", NULL, false },
    [CONF_LOG] = { "log", CONF_UNNAMED, "The log.", NULL, false },
};

static const char *const transports[] = { "udp", "tcp", NULL };
static const char *const editions[] = { "2011", "2016", "2022", NULL };
static const char *const time_syncs[] = { "off", "event", "set", NULL };
static const char *const allow_deny[] = { "allow", "deny", NULL };
static const char *const pacings[] = { "off", "loop", NULL };

const struct conf_key conf_key_table[] = {
    { CONF_DEVICE, "id", &conf_id, DEV(device.id), .example = "34020000001320000001",
      .help = "ID of the device, given by the platform's operator." },
    { CONF_DEVICE, "name", &conf_text, DEV(device.name), .def = "IPC", .help = "Name of the device." },
    { CONF_DEVICE, "manufacturer", &conf_text, DEV(device.manufacturer), .def = "",
      .help = "Manufacturer. Empty: what the board says." },
    { CONF_DEVICE, "model", &conf_text, DEV(device.model), .def = "", .help = "Model. Empty: what the board says." },
    { CONF_DEVICE, "firmware", &conf_text, DEV(device.firmware), .def = "",
      .help = "Version of the firmware. Empty: what the board says." },
    { CONF_DEVICE, "timezone", &conf_zone, AT(CONF_IN_CONF, conf, utc_offset_s), .def = "+08:00",
      .help = "Zone of the times that platforms see: an offset from UTC, or local for the system's zone. Platforms "
              "expect Beijing time." },
    { CONF_DEVICE, "catalog_self", &conf_bool, DEV(device.catalog_self), .def = "no",
      .help = "Whether the catalogue lists the device itself before its channels." },

    { CONF_PLATFORM, "server", &conf_server, AT(CONF_IN_PLATFORM, conf_platform, server_host),
      .example = "127.0.0.1:5060",
      .help = "The platform's SIP server: address or name, with its port unless that is 5060." },
    { CONF_PLATFORM, "id", &conf_id, LINK(agent.server_id), .example = "34020000002000000001",
      .help = "ID of the platform's SIP server." },
    { CONF_PLATFORM, "password", &conf_text, LINK(agent.password), .def = "", .example = "12345678", .secret = true,
      .help = "Password for the registration. Empty: no challenge is answered." },
    { CONF_PLATFORM, "domain", &conf_word, LINK(agent.domain), .def = "",
      .help = "SIP domain. Empty: the first ten digits of the platform's ID." },
    { CONF_PLATFORM, "transport", &conf_choice, LINK(agent.transport), .choice = transports, .def = "udp",
      .help = "Transport of the signalling." },
    { CONF_PLATFORM, "username", &conf_text, LINK(agent.username), .def = "",
      .help = "User name for the registration. Empty: the device's ID." },
    { CONF_PLATFORM, "expires", &conf_uint, LINK(agent.expires_s), .min = 60, .max = 31536000, .def = "86400",
      .help = "Seconds a registration is asked for. The standard's least is 3600." },
    { CONF_PLATFORM, "keepalive_interval", &conf_uint, LINK(agent.keepalive_interval_s), .min = 1, .max = 3600,
      .def = "60", .help = "Seconds from one keepalive to the next." },
    { CONF_PLATFORM, "keepalive_count", &conf_uint, LINK(agent.keepalive_count), .min = 1, .max = 100, .def = "3",
      .help = "Keepalives missed in a row until the platform counts as lost." },
    { CONF_PLATFORM, "local_port", &conf_uint, LINK(local_port), .min = 0, .max = 65535, .def = "0",
      .help = "Local port of the signalling; 0: the kernel chooses." },
    { CONF_PLATFORM, "version", &conf_choice, LINK(agent.edition), .choice = editions, .def = "2016",
      .help = "Edition of GB/T 28181 that the platform speaks." },
    { CONF_PLATFORM, "charset", &conf_charset, LINK(agent.charset), .def = "",
      .help = "Charset of the messages sent. Empty: by version, gb2312 for 2011 and 2016, gb18030 for 2022." },
    { CONF_PLATFORM, "time_sync", &conf_choice, LINK(agent.time_sync), .choice = time_syncs, .def = "event",
      .help = "The platform's clock: off ignores it, event logs it and offers it to the board, set sets the "
              "system's clock." },
    { CONF_PLATFORM, "allow", &conf_cidrs, LINK(agent.allow),
      .count_offset = offsetof(struct conf_platform, agent.nallow),
      .def = "", .help = "Further addresses that requests are accepted from, besides the server's own." },
    { CONF_PLATFORM, "allow_any_port", &conf_bool, LINK(agent.any_port), .def = "no",
      .help = "Whether accepted addresses may send requests from any port." },
    { CONF_PLATFORM, "ptz", &conf_choice, LINK(agent.ptz_deny), .choice = allow_deny, .def = "allow",
      .help = "Whether this platform may move the cameras." },
    { CONF_PLATFORM, "public_address", &conf_address, LINK(agent.public_address), .max = 65535, .def = "",
      .help = "Address, with or without port, to give as Contact. Empty: what the platform sees." },
    { CONF_PLATFORM, "media_address", &conf_address, LINK(agent.media_address), .max = 0, .def = "",
      .help = "Address to give in answers about media. Empty: as Contact." },
    { CONF_PLATFORM, "interface", &conf_word, LINK(interface), .def = "",
      .help = "Network interface to use. Empty: as the routes say." },
    { CONF_PLATFORM, "alarm_latch", &conf_latch, LINK(agent.alarm_latch_s), .max = 86400, .def = "off",
      .help = "How long an alarm input stays silent after an alarm that was not reset: off, a number of seconds, or "
              "strict (until the platform resets it)." },
    { CONF_PLATFORM, "alarm_interval", &conf_uint, LINK(agent.alarm_interval_s), .min = 0, .max = 3600, .def = "5",
      .help = "Least seconds between two alarms of one input." },

    { CONF_CHANNEL, "name", &conf_text, ITEM(name), .def = "", .example = "大门",
      .help = "Name of the channel. Empty: its ID." },
    { CONF_CHANNEL, "source", &conf_source, AT(CONF_IN_CHANNEL, conf_channel, source), .example = "sim:",
      .help = "Where its pictures come from, as BOARD:TEXT. sim: is the clip that ships, sim:/path/to/clip.h264 "
              "another file." },
    { CONF_CHANNEL, "fps", &conf_uint, AT(CONF_IN_CHANNEL, conf_channel, fps), .min = 0, .max = 240, .def = "0",
      .help = "Frames a second; 0: what the board says." },
    { CONF_CHANNEL, "manufacturer", &conf_text, ITEM(manufacturer), .def = "",
      .help = "Manufacturer. Empty: the device's." },
    { CONF_CHANNEL, "model", &conf_text, ITEM(model), .def = "", .help = "Model. Empty: the device's." },
    { CONF_CHANNEL, "owner", &conf_text, ITEM(owner), .def = "", .help = "Owner. Empty: the device's." },
    { CONF_CHANNEL, "civil_code", &conf_word, ITEM(civil_code), .def = "",
      .help = "Administrative division. Empty: the first six digits of the ID." },
    { CONF_CHANNEL, "block", &conf_word, ITEM(block), .def = "", .help = "Police district." },
    { CONF_CHANNEL, "address", &conf_text, ITEM(address), .def = "", .help = "Where it is installed." },
    { CONF_CHANNEL, "parent", &conf_word, ITEM(parent), .def = "", .help = "ID of the parent. Empty: the device's." },
    { CONF_CHANNEL, "longitude", &conf_degrees, ITEM(longitude), .max = 180, .def = "",
      .help = "Longitude in degrees, east positive (WGS-84)." },
    { CONF_CHANNEL, "latitude", &conf_degrees, ITEM(latitude), .max = 90, .def = "",
      .help = "Latitude in degrees, north positive." },
    { CONF_CHANNEL, "ptz_type", &conf_uint, ITEM(ptz_type), .min = 0, .max = 7, .def = "0",
      .help = "Kind of camera: 0 not said, 1 dome, 2 half dome, 3 fixed, 4 bullet with remote control, 5 half dome "
              "with remote control, 6 and 7 multi-lens." },

    { CONF_ALARM, "name", &conf_text, ITEM(name), .def = "", .help = "Name of the alarm input. Empty: its ID." },

    { CONF_MEDIA, "port_min", &conf_uint, DEV(media.port_min), .min = 0, .max = 65535, .def = "0",
      .help = "First local port for media; 0: the kernel chooses." },
    { CONF_MEDIA, "port_max", &conf_uint, DEV(media.port_max), .min = 0, .max = 65535, .def = "0",
      .help = "Last local port for media." },
    { CONF_MEDIA, "max_sessions", &conf_uint, DEV(media.max_sessions), .min = 1, .max = 1024, .def = "32",
      .help = "Sessions at one time, all platforms together; more are answered 486." },
    { CONF_MEDIA, "max_per_channel", &conf_uint, AT(CONF_IN_LINK, conf_link, max_per_channel), .min = 1, .max = 1024,
      .def = "4",
      .help = "Sessions of one channel at one platform; a further one replaces the oldest." },
    { CONF_MEDIA, "pacing", &conf_choice, DEV(media.pacing), .choice = pacings, .def = "loop",
      .help = "Large pictures: off sends each at once, loop spreads it over up to half the frame interval." },
    { CONF_MEDIA, "media_allow", &conf_cidrs, AT(CONF_IN_LINK, conf_link, allow),
      .count_offset = offsetof(struct conf_link, nallow),
      .def = "", .help = "Loopback, link-local or own addresses that media may be sent to all the same." },

    { CONF_CONTROL, "socket", &conf_path, DEV(control_socket), .def = GBAGENT_RUNDIR "/gbagent.sock",
      .help = "Its path." },

    { CONF_LOG, "level", &conf_level, DEV(log_level), .def = "info", .help = "How much is logged." },
    { CONF_LOG, "target", &conf_target, DEV(log_target), .def = "stderr",
      .help = "Where to: stderr (in the background that is syslog), syslog, or the path of a file." },
};

const size_t conf_key_count = sizeof(conf_key_table) / sizeof(conf_key_table[0]);
_Static_assert(sizeof(conf_key_table) / sizeof(conf_key_table[0]) <= CONF_KEYS_MAX, "CONF_KEYS_MAX");
