/* SPDX-License-Identifier: MIT */
/*
 * INVITE dialogs in which the device is called. Tags are written strictly and read tolerantly: a request that fits no
 * dialog by Call-ID and From tag may still mean one by its Call-ID, among those of an accepted source.
 *
 * A call is offered (the owner is asked: CALL_OFFER), answered (200; waits for the ACK), running (CALL_START), and gone
 * (CALL_STOP). One whose BYE has to wait is leaving meanwhile: for the ACK of its 200, before which none may be sent (RFC 3261
 * 15) unless the 64*T1 are over in which the 200 is sent again; or for the platform's own after a TEARDOWN. It has no number
 * any more and is found by requests of its dialog alone.
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

#define CALLS_MAX 1024u                 /* of one link, but for leaving ones */
#define CALLS_LEAVING_MAX 64u           /* of further ones the BYE goes at once */
#define CALL_TRYING_MS 200u             /* 100 when the answer takes longer */
#define CALL_OFFER_MS 30000u            /* the owner has to answer an offer within */
#define CALL_ACK_MS 32000u              /* the ACK has to come within */
#define CALL_CONTROL_MS 5000u           /* the owner has to answer a MANSRTSP request within */
#define CALL_EOF_MS 5000u               /* the platform's BYE has to come within, once MediaStatus told the end */
#define CALL_TEARDOWN_MS 5000u          /* and after its TEARDOWN */
#define CALL_KEPT_MS 30000u             /* after reconnecting: a new INVITE replaces a call that was kept */

struct call;

struct calls {                          /* of one link */
    struct ua *ua;
    struct list list;                   /* oldest first */
    struct list leaving;                /* in no table, few enough to be walked */
    struct list touched;
    struct heap due;                    /* of call_deadline, but for those touched */
    struct hash by_number, by_channel, by_source;
    unsigned count, nleaving;
    uint32_t total;                     /* offers since the start */
    uint32_t kept_age;                  /* calls up to this age lived when the registration came into doubt ... */
    uint64_t kept_until_ms;             /* ... and may be replaced by new ones of the same stream until then; 0: no more */
};

/* ---- life ------------------------------------------------------------------------------- */

void calls_init(struct calls *cs, struct ua *ua);
void calls_free(struct calls *cs);                                          /* without a word */
void calls_tick(struct calls *cs, const struct gb_time *now);
uint64_t calls_deadline(struct calls *cs);
void calls_offline(struct calls *cs, const struct gb_time *now);            /* CALL_STOP and BYE for each */
/* The connection they came over is gone: those that do not run go as by calls_offline, the others have none until
 * calls_reconnect, when that of the ua is the next one. */
void calls_hold(struct calls *cs, const struct gb_time *now);
void calls_reconnect(struct calls *cs);
/* The BYEs of the leaving ones go now or, where the ua has no link, never. */
void calls_leave(struct calls *cs, const struct gb_time *now);
/* CALL_STOP and BYE for each, the leaving ones too: nobody may be there later. */
void calls_shutdown(struct calls *cs, const struct gb_time *now);
/* Whether the platform knows us still is in doubt, or was: what it calls anew then may replace what runs. */
void calls_doubt(struct calls *cs);
void calls_kept(struct calls *cs, const struct gb_time *now);               /* it has taken our REGISTER */
void calls_sure(struct calls *cs);                                          /* it knows us */

/* ---- requests; each answers -------------------------------------------------------------- */

/* The call that a request means, which may be a leaving one; NULL: none, or it is not clear which. */
struct call *call_of_request(const struct calls *cs, const struct sip_scan *s);
void call_invite(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_cancel(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_bye(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_info(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_ack(struct calls *cs, const struct sip_scan *s, const struct gb_time *now);

/* ---- what the owner says; see the verbs of agent/agent.h ---------------------------------- */

int call_accept(struct calls *cs, uint32_t call, const struct call_answer *answer, const struct gb_time *now);
int call_reject(struct calls *cs, uint32_t call, unsigned status, const struct gb_time *now);
int call_ended(struct calls *cs, uint32_t call, const char *why, const struct gb_time *now);
int call_eof(struct calls *cs, uint32_t call, const struct gb_time *now);
int call_control_done(struct calls *cs, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now);
/* MediaStatus ended. status: of SIP, 0 timeout, negative errno link lost. */
void call_media_status_done(const struct calls *cs, uint32_t call, int status);

/* ---- of all links ------------------------------------------------------------------------- */

/* The calls with that Call-ID, but for leaving ones, one after the other in any order: NULL begins and ends. */
const struct call *call_of_id(const struct ua_common *common, struct span call_id, const struct call *after);
struct ua *call_ua(const struct call *c);
/* Do Call-ID and From tag say that it is of this very dialog? */
bool call_is_dialog(const struct call *c, const struct sip_scan *s);
bool call_is_named(const struct call *c, const struct sip_scan *s);         /* its channel, by Request-URI or To */

#endif
