/* SPDX-License-Identifier: MIT */
#include "conf/conf_priv.h"

#include <stddef.h>

#define SIZE_OF(s, f) sizeof(((struct s *)0)->f)
#define AT(b, s, f) .base = b, .offset = offsetof(struct s, f), .size = SIZE_OF(s, f)
#define DEV(f) AT(CONF_IN_CONF, conf, f)
#define LINK(f) AT(CONF_IN_PLATFORM, conf_platform, f)
#define ITEM(f) AT(CONF_IN_ITEM, device_item_config, f)
#define CHANNEL(f) AT(CONF_IN_CHANNEL, conf_channel, f)
#define INFO(i) ITEM(info[CATALOG_##i])

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
    [CONF_AUDIO] = { "audio", CONF_BY_ID,
        "An audio output (loudspeaker), by its 20-digit ID (type 137). Platforms take it for leave to broadcast: only for "
        "a device that can play audio.", "34020000001370000001", true },
    [CONF_MEDIA] = { "media", CONF_UNNAMED, "Media, for all platforms.", NULL, false },
    [CONF_CONTROL] = { "control", CONF_UNNAMED, "The socket that gbagentctl talks to.", NULL, false },
    [CONF_HTTP] = { "http", CONF_UNNAMED,
        "Pictures that platforms order are uploaded, and firmware is downloaded, by HTTP or HTTPS.", NULL, false },
    [CONF_LOG] = { "log", CONF_UNNAMED, "The log.", NULL, false },
    [CONF_BOARD] = { "board", CONF_NAMED,
        "What a board itself wants to know, by its name in source = NAME:. Which keys there are is the board's: gbagentd "
        "--print-config shows those of the boards that are built in.", NULL, false },
};

static const char *const transports[] = { "udp", "tcp", NULL };
static const char *const editions[] = { "2011", "2016", "2022", NULL };
static const char *const time_syncs[] = { "off", "event", "set", NULL };
static const char *const notes[] = { "off", "md5", "sha1", "sha256", NULL };
static const char *const algorithms[] = { "md5", "sha-256", NULL };
static const char *const order_froms[] = { "platform", "any", NULL };
static const char *const allow_deny[] = { "allow", "deny", NULL };
static const char *const uploads[] = { "put", "post", "multipart", NULL };
static const char *const security_levels[] = { "none", "A", "B", "C", NULL };
static const char *const alarm_notifies[] = { "auto", "message", "both", NULL };
static const char *const position_formats[] = { "flat", "list", NULL };
static const char *const pacings[] = { "off", "loop", "kernel", NULL };
static const char *const sends[] = { "auto", "gso", "mmsg", "msg", NULL };
static const char *const rtcps[] = { "off", "udp", "all", NULL };
static const char *const framings[] = { "rfc4571", "interleaved", NULL };

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
    { CONF_DEVICE, "settings", &conf_maybe_path, DEV(settings_path), .def = GBAGENT_STATEDIR "/settings",
      .help = "File that keeps what platforms set (OSD, plans, names, heartbeat ...) over restarts. Its folder must be "
              "there. Empty: kept in memory only. What a platform set holds until the config says something else for "
              "the same thing than it did then." },

    { CONF_PLATFORM, "server", &conf_server, AT(CONF_IN_PLATFORM, conf_platform, server_host),
      .example = "127.0.0.1:5060",
      .help = "The platform's SIP server: address or name, with its port unless that is 5060." },
    { CONF_PLATFORM, "id", &conf_id, LINK(agent.server_id), .example = "34020000002000000001",
      .help = "ID of the platform's SIP server." },
    { CONF_PLATFORM, "password", &conf_text, LINK(agent.password), .def = "", .example = "12345678", .secret = true,
      .help = "Password for the registration. Empty: no challenge is answered." },
    { CONF_PLATFORM, "min_algorithm", &conf_choice, LINK(agent.sha256_only), .choice = algorithms, .def = "md5",
      .help = "Weakest digest that is answered when the platform asks for credentials: md5 or sha-256. Platforms of "
              "2016 and before know md5 alone." },
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
      .help = "Keepalives missed in a row (10 s without an answer; the next ones follow every 5 s) until REGISTER is sent "
              "anew. Unless that is answered within 10 s the platform counts as lost." },
    { CONF_PLATFORM, "local_port", &conf_uint, LINK(local_port), .min = 0, .max = 65535, .def = "0",
      .help = "Local port of the signalling; 0: the kernel chooses." },
    { CONF_PLATFORM, "version", &conf_choice, LINK(agent.edition), .choice = editions, .def = "2016",
      .help = "Newest edition of GB/T 28181 to speak with the platform; one that tells an older one (X-GB-Ver) is "
              "spoken to in that." },
    { CONF_PLATFORM, "charset", &conf_charset, LINK(agent.charset), .def = "",
      .help = "Charset of the messages sent. Empty: by version, gb2312 for 2011 and 2016, gb18030 for 2022." },
    { CONF_PLATFORM, "note_digest", &conf_choice, LINK(agent.note_digest), .choice = notes, .def = "off",
      .help = "Signalling digest (2016, annex H): every request but REGISTER carries Note and Date, and the platform's "
              "are refused with 403 without the right ones." },
    { CONF_PLATFORM, "note_seed", &conf_text, LINK(agent.note_seed), .def = "", .secret = true,
      .help = "The secret that the signalling digest shares with the platform." },
    { CONF_PLATFORM, "note_window", &conf_uint, LINK(agent.note_window_s), .min = 10, .max = 86400, .def = "600",
      .help = "Seconds that the Date of a signed request may be off." },
    { CONF_PLATFORM, "time_sync", &conf_choice, LINK(agent.time_sync), .choice = time_syncs, .def = "event",
      .help = "The platform's clock: off ignores it, event logs it and offers it to the board, set sets the "
              "system's clock." },
    { CONF_PLATFORM, "allow", &conf_cidrs, LINK(agent.allow),
      .count_offset = offsetof(struct conf_platform, agent.nallow),
      .def = "", .help = "Further addresses that requests are accepted from, besides the server's own." },
    { CONF_PLATFORM, "allow_any_port", &conf_bool, LINK(agent.any_port), .def = "no",
      .help = "Whether accepted addresses may send requests from any port." },
    { CONF_PLATFORM, "order_from", &conf_choice, LINK(agent.order_from_any), .choice = order_froms, .def = "platform",
      .help = "Whose orders are obeyed: platform takes DeviceControl and DeviceConfig only when their From is the platform's "
              "ID, any from whoever may send requests at all. A stop is obeyed in either case." },
    { CONF_PLATFORM, "ptz", &conf_choice, LINK(agent.ptz_deny), .choice = allow_deny, .def = "allow",
      .help = "Whether this platform may move the cameras." },
    { CONF_PLATFORM, "ptz_timeout", &conf_uint, LINK(agent.ptz_timeout_s), .min = 0, .max = 86400, .def = "0",
      .help = "Seconds after the registration is lost until a move that this platform began is stopped; 0: never." },
    { CONF_PLATFORM, "control_deny", &conf_commands, LINK(agent.control_deny), .def = "",
      .help = "Orders that this platform may not give." },
    { CONF_PLATFORM, "control_interval", &conf_uint, LINK(agent.control_interval_s), .min = 0, .max = 86400, .def = "60",
      .help = "Least seconds between two TeleBoot, two FormatSDCard or two DeviceUpgrade of this platform." },
    { CONF_PLATFORM, "config_interval", &conf_uint, LINK(agent.config_interval_s), .min = 0, .max = 86400, .def = "0",
      .help = "Least seconds between two DeviceConfig of this platform." },
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
      .help = "Least seconds between two alarms of one channel or input and one AlarmMethod." },
    { CONF_PLATFORM, "alarm_notify", &conf_choice, LINK(agent.alarm_notify), .choice = alarm_notifies, .def = "auto",
      .help = "How alarms go: auto by NOTIFY when the platform has subscribed to them and by MESSAGE otherwise, message "
              "by MESSAGE alone, both by NOTIFY to subscribers and by MESSAGE." },
    { CONF_PLATFORM, "alarm_requires_guard", &conf_bool, LINK(agent.alarm_requires_guard), .def = "no",
      .help = "Whether alarms are sent only while a platform has set the guard (GuardCmd)." },
    { CONF_PLATFORM, "notify_batch", &conf_uint, LINK(agent.notify_batch_s), .min = 0, .max = 3600, .def = "1",
      .help = "Seconds that changes of the catalogue are collected before subscribers hear of them; what has come and "
              "gone by then is left out." },
    { CONF_PLATFORM, "position_format", &conf_choice, LINK(agent.position_format), .choice = position_formats,
      .def = "flat",
      .help = "Form of MobilePosition: flat as in 2016, which every platform reads, or list as in 2022." },
    { CONF_PLATFORM, "subscribe_body", &conf_bool, LINK(agent.subscribe_body), .def = "no",
      .help = "Whether the answer to a SUBSCRIBE has a body, as in the samples of 2016." },

    { CONF_CHANNEL, "name", &conf_text, ITEM(name), .def = "", .example = "大门",
      .help = "Name of the channel. Empty: its ID." },
    { CONF_CHANNEL, "source", &conf_source, CHANNEL(source), .example = "sim:",
      .help = "Where its pictures come from, as BOARD:TEXT. sim: is the clip that ships, sim:/path/to/clip.h264 "
              "another file; of several, with commas between them, one is played after the other." },
    { CONF_CHANNEL, "source1", &conf_source, CHANNEL(substream[0]), .def = "",
      .help = "Where its sub stream 1 comes from, of the same board. Empty: the board decides; where it has none, the main "
              "stream serves." },
    { CONF_CHANNEL, "source2", &conf_source, CHANNEL(substream[1]), .def = "", .help = "The same for sub stream 2." },
    { CONF_CHANNEL, "source3", &conf_source, CHANNEL(substream[2]), .def = "", .help = "The same for sub stream 3." },
    { CONF_CHANNEL, "audio", &conf_source, CHANNEL(audio), .def = "",
      .help = "Where its sound comes from, of the same board: sim:tone is a tone of 1 kHz, sim:/path/to/sound.pcma a file "
              "(.pcma and .pcmu are G.711, .aac is AAC with ADTS headers, .g7221 is G.722.1). Empty: no sound is sent; "
              "SRS takes AAC alone." },
    { CONF_CHANNEL, "fps", &conf_uint, CHANNEL(fps), .min = 0, .max = 240, .def = "0",
      .help = "Frames a second; 0: what the board says." },
    { CONF_CHANNEL, "picture_timeout", &conf_uint, CHANNEL(picture_timeout_s), .min = 0, .max = 86400, .def = "10",
      .help = "Seconds without a picture after which a source that is watched counts as lost and is opened again, sound or "
              "not; one of few pictures has 5 times the longest interval of the last minute, the first picture 20 s. 0: never." },
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

    { CONF_CHANNEL, "secrecy", &conf_bool, ITEM(secret), .def = "no", .help = "Whether the catalogue calls it secret." },
    { CONF_CHANNEL, "ip_address", &conf_word, ITEM(ip_address), .def = "", .help = "Its IP address, for the catalogue." },
    { CONF_CHANNEL, "port", &conf_uint, ITEM(port), .min = 0, .max = 65535, .def = "0",
      .help = "Its port, for the catalogue; 0: not said." },
    { CONF_CHANNEL, "security_level", &conf_choice, ITEM(security), .choice = security_levels, .def = "none",
      .help = "Level of GB 35114 (2022)." },
    { CONF_CHANNEL, "position_type", &conf_code, INFO(POSITION), .min = 1, .max = 10, .def = "",
      .help = "Kind of place (2016): 1 provincial checkpoint, 2 party or government, 3 station, 4 square, 5 stadium, "
              "6 business, 7 religion, 8 around a school, 9 high crime, 10 main road." },
    { CONF_CHANNEL, "capture_position", &conf_code, INFO(CAPTURE_POSITION), .min = 0, .max = 9999999, .def = "",
      .help = "Kind of place (2022), seven digits of its annex O." },
    { CONF_CHANNEL, "room_type", &conf_code, INFO(ROOM), .min = 1, .max = 2, .def = "",
      .help = "1 outdoors, 2 indoors. Empty, as with all these codes: not said." },
    { CONF_CHANNEL, "use_type", &conf_code, INFO(USE), .min = 1, .max = 3, .def = "",
      .help = "Use (2016): 1 public order, 2 traffic, 3 important place." },
    { CONF_CHANNEL, "imaging_type", &conf_word, INFO(IMAGING), .def = "",
      .help = "Kind of imaging (2022): 1 visible light, 2 thermal, 3 radar, 4 X-ray, 5 depth, 9 other; several with /." },
    { CONF_CHANNEL, "supply_light", &conf_code, INFO(SUPPLY_LIGHT), .min = 1, .max = 9, .def = "",
      .help = "Light: 1 none, 2 infrared, 3 white, 4 laser, 9 other." },
    { CONF_CHANNEL, "direction", &conf_code, INFO(DIRECTION), .min = 1, .max = 8, .def = "",
      .help = "Where it looks: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west." },
    { CONF_CHANNEL, "resolution", &conf_word, INFO(RESOLUTION), .def = "",
      .help = "Resolutions, codes of the f= line or WxH; several with /." },
    { CONF_CHANNEL, "business_group", &conf_word, INFO(BUSINESS_GROUP), .def = "",
      .help = "ID of the business group that it belongs to." },
    { CONF_CHANNEL, "stream_numbers", &conf_word, INFO(STREAMS), .def = "",
      .help = "Streams that it has (2022), as 0/1/2: main, first sub stream ..." },
    { CONF_CHANNEL, "download_speed", &conf_word, INFO(DOWNLOAD_SPEED), .def = "",
      .help = "Speeds of downloads, as 1/2/4." },
    { CONF_CHANNEL, "mobile_type", &conf_code, INFO(MOBILE), .min = 1, .max = 9, .def = "",
      .help = "Of a mobile device (2022): 1 robot, 2 worn on the body, 3 single soldier, 4 vehicle, 5 drone, 9 other." },
    { CONF_CHANNEL, "horizontal_angle", &conf_code, INFO(HORIZONTAL_ANGLE), .min = 1, .max = 360, .def = "",
      .help = "Horizontal angle of view in degrees (2022)." },
    { CONF_CHANNEL, "vertical_angle", &conf_code, INFO(VERTICAL_ANGLE), .min = 1, .max = 360, .def = "",
      .help = "Vertical angle of view in degrees (2022)." },
    { CONF_CHANNEL, "view_distance", &conf_code, INFO(VIEW_DISTANCE), .min = 1, .max = 100000, .def = "",
      .help = "How far it sees, metres (2022)." },
    { CONF_CHANNEL, "grassroots_code", &conf_word, INFO(GRASSROOTS), .def = "",
      .help = "Code of the grass-roots unit (2022). Empty: 000000 where one is required." },
    { CONF_CHANNEL, "point_type", &conf_code, INFO(POINT_TYPE), .min = 1, .max = 9, .def = "",
      .help = "Class of the place (2022): 1, 2, 3, or 9 other. Empty: 9 where one is required." },
    { CONF_CHANNEL, "point_name", &conf_text, INFO(POINT_NAME), .def = "", .help = "What people call the place (2022)." },
    { CONF_CHANNEL, "mac", &conf_word, INFO(MAC), .def = "", .help = "MAC address (2022), as XX-XX-XX-XX-XX-XX." },
    { CONF_CHANNEL, "function_type", &conf_word, INFO(FUNCTION), .def = "",
      .help = "What it recognises (2022): 01 faces, 02 people, 03 vehicles, 04 bicycles, 05 objects, 99 other; several "
              "with /." },
    { CONF_CHANNEL, "encode_type", &conf_word, INFO(ENCODE), .def = "",
      .help = "Video codecs (2022), codes of the f= line: 2 H.264, 5 H.265; several with /." },
    { CONF_CHANNEL, "install_time", &conf_word, INFO(INSTALL_TIME), .def = "",
      .help = "When it was installed (2022), as 2024-01-31T08:00:00." },
    { CONF_CHANNEL, "management_unit", &conf_text, INFO(MANAGEMENT_UNIT), .def = "", .help = "Who runs it (2022)." },
    { CONF_CHANNEL, "contact", &conf_text, INFO(CONTACT), .def = "", .help = "How to reach them (2022)." },
    { CONF_CHANNEL, "record_days", &conf_code, INFO(RECORD_DAYS), .min = 0, .max = 36500, .def = "",
      .help = "Days that recordings are kept (2022)." },
    { CONF_CHANNEL, "industry", &conf_word, INFO(INDUSTRY), .def = "", .help = "Code of the industry (2022)." },

    { CONF_ALARM, "name", &conf_text, ITEM(name), .def = "", .help = "Name of the alarm input. Empty: its ID." },

    { CONF_AUDIO, "name", &conf_text, ITEM(name), .def = "", .help = "Name of the audio output. Empty: its ID." },

    { CONF_MEDIA, "port_min", &conf_uint, DEV(media.port_min), .min = 0, .max = 65535, .def = "0",
      .help = "First local port for media; 0: the kernel chooses." },
    { CONF_MEDIA, "port_max", &conf_uint, DEV(media.port_max), .min = 0, .max = 65535, .def = "0",
      .help = "Last local port for media." },
    { CONF_MEDIA, "max_sessions", &conf_uint, DEV(media.max_sessions), .min = 1, .max = 1024, .def = "32",
      .help = "Sessions at one time, all platforms together; more are answered 486." },
    { CONF_MEDIA, "max_per_channel", &conf_uint, AT(CONF_IN_LINK, conf_link, max_per_channel), .min = 1, .max = 1024,
      .def = "4",
      .help = "Sessions of one channel at one platform; a further one replaces the oldest live one." },
    { CONF_MEDIA, "pacing", &conf_choice, DEV(media.pacing), .choice = pacings, .def = "loop",
      .help = "Large pictures over UDP: off sends each at once, loop spreads it over up to half the frame interval, kernel "
              "leaves that to the kernel where the route's queue is fq (elsewhere as loop)." },
    { CONF_MEDIA, "send", &conf_choice, DEV(media.send), .choice = sends, .def = "auto",
      .help = "System calls for UDP: gso and mmsg take many packets at a time, msg one; auto and gso use what works." },
    { CONF_MEDIA, "tcp_framing", &conf_choice, DEV(media.tcp_framing), .choice = framings, .def = "rfc4571",
      .help = "What stands before each packet on TCP: rfc4571 is what the standard asks for, interleaved is '$' and a channel "
              "as in RTSP." },
    { CONF_MEDIA, "dscp", &conf_uint, DEV(media.dscp), .min = 0, .max = 63, .def = "0",
      .help = "DSCP that media packets carry." },
    { CONF_MEDIA, "rtcp", &conf_choice, DEV(media.rtcp), .choice = rtcps, .def = "udp",
      .help = "Sender reports every 5 seconds: off, udp (on the port after the media's), all (inside TCP media, too)." },
    { CONF_MEDIA, "report_timeout", &conf_uint, DEV(media.report_timeout), .min = 0, .max = 3600, .def = "60",
      .help = "Seconds after which a session ends whose receiver sent reports and stopped; 0: never." },
    { CONF_MEDIA, "max_session_time", &conf_uint, DEV(media.max_session_time), .min = 0, .max = 31536000, .def = "0",
      .help = "Seconds after which every live session ends, and a playback that is paused for so long; 0: never." },
    { CONF_MEDIA, "media_allow", &conf_cidrs, AT(CONF_IN_LINK, conf_link, allow),
      .count_offset = offsetof(struct conf_link, nallow),
      .def = "", .help = "Loopback, link-local or own addresses that media may be sent to all the same." },

    { CONF_CONTROL, "socket", &conf_path, DEV(control_socket), .def = GBAGENT_RUNDIR "/gbagent.sock",
      .help = "Its path." },

    { CONF_HTTP, "allow", &conf_hosts, DEV(http.allow), .def = "",
      .help = "Hosts, addresses and prefixes that platforms may name in URLs, besides their own addresses. Loopback, "
              "link-local and own addresses must stand here as addresses unless the platform is there itself." },
    { CONF_HTTP, "upload", &conf_choice, DEV(http.upload), .choice = uploads, .def = "multipart",
      .help = "How pictures go: multipart posts a form with the named file, post posts the bytes alone, put puts "
              "them at the URL followed by the file's name." },
    { CONF_HTTP, "stall_timeout", &conf_uint, DEV(http.stall_s), .min = 1, .max = 600, .def = "10",
      .help = "Seconds without a byte after which a server has failed." },
    { CONF_HTTP, "ca_file", &conf_text, DEV(http.ca_file), .def = "",
      .help = "Certificates that HTTPS servers are checked against. Empty: the system's." },
    { CONF_HTTP, "upgrade_max", &conf_uint, DEV(http.upgrade_max_mb), .min = 1, .max = 4096, .def = "64",
      .help = "Largest firmware, in MB." },
    { CONF_HTTP, "upgrade_dir", &conf_path, DEV(http.upgrade_dir), .def = GBAGENT_RUNDIR,
      .help = "Folder that firmware is downloaded to; nobody else may write there." },
    { CONF_HTTP, "upgrade_manufacturer", &conf_text, DEV(http.upgrade_manufacturer), .def = "",
      .help = "Manufacturer that an order to upgrade must name. Empty: the device's." },

    { CONF_LOG, "level", &conf_level, DEV(log_level), .def = "info", .help = "How much is logged." },
    { CONF_LOG, "target", &conf_target, DEV(log_target), .def = "stderr",
      .help = "Where to: stderr (in the background that is syslog), syslog, or the path of a file." },
};

const size_t conf_key_count = sizeof(conf_key_table) / sizeof(conf_key_table[0]);
_Static_assert(sizeof(conf_key_table) / sizeof(conf_key_table[0]) <= CONF_KEYS_MAX, "CONF_KEYS_MAX");
