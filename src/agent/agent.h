/* SPDX-License-Identifier: MIT */
/*
 * One link between the device and one platform, as a state machine without I/O: messages, "now" and random numbers
 * go in; packets and events come out of queues. Nothing here calls the kernel, and nothing calls upwards.
 *
 * The shell's turn:   mux_input / agent_* verbs  ->  mux_ready until NULL: agent_next_packet until none,
 *                     agent_next_event until none  ->  sleep until mux_deadline  ->  mux_tick.
 *
 * Strings and spans in events and packets are borrowed until the next call on the same agent.
 * Verbs return 0 or a negative errno; a call or token that is gone is -ENOENT and otherwise ignored.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/charset.h"
#include "codec/gbid.h"
#include "codec/mansrtsp.h"
#include "codec/sdp.h"
#include "device/device.h"
#include "gbagent/board.h"
#include "gbagent/control.h"
#include "gbagent/settings.h"
#include "manscdp/edition.h"
#include "sip/transport.h"
#include "util/addr.h"
#include "util/walltime.h"

struct agent;
struct mux;

enum agent_time_sync { AGENT_TIME_OFF, AGENT_TIME_EVENT, AGENT_TIME_SET };
enum agent_alarm_notify { ALARM_NOTIFY_AUTO, ALARM_NOTIFY_MESSAGE, ALARM_NOTIFY_BOTH };
enum agent_position_format { POSITION_FLAT, POSITION_LIST };
enum agent_note { AGENT_NOTE_OFF, AGENT_NOTE_MD5, AGENT_NOTE_SHA1, AGENT_NOTE_SHA256 };

#define AGENT_SERVER_ADDRS_MAX 8u
#define AGENT_CIDRS_MAX 16u
#define AGENT_FILE_ID_SIZE 42u          /* SnapShotFileID: 41 characters and NUL */
#define AGENT_LATCH_OFF 0u
#define AGENT_LATCH_STRICT UINT32_MAX
#define AGENT_POLICY_CONFIG GB_CONTROL_TIME     /* control_deny: DeviceConfig, in the place of what no DeviceControl is */

struct agent_config {
    char name[48];                      /* of the config section, for logs and status */
    char server_id[GBID_SIZE];
    char server_host[128];              /* as configured, without port; for URIs when domain is "host" style */
    uint16_t server_port;               /* only compared: another one is another server */
    char domain[128];                   /* "" = first ten digits of server_id */
    char username[64];                  /* "" = the device ID */
    char password[128];
    bool sha256_only;                   /* a challenge of MD5 is not answered */
    enum sip_transport transport;
    uint32_t expires_s;                 /* asked for; default 86400 */
    uint32_t keepalive_interval_s;      /* default 60 */
    uint32_t keepalive_count;           /* misses until offline; default 3 */
    enum gb_edition edition;            /* default 2016 */
    enum charset charset;
    bool charset_by_edition;            /* nobody chose it: it follows when the platform speaks an older edition */
    enum agent_time_sync time_sync;
    struct cidr allow[AGENT_CIDRS_MAX]; /* further accepted sources */
    unsigned nallow;
    enum agent_note note_digest;        /* Note and Date in every request but REGISTER, both ways; 2016 annex H */
    char note_seed[128];                /* the secret shared with the platform */
    uint32_t note_window_s;             /* how far a Date may be off */
    bool any_port;                      /* accept requests from any port of an accepted address */
    bool ptz_deny;
    bool order_from_any;                /* orders are taken whoever their From names */
    uint32_t control_deny;              /* orders this platform may not give: a bit of each enum gb_control_kind */
    uint32_t control_interval_s;        /* least time between two TeleBoot, FormatSDCard or DeviceUpgrade of a kind */
    uint32_t config_interval_s;         /* least time between two DeviceConfig */
    uint32_t ptz_timeout_s;             /* after the registration is lost a move it began is stopped; 0 = never */
    struct addr public_address;         /* forced Contact address, port 0 = the local one; family 0 = learn */
    struct addr media_address;          /* forced c= of answers; family 0 = as Contact without a learnt port */
    uint32_t alarm_latch_s;             /* AGENT_LATCH_OFF, seconds, AGENT_LATCH_STRICT */
    uint32_t alarm_interval_s;          /* least time between two alarms of one item and one AlarmMethod */
    enum agent_alarm_notify alarm_notify;       /* to subscribers alone when there are any, by MESSAGE alone, or both */
    bool alarm_requires_guard;          /* alarms are sent only while the platforms have set the guard */
    enum agent_position_format position_format; /* of MobilePosition: 2016 flat or 2022 list */
    uint32_t notify_batch_s;            /* changes of the catalogue are collected for so long */
    bool subscribe_body;                /* a Response body in the 200 to SUBSCRIBE (2016 samples) */
    uint32_t max_per_channel;           /* sessions of one channel on this link; default 4 */
    struct cidr media_allow[AGENT_CIDRS_MAX];
    unsigned nmedia_allow;
};

/* ---- packets ---------------------------------------------------------------------------- */

/* `link` names a socket or connection of the shell; 0 = none. Messages come in from one and responses go back to it. */
struct agent_packet {
    uint32_t link;
    struct addr to;
    const char *data;                   /* borrowed until the next call on this agent */
    size_t len;
};

/* ---- events ----------------------------------------------------------------------------- */

enum agent_event_kind {
    AGENT_LINK_WANTED,      /* resolve the server, open the socket or connect, then agent_link_up / _failed */
    AGENT_LINK_DONE,        /* the agent has stopped: close the link and free the agent when convenient */
    AGENT_REGISTERED,
    AGENT_OFFLINE,          /* why */
    AGENT_CALL_OFFER,       /* open the media socket, then agent_call_accept / _reject */
    AGENT_CALL_START,       /* ACK came: send media, an IDR first */
    AGENT_CALL_STOP,        /* the call is gone (why): free its media; the number is dead */
    AGENT_CALL_CONTROL,     /* MANSRTSP of a running call (TEARDOWN is a CALL_STOP); answer with agent_call_control_done */
    AGENT_CONTROL,          /* a DeviceControl for the board; token != 0: answer with agent_reply_result */
    AGENT_CONFIG,           /* a block of DeviceConfig to apply and keep; answer with agent_reply_result */
    AGENT_QUERY,            /* answer with the agent_reply_* of its kind */
    AGENT_TIME,             /* the platform's clock */
    AGENT_NOTIFIED,         /* what agent_notify_upgrade queued has ended: u.notified */
};

enum agent_query_kind {
    AGENT_QUERY_STATUS,     /* agent_reply_status */
    AGENT_QUERY_SETTING,    /* agent_reply_setting: the block u.query.block */
    AGENT_QUERY_HEAD,       /* agent_reply_head */
    AGENT_QUERY_GEO,        /* agent_reply_geo */
    AGENT_QUERY_STORAGE,    /* agent_reply_storage */
    AGENT_QUERY_RECORDS,    /* agent_reply_records: one page, from u.query.skip on, at most u.query.max */
};

enum agent_stop_reason {
    CALL_STOP_BYE, CALL_STOP_CANCEL, CALL_STOP_NO_ACK, CALL_STOP_REPLACED, CALL_STOP_OFFLINE, CALL_STOP_TEARDOWN,
    CALL_STOP_SHUTDOWN, CALL_STOP_LOCAL, CALL_STOP_REJECTED,
};

struct agent_event {
    enum agent_event_kind kind;
    const char *why;                    /* OFFLINE, CALL_STOP: text for logs and status */
    uint32_t call;                      /* CALL_*: number of the call, unique within the mux for its lifetime */
    uint32_t token;                     /* QUERY, CALL_CONTROL */
    const char *channel;                /* CALL_OFFER, CONTROL, QUERY: item ID ("" = the device) */
    union {
        struct {
            bool fresh_port;            /* LINK_WANTED: three silent failures, choose another local port */
            const char *host;           /* a server that the platform redirected to: name or literal; NULL: the config's */
            uint16_t port;
        } link;
        const struct sdp_offer *offer;  /* CALL_OFFER */
        enum agent_stop_reason stop;    /* CALL_STOP */
        struct mansrtsp rtsp;           /* CALL_CONTROL */
        const struct gb_control *control;       /* CONTROL */
        const struct gb_setting *setting;       /* CONFIG */
        int notified;                           /* NOTIFIED: 0 taken, -EPROTO refused, other: given up */
        struct {
            enum agent_query_kind kind;
            enum gb_block block;                /* SETTING */
            const struct board_record_query *records;   /* RECORDS */
            unsigned skip, max;
        } query;
        struct {
            int64_t unix_ms;
            bool set;                   /* time_sync = set: the clock shall follow */
        } time;
    } u;
};

/* ---- life ------------------------------------------------------------------------------- */

/* `seed`: 32 random bytes; every branch, tag, Call-ID and nonce is drawn from it. */
int mux_new(const uint8_t seed[32], struct mux **out);
void mux_free(struct mux *m);                               /* every agent has been freed */

/* Copies cfg, borrows dev. The agent starts by wanting a link at the first tick. */
int agent_new(struct mux *m, const struct agent_config *cfg, struct device *dev, struct agent **out);
void agent_free(struct agent *a);
/* Reload. 0: taken over in place; 1: the change needs a new registration, which has begun. Running calls stay unless
 * the server changed. */
int agent_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now);
/* BasicParam of this link, taken over in place: the heartbeat from the next keepalive on, the expiration from the next
 * REGISTER. The name is not the link's. Lasts until agent_apply says otherwise. */
void agent_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now);
void *agent_user(const struct agent *a);                    /* the shell's own pointer */
void agent_set_user(struct agent *a, void *user);

/* ---- turning ----------------------------------------------------------------------------- */

/* One datagram or one TCP message. Strangers are counted and otherwise ignored. Returns the agent whose it was, or NULL. */
struct agent *mux_input(struct mux *m, const struct sip_input *in, const struct gb_time *now);
uint64_t mux_deadline(const struct mux *m);                 /* mono ms of the next agent that is due; UINT64_MAX none */
void mux_tick(struct mux *m, const struct gb_time *now);    /* runs the due ones */
struct agent *mux_ready(struct mux *m);                     /* an agent that has packets or events; NULL none */
uint64_t mux_strangers(const struct mux *m);                /* messages refused because of their source */

bool agent_next_packet(struct agent *a, struct agent_packet *out);
bool agent_next_event(struct agent *a, struct agent_event *out);

/* ---- verbs down --------------------------------------------------------------------------- */

/* `local`: the address and port this host sends from (what getsockname says after connect). `server`: every address
 * the name resolved to, the one in use first. Replaces a previous link. */
void agent_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver,
                   const struct gb_time *now);
void agent_link_failed(struct agent *a, const char *why, const struct gb_time *now);    /* could not be opened, or was lost */
/* The network changed (routing socket): check the local address; the shell follows with agent_link_up when it differs. */
void agent_network_changed(struct agent *a, const struct gb_time *now);
/* The shared device changed (device_set_state, device_apply ...): call it for every agent of that device. A channel that
 * has become faulty makes a keepalive go at once. */
void agent_device_changed(struct agent *a, const struct gb_time *now);

/* An offer without PS: the form that the answer names, H264 or H265. Returns its payload type; -ENOTSUP: not offered. */
int agent_call_format(struct agent *a, uint32_t call, enum sdp_format format);
/* a=filesize of the answer, to a Download alone; 0 none. */
int agent_call_file_size(struct agent *a, uint32_t call, uint64_t bytes);
/* `local`: address and port for the answer; an unspecified IP is filled in by the agent. `f`: NULL or the f= text.
 * An error other than -ENOENT has refused the call with 500: its number is dead, CALL_STOP follows not. */
int agent_call_accept(struct agent *a, uint32_t call, const struct addr *local, const char *f, const struct gb_time *now);
int agent_call_reject(struct agent *a, uint32_t call, unsigned status, const struct gb_time *now);
int agent_call_ended(struct agent *a, uint32_t call, const char *why, const struct gb_time *now);   /* BYE; CALL_STOP follows not */
/* A recording was sent to its end: MediaStatus 121 in the dialog, then BYE unless the platform's comes within 5 s.
 * CALL_STOP follows in either case. */
int agent_call_eof(struct agent *a, uint32_t call, const struct gb_time *now);
int agent_call_control_done(struct agent *a, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now);

struct agent_status_reply {
    bool ok;
    char reason[64];
    int encode, record;                 /* 1 on, 0 off, -1 not known (left out) */
};
int agent_reply_status(struct agent *a, uint32_t token, const struct agent_status_reply *r, const struct gb_time *now);
/* GEO, HEAD and STORAGE: NULL = not known. */
int agent_reply_geo(struct agent *a, uint32_t token, const struct board_geo *geo, const struct gb_time *now);
int agent_reply_head(struct agent *a, uint32_t token, const struct board_head *head, const struct gb_time *now);
int agent_reply_storage(struct agent *a, uint32_t token, const struct board_card *card, unsigned ncards,
                        const struct gb_time *now);
/* SETTING: err 0 and the block that was asked for, or a negative errno and NULL: ERROR. */
int agent_reply_setting(struct agent *a, uint32_t token, int err, const struct gb_setting *setting,
                        const struct gb_time *now);
/* RECORDS: `n` records from the one that was asked for on, in order of time, and how many there are in all; err: a
 * negative errno instead. */
int agent_reply_records(struct agent *a, uint32_t token, int err, const struct board_record *records, unsigned n,
                        unsigned total, const struct gb_time *now);
/* CONTROL and CONFIG: err 0 says OK, a negative errno ERROR. */
int agent_reply_result(struct agent *a, uint32_t token, int err, const struct gb_time *now);

struct agent_alarm {
    char id[GBID_SIZE];                 /* alarm input or channel; "" = the device */
    unsigned method, type, event_type, priority;
    char description[DEVICE_TEXT];
};
/* 0 queued; -EINVAL what A.2.5 does not have (priority, or method, type and event together), -ENOENT no such item,
 * -EAGAIN held back (latch or least interval), -EPERM the guard is not set, -ENETDOWN not registered, -ENOSPC queue full. */
int agent_alarm(struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* What agent_alarm would say now, but for -ENOMEM; nothing is sent. */
int agent_alarm_check(struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* VideoUploadNotify (2022) of a channel, "" = the device; geo NULL: what the config says of its place. -ENOTSUP: the
 * link is of an older edition; -ENETDOWN not registered, -ENOENT no such channel. */
int agent_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now);

/* UploadSnapShotFinished and DeviceUpgradeResult: queued, tried again, sent after the next registration when there is
 * none now. -ENOSPC too many wait, -ENOMEM. */
struct agent_snapshot_done {
    const char *device_id, *session;    /* as in the order */
    const char (*file)[AGENT_FILE_ID_SIZE];
    unsigned nfiles;                    /* those that arrived */
};
int agent_notify_snapshot(struct agent *a, const struct agent_snapshot_done *done, const struct gb_time *now);
struct agent_upgrade_done {
    const char *device_id, *session;
    const char *firmware;               /* that runs */
    unsigned reason;                    /* 0 OK, 1 download timed out, 2 package damaged, 3 system error, 99 other */
};
/* *token: what AGENT_NOTIFIED will name. */
int agent_notify_upgrade(struct agent *a, const struct agent_upgrade_done *done, uint32_t *token, const struct gb_time *now);

/* BYE for the calls, unregister; AGENT_LINK_DONE when finished or at the deadline (mono ms). */
void agent_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now);

/* ---- looking ------------------------------------------------------------------------------ */

enum agent_state { AGENT_DOWN, AGENT_CONNECTING, AGENT_REGISTERING, AGENT_ONLINE, AGENT_WAITING, AGENT_STOPPING, AGENT_STOPPED };
const char *agent_state_name(enum agent_state s);

struct agent_status {
    enum agent_state state;
    uint64_t since_ms;                  /* mono */
    uint64_t next_retry_ms;             /* mono; 0 none */
    char last_error[96];
    struct addr local, server, public_address;      /* family 0 = not known */
    uint32_t registrations, keepalives, keepalive_misses, calls;
    uint64_t refused;                   /* requests answered 403 and the like */
    uint64_t unsigned_requests;         /* of these, the ones whose Note was missing or wrong */
    char server_id[GBID_SIZE];          /* of the server in use, which may be one redirected to */
    enum gb_edition edition;            /* in use: the older of ours and the platform's */
};
void agent_get_status(const struct agent *a, struct agent_status *out);
/* In force: server_id, edition and charset are those in use, the rest is what was configured. */
const struct agent_config *agent_get_config(const struct agent *a);
/* An address that requests are accepted from: the server's, or one that `allow` names. */
bool agent_accepts_ip(const struct agent *a, const struct addr *from);

struct agent_call_info {
    uint32_t call;
    char channel[GBID_SIZE];
    char session_name[32];
    uint32_t ssrc;
    struct addr media;
    bool tcp, running;
};
/* index 0..; false past the last. */
bool agent_call_at(const struct agent *a, unsigned index, struct agent_call_info *out);
bool agent_call_find(const struct agent *a, uint32_t call, struct agent_call_info *out);

#endif
