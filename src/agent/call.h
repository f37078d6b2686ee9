/* SPDX-License-Identifier: MIT */
/* INVITE dialogs in which the device is called. Tags are written strictly and read tolerantly: a request that fits no
 * dialog by Call-ID and From tag may still mean one by its Call-ID, among those of an accepted source. */
#ifndef AGENT_CALL_H
#define AGENT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/ua.h"
#include "codec/sdp.h"
#include "sip/scan.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"

struct agent;
#define CALLS_MAX 1024u                 /* of one link, whatever their state */
#define CALL_TRYING_MS 200u             /* 100 when the answer takes longer */
#define CALL_OFFER_MS 30000u            /* the shell has to answer an offer within */
#define CALL_ACK_MS 32000u
#define CALL_CONTROL_MS 5000u           /* and a MANSRTSP request */
#define CALL_EOF_MS 5000u               /* the platform's BYE has to come within, once MediaStatus told the end */
#define CALL_TEARDOWN_MS 5000u          /* and after its TEARDOWN */
#define CALL_KEPT_MS 30000u             /* after reconnecting: a new INVITE replaces a call that was kept */
#define CALL_CONTROLS_MAX 4u
#define CALL_SOURCE_SIZE 96             /* "sender:sequence" of a Subject */


enum call_state { CALL_OFFERED, CALL_ANSWERED, CALL_RUNNING };

struct call_message {                   /* a request that is kept because it is answered later */
    char *data;
    size_t len;
};

struct call_control {
    uint32_t token;                     /* 0 = free */
    uint64_t deadline_ms;
    uint32_t rtsp_cseq;
    struct call_message info;
    uint32_t link;
    struct addr from;
    bool reliable;
};

struct call {
    struct list node;                   /* the agent's, oldest first */
    struct list touched;                /* found since its time was last looked at */
    struct heap_node due;
    struct hash_node by_id;             /* the mux's, by Call-ID */
    struct hash_node by_number, by_channel, by_source;          /* the agent's; by_source: when there is one */
    struct agent *agent;
    struct event_node *stop_event;      /* made with the call, so that its end is always told */
    uint32_t number;
    uint32_t age;                       /* its first number: a later call's is higher */
    enum call_state state;
    bool started;                       /* CALL_START was given for this number */
    bool reoffer;                       /* OFFERED inside an established dialog */
    struct call_message dialog;         /* the INVITE that made it; call_id points into it */
    struct call_message pending;        /* the INVITE to answer, data NULL: none */
    struct span call_id, remote_tag;    /* the platform's From tag; into dialog, too */
    char local_tag[24];
    bool parting;                       /* one of call_parting's, and in no table */
    uint32_t invite_cseq;               /* of the last INVITE */
    uint32_t remote_cseq;               /* of the last request inside the dialog */
    uint32_t local_cseq;
    uint32_t link;
    struct addr peer;
    bool reliable;
    struct sdp_offer offer;
    bool any_ssrc;                      /* the platform named none, the one in offer is ours */
    char channel[GBID_SIZE];
    char source[CALL_SOURCE_SIZE];      /* "" = none that identifies */
    char *sdp;                          /* body of the answer */
    size_t sdp_len;
    char *answer;                       /* the 200 until its ACK */
    size_t answer_len;
    uint64_t trying_ms;                 /* when to send 100; UINT64_MAX: sent or not needed */
    uint64_t give_up_ms;                /* OFFERED: 480; ANSWERED: no ACK */
    uint64_t resend_ms;
    uint32_t interval_ms;
    uint64_t eof_ms;                    /* its end was told: BYE then; UINT64_MAX: not */
    struct call_control *control;       /* CALL_CONTROLS_MAX, made by the first; NULL until then */
};

struct calls {
    struct list list, touched;
    struct heap due;                    /* of call_deadline, but for those touched */
    struct hash by_number, by_channel, by_source;
    unsigned count;
    uint32_t total;                     /* since the start */
    uint32_t kept_age;                  /* calls up to this age lived when the registration came into doubt ... */
    uint64_t kept_until_ms;             /* ... and may be replaced by new ones of the same stream until then; 0: no more */
};

void calls_init(struct agent *a);
void calls_free(struct agent *a);
void calls_tick(struct agent *a, const struct gb_time *now);
uint64_t calls_deadline(struct agent *a);
void calls_offline(struct agent *a, const struct gb_time *now);             /* CALL_STOP and BYE for each */
/* Whether the platform knows us still is in doubt, or was: what it calls anew then may replace what runs. */
void calls_doubt(struct agent *a);
void calls_kept(struct agent *a, const struct gb_time *now);                /* it has taken our REGISTER */
void calls_sure(struct agent *a);                                           /* it knows us */
/* The connection they came over is gone: those that do not run go as by calls_offline, the others have none until
 * calls_reconnect, when a->ua.link is the next one. */
void calls_hold(struct agent *a, const struct gb_time *now);
void calls_reconnect(struct agent *a);
void calls_shutdown(struct agent *a, const struct gb_time *now);            /* CALL_STOP and BYE for each */

/* The call that a request means, which may be a parting one; NULL: none, or it is not clear which. */
struct call *call_of_request(const struct agent *a, const struct sip_scan *s);
/* Do Call-ID and From tag say that it is of this very dialog? */
bool call_is_dialog(const struct call *c, const struct sip_scan *s);
struct call *call_find(const struct agent *a, uint32_t number);
/* The calls of a channel, as many as max_per_channel allows, one after the other in any order: NULL begins and ends. */
struct call *call_of_channel(const struct agent *a, const char *channel, const struct call *after);
struct call *call_of_source(const struct agent *a, const char *source);        /* any of them; NULL none */

/* Requests; each answers. */
void call_invite(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_cancel(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_bye(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_info(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_ack(struct agent *a, const struct sip_scan *s, const struct gb_time *now);

/* What the shell says; see the verbs of agent/agent.h. */
int call_accept(struct agent *a, uint32_t call, const struct call_answer *answer, const struct gb_time *now);
int call_reject(struct agent *a, uint32_t call, unsigned status, const struct gb_time *now);
int call_ended(struct agent *a, uint32_t call, const char *why, const struct gb_time *now);
int call_eof(struct agent *a, uint32_t call, const struct gb_time *now);
int call_control_done(struct agent *a, uint32_t call, uint32_t token, unsigned rtsp_status, const struct gb_time *now);

/* ---- between the files call*.c ---- */

/* 0, or the SIP status that refuses the offer (offer, destination, channel). */
unsigned call_judge(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, struct sdp_offer *offer,
                    char channel[GBID_SIZE], const struct gb_time *now);
/* An offer without y=, or with 0, names no SSRC; then one is made. */
bool call_names_ssrc(const struct sdp_offer *offer);
void call_fill_ssrc(struct agent *a, struct sdp_offer *offer);
void call_subject_source(const struct sip_scan *s, char out[CALL_SOURCE_SIZE]);
/* Stops what a new offer replaces, the same stream or one call that was kept: without BYE, since the platform knows that it
 * opens the same anew (and SRS closes the connection on one); what has to make room for a further viewer gets a BYE. */
void call_replace(struct agent *a, const struct sdp_offer *offer, const char *channel, const char *source,
                  const struct gb_time *now);
/* CALL_STOP, and 487 when its INVITE still waits; frees c. A BYE goes before, by the caller. */
void call_stop(struct call *c, enum agent_stop_reason reason, const char *why, const struct gb_time *now);
/* Of that very dialog, and its CSeq lower than the last one's: to be answered 500. Else it is the last one now. */
bool call_cseq_old(struct call *c, const struct sip_scan *s);
/* At once, or when the ACK of its 200 has come (call_parting.h); the caller frees c next. */
void call_send_bye(struct call *c, const struct gb_time *now);
void call_resend(struct call *c, const struct gb_time *now);                /* the 200 once more */
/* Gives it its number. Channel, source and call_id are set and stay. -ENOMEM. */
int call_table_add(struct call *c);
void call_table_remove(struct call *c);
void call_renumber(struct call *c);
struct call *call_touch(struct call *c);        /* whoever has it may change its times; NULL and parting ones pass */
void call_tick(struct call *c, const struct gb_time *now);                  /* may free c */
uint64_t call_deadline(const struct call *c);
void call_free(struct call *c);
/* A final answer other than 2xx to the pending INVITE. */
void call_refuse_pending(struct call *c, unsigned status, const struct gb_time *now);
int call_answer_pending(struct call *c, const struct gb_time *now);          /* 200 with c->sdp */
void call_message_free(struct call_message *m);
int call_message_keep(struct call_message *m, const struct sip_origin *o);
/* Reads a kept message again; o is where it came from. */
int call_rescan(const struct call *c, const struct call_message *m, struct sip_scan *s, struct sip_origin *o);
void call_control_answer(struct call *c, struct call_control *k, unsigned rtsp_status, const struct gb_time *now);
void call_controls_tick(struct call *c, const struct gb_time *now);
uint64_t call_controls_deadline(const struct call *c);

#endif
