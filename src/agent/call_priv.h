/* SPDX-License-Identifier: MIT */
/* What the files call*.c share. Nobody else includes this. */
#ifndef AGENT_CALL_PRIV_H
#define AGENT_CALL_PRIV_H

#include "agent/call.h"
#include "codec/sdp.h"

#define CALL_CONTROLS_MAX 4u
#define CALL_SOURCE_SIZE 96             /* "sender:sequence" of a Subject */

enum call_state { CALL_OFFERED, CALL_ANSWERED, CALL_RUNNING, CALL_LEAVING };

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
    struct list node;                   /* of list, or of leaving */
    struct list touched;                /* found since its time was last looked at */
    struct heap_node due;
    struct hash_node by_id;             /* the mux's, by Call-ID */
    struct hash_node by_number, by_channel, by_source;          /* by_source: when there is one */
    struct calls *calls;
    struct event_node *stop_event;      /* made with the call, so that its end is always told */
    uint32_t number;
    uint32_t age;                       /* its first number: a later call's is higher */
    enum call_state state;
    bool started;                       /* CALL_START was given for this number */
    bool reoffer;                       /* OFFERED inside an established dialog */
    bool acked;                         /* LEAVING: else its 200 is sent again, and the ACK waited for */
    struct call_message dialog;         /* the INVITE that made it; call_id points into it */
    struct call_message pending;        /* the INVITE to answer, data NULL: none */
    struct span call_id, remote_tag;    /* the platform's From tag; into dialog, too */
    char local_tag[24];
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
    uint64_t give_up_ms;                /* OFFERED: 480; before the ACK: BYE */
    uint64_t resend_ms;
    uint32_t interval_ms;
    uint64_t bye_ms;                    /* RUNNING: its end was told, BYE then; UINT64_MAX: not. LEAVING: no BYE before */
    struct call_control *control;       /* CALL_CONTROLS_MAX, made by the first; NULL until then */
};

/* ---- call.c ---- */

/* Gives it its number. calls, channel, source and call_id are set and stay. -ENOMEM. */
int call_add(struct call *c);
void call_renumber(struct call *c);
struct call *call_touch(struct call *c);        /* whoever has it may change its times; NULL passes */
struct call *call_find(const struct calls *cs, uint32_t number);
/* The calls of a channel, as many as max_per_channel allows, one after the other in any order: NULL begins and ends. */
struct call *call_of_channel(const struct calls *cs, const char *channel, const struct call *after);
struct call *call_of_source(const struct calls *cs, const char *source);    /* any of them; NULL none */

void call_tell_stop(struct call *c, enum agent_stop_reason reason, const char *why);
/* BYE where a dialog stands: now, or when the ACK of its 200 has come. The caller ends the call next, by one of these: */
void call_hang_up(struct call *c, const struct gb_time *now);
/* Keeps what a BYE needs until then, of an ANSWERED call not before its ACK or give_up_ms. -ENOBUFS: it goes now. */
int call_hang_up_later(struct call *c, uint64_t bye_ms);
/* CALL_STOP, and 487 when its INVITE still waits. */
void call_stop(struct call *c, enum agent_stop_reason reason, const char *why, const struct gb_time *now);
void call_gone(struct call *c);                 /* without an event */
void call_forget(struct call *c);               /* LEAVING: without a BYE */
void call_leaving_acked(struct call *c, const struct gb_time *now);     /* may free c */

/* ---- call_answer.c ---- */

/* A final answer other than 2xx to the pending INVITE, if there is one. */
void call_refuse_pending(struct call *c, unsigned status, const struct gb_time *now);
int call_answer_pending(struct call *c, const struct gb_time *now);          /* 200 with c->sdp, until the ACK comes */
void call_respond_200(struct call *c, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_resend(struct call *c, const struct gb_time *now);                /* the 200 once more */
void call_trying(struct call *c, const struct gb_time *now);
void call_message_free(struct call_message *m);
int call_message_keep(struct call_message *m, const struct sip_origin *o);
/* Reads a kept message again; o is where it came from. */
int call_rescan(const struct call *c, const struct call_message *m, struct sip_scan *s, struct sip_origin *o);

/* ---- call_offer.c ---- */

/* 0, or the SIP status that refuses the offer (offer, destination, channel). */
unsigned call_judge(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o, struct sdp_offer *offer,
                    char channel[GBID_SIZE], const struct gb_time *now);
/* An offer without y=, or with 0, names no SSRC; then one is made. */
bool call_names_ssrc(const struct sdp_offer *offer);
void call_fill_ssrc(struct calls *cs, struct sdp_offer *offer);
void call_subject_source(const struct sip_scan *s, char out[CALL_SOURCE_SIZE]);
/* Stops what a new offer replaces, the same stream or one call that was kept: without BYE, since the platform knows that it
 * opens the same anew (and SRS closes the connection on one); what has to make room for a further viewer gets a BYE. */
void call_replace(struct calls *cs, const struct sdp_offer *offer, const char *channel, const char *source,
                  const struct gb_time *now);

/* ---- call_incoming.c ---- */

/* Of that very dialog, and its CSeq lower than the last one's: to be answered 500. Else it is the last one now. */
bool call_cseq_old(struct call *c, const struct sip_scan *s);

/* ---- call_info.c ---- */

void call_controls_tick(struct call *c, const struct gb_time *now);
uint64_t call_controls_deadline(const struct call *c);
void call_controls_free(struct call *c);

/* ---- call_request.c ---- */

void call_send_bye(struct call *c, const struct gb_time *now);

#endif
