/* SPDX-License-Identifier: MIT */
/*
 * Calls: INVITE dialogs for live video, playback and download (2016 and 2022 9.2, 9.8, 9.9), with MANSRTSP in INFO. A
 * request that matches no dialog by Call-ID and From tag may still match one by Call-ID, if its source is accepted.
 *
 * A call is offered (event CALL_OFFER), answered (200 sent, waits for the ACK), running (CALL_START), and ended
 * (CALL_STOP). A call whose BYE is pending is leaving: it waits up to 64*T1 for the ACK of its 200, because a BYE must
 * not be sent earlier (RFC 3261 15), or for the platform's BYE after a TEARDOWN. It no longer has a number, and is
 * found only by requests of its dialog.
 */
#ifndef AGENT_CALL_H
#define AGENT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/scan.h"
#include "ua/ua.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"
#include "util/span.h"

#define CALLS_MAX         1024u  /* per platform, without leaving ones */
#define CALLS_LEAVING_MAX 64u    /* beyond that, BYEs do not wait */
#define CALL_TRYING_MS    200u   /* until a 100 is sent, without a final answer */
#define CALL_OFFER_MS     30000u /* for the owner to answer an offer */
#define CALL_ACK_MS       32000u /* for the ACK to arrive */
#define CALL_CONTROL_MS   5000u  /* for the owner to answer a MANSRTSP request */
#define CALL_EOF_MS       5000u  /* for the platform's BYE after MediaStatus */
#define CALL_TEARDOWN_MS  5000u  /* for the platform's BYE after its TEARDOWN */
#define CALL_KEPT_MS      30000u /* after registering again: a new INVITE may replace a call that was kept */

struct call;

struct calls { /* of one platform */
    struct ua *ua;
    struct list list;    /* oldest first */
    struct list leaving; /* not in the tables; few enough for linear search */
    struct list touched; /* position in `due` may be out of date */
    struct heap due;     /* by call_deadline */
    struct hash by_number, by_channel, by_source;
    unsigned count, nleaving;
    uint32_t total;         /* offers since the start */
    uint32_t kept_age;      /* calls up to this age existed when the registration became doubtful ... */
    uint64_t kept_until_ms; /* ... and may be replaced by new ones for the same stream until then; 0: no */
};

/* ---- lifecycle -------------------------------------------------------------------------- */

void calls_init(struct calls *cs, struct ua *ua);
void calls_free(struct calls *cs); /* without BYE or event */
void calls_tick(struct calls *cs, const struct gb_time *now);
uint64_t calls_deadline(struct calls *cs);
void calls_offline(struct calls *cs, const struct gb_time *now); /* CALL_STOP and BYE for each */
/* The connection is lost: running calls wait for calls_reconnect, which moves them to the new link of the ua; others
 * end as in calls_offline. */
void calls_hold(struct calls *cs, const struct gb_time *now);
void calls_reconnect(struct calls *cs);
/* Sends the pending BYEs now, or drops them if the ua has no link. */
void calls_flush_byes(struct calls *cs, const struct gb_time *now);
/* CALL_STOP and BYE for each; also sends the pending BYEs. */
void calls_shutdown(struct calls *cs, const struct gb_time *now);
/* The registration is in doubt: from now on, a new call may replace an existing one for the same stream. Registered
 * again: for CALL_KEPT_MS more. Valid after all: no longer. */
void calls_doubt(struct calls *cs);
void calls_kept(struct calls *cs, const struct gb_time *now);
void calls_confirmed(struct calls *cs);

/* ---- requests; each function sends the response --------------------------------------------- */

/* The call that a request belongs to, possibly a leaving one; NULL: none, or ambiguous. */
struct call *call_of_request(const struct calls *cs, const struct sip_scan *s);
void call_invite(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_cancel(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_bye(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_info(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_ack(struct calls *cs, const struct sip_scan *s, const struct gb_time *now);

/* ---- from the owner; see agent/agent.h ------------------------------------------------------ */

int call_accept(struct calls *cs, uint32_t call, const struct call_answer *answer, const struct gb_time *now);
int call_reject(struct calls *cs, uint32_t call, unsigned status, const struct gb_time *now);
int call_ended(struct calls *cs, uint32_t call, const char *why, const struct gb_time *now);
int call_eof(struct calls *cs, uint32_t call, const struct gb_time *now);
int call_control_done(struct calls *cs, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now);
/* MediaStatus ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
void call_media_status_done(const struct calls *cs, uint32_t call, int status);

/* ---- of all platforms --------------------------------------------------------------------- */

/* Iterates over the calls with that Call-ID, except leaving ones; NULL begins and ends. */
const struct call *call_of_id(const struct ua_common *common, struct span call_id, const struct call *after);
struct ua *call_ua(const struct call *c);
bool call_is_dialog(const struct call *c, const struct sip_scan *s); /* same Call-ID and From tag */
bool call_is_named(const struct call *c, const struct sip_scan *s);  /* its channel in Request-URI or To */

#endif
