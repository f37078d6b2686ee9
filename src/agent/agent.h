/* SPDX-License-Identifier: MIT */
/*
 * The agent of one platform: registration, keepalive, calls, queries and control, alarms, subscriptions; a state
 * machine without I/O. Messages, "now" and random numbers go in; packets and events come out of queues. Nothing here
 * calls the kernel, and nothing calls upwards.
 *
 * The owner's loop:   mux_input / agent_*  ->  mux_ready until NULL: agent_next_packet until false,
 *                     agent_next_event until false  ->  sleep until mux_deadline  ->  mux_tick.
 *
 * Strings and spans in events and packets are borrowed until the next call on the same agent. Functions return 0 or a
 * negative errno. -ENOENT: the call or the request with that token has ended; nothing was done.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "gbagent/board.h"
#include "gbagent/settings.h"
#include "sip/transport.h"
#include "ua/config.h"
#include "ua/event.h"
#include "util/addr.h"
#include "util/walltime.h"

struct agent;
struct mux;

/* ---- lifecycle -------------------------------------------------------------------------- */

/* The mux finds the agent that a message is for. `seed`: 32 random bytes; every branch, tag, Call-ID and cnonce is
 * derived from it. */
int mux_new(const uint8_t seed[32], struct mux **out);
void mux_free(struct mux *m); /* after every agent */

/* Copies cfg, borrows dev. The first tick queues LINK_WANTED. */
int agent_new(struct mux *m, const struct agent_config *cfg, struct device *dev, struct agent **out);
void agent_free(struct agent *a);
/* Reload; copies cfg. 0: applied; 1: applied, and a new registration has begun. Running calls stay unless the server
 * changed. */
int agent_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now);
/* Applies BasicParam except the name: the heartbeat from the next keepalive on, the expiration from the next REGISTER
 * on. Lasts until the next agent_apply. */
void agent_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now);
void *agent_owner(const struct agent *a); /* the owner's pointer */
void agent_set_owner(struct agent *a, void *user);

/* ---- the loop ---------------------------------------------------------------------------- */

/* One datagram or one TCP message; dropped and counted if its source is unknown. Returns the agent it was for, or
 * NULL. */
struct agent *mux_input(struct mux *m, const struct sip_input *in, const struct gb_time *now);
uint64_t mux_deadline(const struct mux *m);              /* mono ms of the next agent's deadline; UINT64_MAX none */
void mux_tick(struct mux *m, const struct gb_time *now); /* runs the agents whose deadline has passed */
struct agent *mux_ready(struct mux *m);                  /* an agent that has packets or events; NULL none */
uint64_t mux_unknown_sources(const struct mux *m);       /* messages from unknown sources */

bool agent_next_packet(struct agent *a, struct agent_packet *out);
bool agent_next_event(struct agent *a, struct agent_event *out);

/* ---- from the owner ----------------------------------------------------------------------- */

/* `local`: our address and port (getsockname after connect). `server`: all addresses of the server's name, the one in
 * use first. Replaces a previous link. */
void agent_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server,
                   unsigned nserver, const struct gb_time *now);
void agent_link_failed(struct agent *a, const char *why,
                       const struct gb_time *now); /* could not be opened, or was lost */
/* The network changed (routing socket): checks the platform with a keepalive, or registers without waiting. If the
 * local address changed, the owner also calls agent_link_up. */
void agent_network_changed(struct agent *a, const struct gb_time *now);
/* The shared device changed (device_set_state, device_apply ...); call it for every agent. A new fault is reported by a
 * keepalive immediately. */
void agent_device_changed(struct agent *a, const struct gb_time *now);

/* Answers an offer with 200; CALL_START follows with the ACK. -ENOTSUP: the format was not offered, and the call still
 * waits for its answer. Any other error but -ENOENT: the call was refused with 500, no CALL_STOP follows. */
int agent_call_accept(struct agent *a, uint32_t call, const struct call_answer *answer, const struct gb_time *now);
int agent_call_reject(struct agent *a, uint32_t call, unsigned status, const struct gb_time *now);
int agent_call_ended(struct agent *a, uint32_t call, const char *why,
                     const struct gb_time *now); /* BYE; no CALL_STOP follows */
/* A recording was sent to its end: MediaStatus 121 in the dialog, then our BYE unless the platform's comes within 5 s.
 * CALL_STOP follows in either case. -EALREADY: called before. */
int agent_call_eof(struct agent *a, uint32_t call, const struct gb_time *now);
int agent_call_control_done(struct agent *a, uint32_t call, uint32_t token, unsigned rtsp_status,
                            const struct gb_time *now);

int agent_reply_status(struct agent *a, uint32_t token, const struct agent_status_reply *r, const struct gb_time *now);
/* GEO, HEAD and STORAGE: NULL = unknown. */
int agent_reply_geo(struct agent *a, uint32_t token, const struct board_geo *geo, const struct gb_time *now);
int agent_reply_head(struct agent *a, uint32_t token, const struct board_head *head, const struct gb_time *now);
int agent_reply_storage(struct agent *a, uint32_t token, const struct board_card *card, unsigned ncards,
                        const struct gb_time *now);
/* SETTING: err 0 and the requested block, or a negative errno and NULL: ERROR. */
int agent_reply_setting(struct agent *a, uint32_t token, int err, const struct gb_setting *setting,
                        const struct gb_time *now);
/* RECORDS: `n` of `total` records, ordered by time, starting with the requested one; or err, a negative errno. */
int agent_reply_records(struct agent *a, uint32_t token, int err, const struct board_record *records, unsigned n,
                        unsigned total, const struct gb_time *now);
/* CONTROL and CONFIG: Result OK if err is 0, ERROR if it is a negative errno. */
int agent_reply_result(struct agent *a, uint32_t token, int err, const struct gb_time *now);

/* 0 queued; -EINVAL not in A.2.5 (priority, or the combination of method, type and event), -ENOENT no such item,
 * -EAGAIN suppressed by the latch or the minimum interval, -EPERM the guard is not set, -ENETDOWN not registered,
 * -ENOSPC queue full or too many latched inputs, -ENOMEM. */
int agent_alarm(struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* VideoUploadNotify (2022) of a channel, "" = the device; geo NULL: its position in the config. -ENOTSUP: the edition
 * in use is older; -ENETDOWN not registered, -ENOENT no such channel. */
int agent_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now);

/* UploadSnapShotFinished and DeviceUpgradeResult: queued, repeated until answered, kept while not registered. -ENOSPC
 * too many queued, -ENOMEM. */
int agent_notify_snapshot(struct agent *a, const struct agent_snapshot_done *done, const struct gb_time *now);
/* *token identifies the AGENT_NOTIFIED that will follow. */
int agent_notify_upgrade(struct agent *a, const struct agent_upgrade_done *done, uint32_t *token,
                         const struct gb_time *now);

/* BYE for the calls, unregister; AGENT_LINK_DONE when finished or at the deadline (mono ms). */
void agent_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now);

/* ---- status ------------------------------------------------------------------------------- */

struct agent_status {
    enum agent_state state;
    uint64_t since_ms;      /* mono */
    uint64_t next_retry_ms; /* mono; 0 none */
    char last_error[96];
    struct addr local, server, public_address; /* family 0 = unknown */
    uint32_t registrations, keepalives, keepalive_misses, calls;
    uint64_t refused;           /* requests answered with 403 */
    uint64_t unsigned_requests; /* of these, those without a valid Note */
    char server_id[GBID_SIZE];  /* of the server in use, configured or redirected to */
    enum gb_edition edition;    /* in use: the older of ours and the platform's */
};
void agent_get_status(const struct agent *a, struct agent_status *out);
/* The effective config: server_id, edition and charset are those in use, the rest is as configured. */
const struct agent_config *agent_get_config(const struct agent *a);
/* What agent_alarm would return now, except -ENOMEM. */
int agent_admits_alarm(const struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* Are requests accepted from this address: the server's, or one in `allow`? */
bool agent_accepts_ip(const struct agent *a, const struct addr *from);

#endif
