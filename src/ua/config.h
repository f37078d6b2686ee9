/* SPDX-License-Identifier: MIT */
/* Configuration of one platform's user agent. */
#ifndef UA_CONFIG_H
#define UA_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/charset.h"
#include "codec/gbid.h"
#include "gbagent/control.h"
#include "manscdp/edition.h"
#include "sip/transport.h"
#include "util/addr.h"

enum agent_time_sync { AGENT_TIME_OFF, AGENT_TIME_EVENT, AGENT_TIME_SET };
enum agent_alarm_notify { ALARM_NOTIFY_AUTO, ALARM_NOTIFY_MESSAGE, ALARM_NOTIFY_BOTH };
enum agent_position_format { POSITION_FLAT, POSITION_LIST };
enum agent_note { AGENT_NOTE_OFF, AGENT_NOTE_MD5, AGENT_NOTE_SHA1, AGENT_NOTE_SHA256 };

#define AGENT_SERVER_ADDRS_MAX 8u
#define AGENT_CIDRS_MAX        16u
#define AGENT_LATCH_OFF        0u
#define AGENT_LATCH_STRICT     UINT32_MAX

struct agent_config {
    char name[48]; /* of the config section, for logs and status */
    char server_id[GBID_SIZE];
    char server_host[128]; /* as configured, without port; SIP domain if server_id is too short */
    uint16_t server_port;  /* only compared on reload */
    char domain[128];      /* "" = first ten digits of server_id */
    char username[64];     /* "" = the device ID */
    char password[128];
    bool sha256_only; /* do not answer MD5 challenges */
    enum sip_transport transport;
    uint32_t expires_s;            /* requested; default 86400 */
    uint32_t keepalive_interval_s; /* default 60 */
    uint32_t keepalive_count;      /* misses until offline; default 3 */
    enum gb_edition edition;       /* default 2016 */
    enum charset charset;
    bool charset_by_edition; /* not configured: changes with the edition in use */
    enum agent_time_sync time_sync;
    struct cidr allow[AGENT_CIDRS_MAX]; /* additional accepted sources */
    unsigned nallow;
    enum agent_note note_digest; /* Note and Date in all requests except REGISTER, both ways; 2016 annex H */
    char note_seed[128];         /* the secret shared with the platform */
    uint32_t note_window_s;      /* accepted difference of a Date */
    bool any_port;               /* accept requests from any port of an accepted address */
    bool ptz_deny;
    bool control_from_any;       /* accept control commands regardless of their From */
    uint32_t control_deny;       /* refused control commands, bit mask by enum gb_control_kind */
    bool config_deny;            /* refuse DeviceConfig */
    uint32_t control_interval_s; /* minimum between two TeleBoot, FormatSDCard or DeviceUpgrade of a kind */
    uint32_t config_interval_s;  /* minimum between two DeviceConfig */
    uint32_t ptz_timeout_s;      /* from the loss of the registration until a move is stopped; 0 = never stopped */
    struct addr public_address;  /* forced Contact address, port 0 = the local one; family 0 = learn */
    struct addr media_address;   /* forced c= of answers; family 0 = see ua_media_addr */
    uint32_t alarm_latch_s;      /* AGENT_LATCH_OFF, seconds, AGENT_LATCH_STRICT */
    uint32_t alarm_interval_s;   /* minimum between two alarms of the same item and AlarmMethod */
    enum agent_alarm_notify alarm_notify;       /* to subscribers only if there are any, by MESSAGE only, or both */
    bool alarm_requires_guard;                  /* alarms are sent only while the guard is set */
    enum agent_position_format position_format; /* of MobilePosition: 2016 flat or 2022 list */
    uint32_t notify_batch_s;                    /* how long catalog changes are collected */
    bool subscribe_body;                        /* a Response body in the 200 to SUBSCRIBE (2016 samples) */
    uint32_t max_per_channel;                   /* calls per channel on this platform; default 4 */
    struct cidr media_allow[AGENT_CIDRS_MAX];
    unsigned nmedia_allow;
};

#endif
