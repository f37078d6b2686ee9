/* SPDX-License-Identifier: MIT */
/* Data exchanged between an agent and its owner: packets and events out, answers and alarms in. */
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

enum agent_state {
    AGENT_DOWN,
    AGENT_CONNECTING,
    AGENT_REGISTERING,
    AGENT_ONLINE,
    AGENT_WAITING,
    AGENT_STOPPING,
    AGENT_STOPPED
};
const char *agent_state_name(enum agent_state s);

/* ---- packets ---------------------------------------------------------------------------- */

/* `link`: number of a socket or connection of the owner; 0 = none. Responses go to the link of their request. */
struct agent_packet {
    uint32_t link;
    struct addr to;
    const char *data; /* borrowed until the next call on this agent */
    size_t len;
};

/* ---- events ----------------------------------------------------------------------------- */

enum agent_event_kind {
    AGENT_LINK_WANTED, /* resolve the server, open the socket or connect, then agent_link_up / _failed */
    AGENT_LINK_DONE,   /* the agent has stopped: close the link and free the agent when convenient */
    AGENT_REGISTERED,
    AGENT_OFFLINE,      /* why */
    AGENT_CALL_OFFER,   /* open the media socket, then agent_call_accept / _reject */
    AGENT_CALL_START,   /* ACK received: send media, starting with a key frame */
    AGENT_CALL_STOP,    /* the call has ended (why): free its media; its number is never reused */
    AGENT_CALL_CONTROL, /* MANSRTSP of a running call (TEARDOWN is a CALL_STOP); answer with agent_call_control_done */
    AGENT_CONTROL,      /* a DeviceControl for the board; token != 0: answer with agent_reply_result */
    AGENT_CONFIG,       /* a block of DeviceConfig to apply and store; answer with agent_reply_result */
    AGENT_QUERY,        /* answer with agent_reply_*, depending on its kind */
    AGENT_TIME,         /* the platform's clock */
    AGENT_NOTIFIED,     /* the outcome of agent_notify_upgrade: u.notified */
};

enum agent_query_kind {
    AGENT_QUERY_STATUS,  /* agent_reply_status */
    AGENT_QUERY_SETTING, /* agent_reply_setting: the block u.query.block */
    AGENT_QUERY_HEAD,    /* agent_reply_head */
    AGENT_QUERY_GEO,     /* agent_reply_geo */
    AGENT_QUERY_STORAGE, /* agent_reply_storage */
    AGENT_QUERY_RECORDS, /* agent_reply_records: the items of one page, from u.query.skip on, at most u.query.max */
};

enum agent_stop_reason {
    CALL_STOP_BYE,
    CALL_STOP_CANCEL,
    CALL_STOP_NO_ACK,
    CALL_STOP_REPLACED,
    CALL_STOP_OFFLINE,
    CALL_STOP_TEARDOWN,
    CALL_STOP_SHUTDOWN,
    CALL_STOP_LOCAL,
    CALL_STOP_REJECTED,
};

struct agent_event {
    enum agent_event_kind kind;
    const char *why;     /* OFFLINE, CALL_STOP: text for logs and status */
    uint32_t call;       /* CALL_*: number of the call, unique within the mux for its lifetime */
    uint32_t token;      /* CALL_CONTROL, CONTROL, CONFIG, QUERY, NOTIFIED */
    const char *channel; /* CALL_OFFER, CONTROL, CONFIG, QUERY: item ID ("" = the device) */
    union {
        struct {
            bool fresh_port;  /* LINK_WANTED: choose another local port, after three registrations without answer */
            const char *host; /* of the server redirected to, a name or address; NULL: the configured one */
            uint16_t port;
        } link;
        const struct sdp_offer *offer; /* CALL_OFFER */
        struct {
            uint32_t ssrc;
            uint8_t payload_type;         /* of the accepted format */
        } start;                          /* CALL_START */
        enum agent_stop_reason stop;      /* CALL_STOP */
        struct mansrtsp rtsp;             /* CALL_CONTROL */
        const struct gb_control *control; /* CONTROL */
        const struct gb_setting *setting; /* CONFIG */
        int notified;                     /* NOTIFIED: 0 delivered, -EPROTO refused, other -errno: not delivered */
        struct {
            enum agent_query_kind kind;
            enum gb_block block;                      /* SETTING */
            const struct board_record_query *records; /* RECORDS */
            unsigned skip, max;
        } query;
        struct {
            int64_t unix_ms;
            bool set; /* time_sync = set: set the clock */
        } time;
    } u;
};

/* ---- input -------------------------------------------------------------------------------- */

#define AGENT_FILE_ID_SIZE 42u /* SnapShotFileID: 41 characters and NUL */

/* The media that accepts an offer. */
struct call_answer {
    struct addr local;      /* our media port, and the IP it sends from; unspecified or no family: unknown */
    enum sdp_format format; /* PS, or H264 or H265 if PS was not offered */
    uint64_t file_size;     /* bytes, of a Download; 0 unknown */
    const char *f;          /* text of f=; NULL none */
};

struct agent_status_reply {
    bool ok;
    char reason[64];
    int encode, record; /* 1 on, 0 off, -1 unknown (left out) */
};

struct agent_alarm {
    char id[GBID_SIZE]; /* alarm input or channel; "" = the device */
    unsigned method, type, event_type, priority;
    char description[DEVICE_TEXT];
};

struct agent_snapshot_done {
    const char *device_id, *session; /* as in the command */
    const char (*file)[AGENT_FILE_ID_SIZE];
    unsigned nfiles; /* uploaded */
};

struct agent_upgrade_done {
    const char *device_id, *session;
    const char *firmware; /* running version */
    unsigned reason;      /* 0 OK, 1 download timed out, 2 package damaged, 3 system error, 99 other */
};

#endif
