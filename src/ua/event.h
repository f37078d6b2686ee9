/* SPDX-License-Identifier: MIT */
/* What passes between an agent and its owner: packets and events out, answers and alarms in. */
#ifndef UA_EVENT_H
#define UA_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/gbid.h"
#include "codec/mansrtsp.h"
#include "codec/sdp.h"
#include "device/device.h"
#include "gbagent/board.h"
#include "gbagent/control.h"
#include "gbagent/settings.h"
#include "util/addr.h"

enum agent_state { AGENT_DOWN, AGENT_CONNECTING, AGENT_REGISTERING, AGENT_ONLINE, AGENT_WAITING, AGENT_STOPPING, AGENT_STOPPED };
const char *agent_state_name(enum agent_state s);

/* ---- packets ---------------------------------------------------------------------------- */

/* `link` names a socket or connection of the owner; 0 = none. Messages come in from one and responses go back to it. */
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
        struct {
            uint32_t ssrc;
            uint8_t payload_type;       /* of the format that was answered */
        } start;                        /* CALL_START */
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

/* ---- what goes in ------------------------------------------------------------------------- */

#define AGENT_FILE_ID_SIZE 42u          /* SnapShotFileID: 41 characters and NUL */

/* How an offer is accepted. */
struct call_answer {
    struct addr local;                  /* media's port here, and the IP it leaves by; unspecified or no family: not known */
    enum sdp_format format;             /* PS, or of an offer without it H264 or H265 */
    uint64_t file_size;                 /* bytes, told of a Download alone; 0 not known */
    const char *f;                      /* text of f=; NULL none */
};

struct agent_status_reply {
    bool ok;
    char reason[64];
    int encode, record;                 /* 1 on, 0 off, -1 not known (left out) */
};

struct agent_alarm {
    char id[GBID_SIZE];                 /* alarm input or channel; "" = the device */
    unsigned method, type, event_type, priority;
    char description[DEVICE_TEXT];
};

struct agent_snapshot_done {
    const char *device_id, *session;    /* as in the order */
    const char (*file)[AGENT_FILE_ID_SIZE];
    unsigned nfiles;                    /* those that arrived */
};

struct agent_upgrade_done {
    const char *device_id, *session;
    const char *firmware;               /* that runs */
    unsigned reason;                    /* 0 OK, 1 download timed out, 2 package damaged, 3 system error, 99 other */
};

/* ---- for status ---------------------------------------------------------------------------- */

struct agent_call_info {
    uint32_t call;
    char channel[GBID_SIZE];
    char session_name[32];
    uint32_t ssrc;
    struct addr media;
    bool tcp, running;
};

#endif
