/* SPDX-License-Identifier: MIT */
/*
 * One link between the device and one platform, as a state machine without I/O: messages, "now" and random numbers
 * go in; packets and events come out of queues. Nothing here calls the kernel, and nothing calls upwards.
 *
 * Its owner's turn:   mux_input / agent_* verbs  ->  mux_ready until NULL: agent_next_packet until none,
 *                     agent_next_event until none  ->  sleep until mux_deadline  ->  mux_tick.
 *
 * Strings and spans in events and packets are borrowed until the next call on the same agent.
 * Verbs return 0 or a negative errno; a call or token that is gone is -ENOENT and otherwise ignored.
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
void *agent_user(const struct agent *a);                    /* its owner's pointer */
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
/* The network changed (routing socket): check the local address; the owner follows with agent_link_up when it differs. */
void agent_network_changed(struct agent *a, const struct gb_time *now);
/* The shared device changed (device_set_state, device_apply ...): call it for every agent of that device. A channel that
 * has become faulty makes a keepalive go at once. */
void agent_device_changed(struct agent *a, const struct gb_time *now);

/* Answers an offer with 200; CALL_START follows with the ACK. -ENOTSUP: the format is not among those offered, and the
 * call still waits for its answer. Another error than that and -ENOENT has refused the call with 500: its number is dead,
 * CALL_STOP follows not. */
int agent_call_accept(struct agent *a, uint32_t call, const struct call_answer *answer, const struct gb_time *now);
int agent_call_reject(struct agent *a, uint32_t call, unsigned status, const struct gb_time *now);
int agent_call_ended(struct agent *a, uint32_t call, const char *why, const struct gb_time *now);   /* BYE; CALL_STOP follows not */
/* A recording was sent to its end: MediaStatus 121 in the dialog, then BYE unless the platform's comes within 5 s.
 * CALL_STOP follows in either case. */
int agent_call_eof(struct agent *a, uint32_t call, const struct gb_time *now);
int agent_call_control_done(struct agent *a, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now);

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

/* 0 queued; -EINVAL what A.2.5 does not have (priority, or method, type and event together), -ENOENT no such item,
 * -EAGAIN held back (latch or least interval), -EPERM the guard is not set, -ENETDOWN not registered, -ENOSPC queue full. */
int agent_alarm(struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* VideoUploadNotify (2022) of a channel, "" = the device; geo NULL: what the config says of its place. -ENOTSUP: the
 * link is of an older edition; -ENETDOWN not registered, -ENOENT no such channel. */
int agent_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now);

/* UploadSnapShotFinished and DeviceUpgradeResult: queued, tried again, sent after the next registration when there is
 * none now. -ENOSPC too many wait, -ENOMEM. */
int agent_notify_snapshot(struct agent *a, const struct agent_snapshot_done *done, const struct gb_time *now);
/* *token: what AGENT_NOTIFIED will name. */
int agent_notify_upgrade(struct agent *a, const struct agent_upgrade_done *done, uint32_t *token, const struct gb_time *now);

/* BYE for the calls, unregister; AGENT_LINK_DONE when finished or at the deadline (mono ms). */
void agent_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now);

/* ---- looking ------------------------------------------------------------------------------ */

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
/* What agent_alarm would say now, but for -ENOMEM. */
int agent_admits_alarm(const struct agent *a, const struct agent_alarm *al, const struct gb_time *now);
/* An address that requests are accepted from: the server's, or one that `allow` names. */
bool agent_accepts_ip(const struct agent *a, const struct addr *from);

#endif
