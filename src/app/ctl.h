/* SPDX-License-Identifier: MIT */
/*
 * The control socket: a UNIX stream socket of mode 0600. A client sends one line of text; the daemon answers '+' or '-'
 * followed by text or JSON and closes. Commands:
 *   [json] status | [json] sessions | [json] alarm [ID] [key=value ...] | input ID [on|off|toggle] |
 *   channel ID on|off|defect | idr CHANNEL | notify-upload CHANNEL | reload | log LEVEL | trace [PLATFORM]
 * After the '+' line of `trace` records (trace/record.h) follow until the client disconnects.
 * Replies are rendered from tables of fields, so that text and JSON have the same contents.
 */
#ifndef APP_CTL_H
#define APP_CTL_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "device/device.h"
#include "gbagent/board.h"
#include "http/upgrade.h"
#include "sys/loop.h"
#include "util/addr.h"
#include "util/log.h"

#define CTL_LINE_MAX    512u /* of a request, newline included */
#define CTL_CLIENTS_MAX 8u
#define CTL_TRACES_MAX  4u       /* clients that may follow the SIP trace */
#define CTL_NAME_MAX    48u      /* of a platform, NUL included */
#define CTL_IDLE_US     5000000u /* timeout of clients that neither send nor read */
#define CTL_REPLY_MAX   (8u * 1024u * 1024u)

/* The contents of `status`. `const char *` members are borrowed until the end of the loop turn; NULL is shown as "".
 * Addresses are printed by addr_print(), "" if unknown. */
struct ctl_platform {
    const char *name;
    const char *state; /* agent_state_name */
    uint64_t since_s;  /* seconds in that state */
    char last_error[96];
    uint64_t next_retry_s; /* 0 = none */
    char server[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX], public_address[ADDR_TEXT_MAX];
    uint64_t registrations, keepalives, misses, refused;
    uint64_t unsigned_requests; /* of the refused ones */
    char server_id[GBID_SIZE];  /* of the server in use */
    const char *version;        /* edition in use */
};

struct ctl_channel {
    char id[GBID_SIZE];
    char name[DEVICE_TEXT];
    const char *state; /* on, vlost, defect, off; alarm inputs too */
    const char *input; /* of an alarm input: on, off, "" unknown */
    const char *duty;  /* of an alarm input: onduty, offduty, alarm */
    uint64_t viewers, units, bytes;
    uint64_t lost, too_large, bad; /* units reported lost by the source; dropped as too large or malformed */
    uint64_t before_key;           /* pictures before the first key frame of the source */
    uint64_t source_losses, clock_jumps;
};

struct ctl_session {
    uint64_t call;
    const char *platform;
    char channel[GBID_SIZE];
    char peer[ADDR_TEXT_MAX];
    const char *kind;      /* live, playback, download */
    const char *transport; /* udp, tcp */
    uint64_t ssrc;         /* printed with ten digits, as in y= */
    const char *state;     /* offered, connecting, waiting (for ACK), running, paused ... */
    uint64_t frames, packets, bytes, dropped_frames, dropped_packets, send_errors, calls; /* calls: system calls */
    uint64_t bitrate;                                                                     /* bit/s */
    uint64_t age_s;
    uint64_t reports, report_lost; /* RTCP receiver reports; total of packets lost */
    uint64_t report_loss_permille; /* in the last interval */
    uint64_t report_jitter_us;
};

struct ctl_ended {
    uint64_t call;
    char platform[48];
    char channel[GBID_SIZE];
    char peer[ADDR_TEXT_MAX];
    char why[96];
};

struct ctl_snapshot {
    const char *device; /* ID */
    uint64_t uptime_s, wakeups, unknown_sources;
    /* Arrays from calloc(), freed by ctl, also when snapshot() fails. NULL with 0 is fine. */
    struct ctl_platform *platform;
    struct ctl_channel *channel;
    struct ctl_session *session;
    struct ctl_ended *ended;
    struct upgrade_status *upgrade;
    unsigned nupgrades, nplatforms, nchannels, nsessions, nended;
};

enum ctl_input { CTL_INPUT_READ, CTL_INPUT_ON, CTL_INPUT_OFF, CTL_INPUT_TOGGLE };

/* 0 or -errno; `reason` may be set to a text for the client, otherwise strerror() is used. No op may free the ctl. */
struct ctl_ops {
    int (*snapshot)(void *arg, struct ctl_snapshot *out); /* out is zeroed before */
    /* Sends an alarm to every platform online. */
    int (*alarm)(void *arg, const struct agent_alarm *al, char *reason, size_t size);
    /* Reads or sets the contact of an alarm input; *on: its state afterwards. */
    int (*input)(void *arg, const char *id, enum ctl_input how, bool *on, char *reason, size_t size);
    /* Simulates a state of a channel. */
    int (*channel)(void *arg, const char *id, enum board_channel_state state, char *reason, size_t size);
    int (*idr)(void *arg, const char *channel, char *reason, size_t size);
    int (*reload)(void *arg, char *reason, size_t size);
    int (*log_level)(void *arg, enum log_level level, char *reason, size_t size);
    /* VideoUploadNotify of a channel. */
    int (*upload)(void *arg, const char *channel, char *reason, size_t size);
    /* Whether the SIP trace of a platform ("" = all) is available. */
    int (*trace)(void *arg, const char *platform, char *reason, size_t size);
    /* The number of clients that follow the trace has changed. */
    void (*trace_clients)(void *arg, unsigned clients);
};

struct ctl;
struct trace_record;

/* The reply to a request line. */
struct ctl_reply {
    char *text; /* malloc'ed, '+' or '-' first */
    size_t len;
    bool trace;                  /* records of the SIP trace follow */
    char platform[CTL_NAME_MAX]; /* whose records, "" = all */
};

/* Listens on path, after removing a stale socket file. -EADDRINUSE: another process is listening there; -ENAMETOOLONG,
 * -errno, -ENOMEM. Borrows ops and arg. */
int ctl_new(struct loop *l, const char *path, const struct ctl_ops *ops, void *arg, struct ctl **out);
void ctl_free(struct ctl *c); /* disconnects clients, removes the socket file; NULL is fine */

/* Sends a record to the clients that follow its platform. Never blocks: slow clients lose records and get the
 * number lost. */
void ctl_trace(struct ctl *ctl, const struct trace_record *r);

/* Executes one request line (no newline needed). The caller frees the reply's text. Public for tests and the fuzzer.
 * -ENOMEM. */
int ctl_execute(const struct ctl_ops *ops, void *arg, struct span line, struct ctl_reply *reply);

#endif
