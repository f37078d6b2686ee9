/* SPDX-License-Identifier: MIT */
/* Shared by call*.c only. */
#ifndef AGENT_CALL_PRIV_H
#define AGENT_CALL_PRIV_H

#include "agent/call.h"
#include "codec/sdp.h"

#define CALL_CONTROLS_MAX 4u
#define CALL_SOURCE_SIZE  96 /* "sender:sequence" of a Subject */

enum call_state { CALL_OFFERED, CALL_ANSWERED, CALL_RUNNING, CALL_LEAVING };

struct call_message { /* a stored request, answered later */
    char *data;
    size_t len;
};

struct call_control {
    uint32_t token; /* 0: unused */
    uint64_t deadline_ms;
    uint32_t rtsp_cseq;
    struct call_message info;
    uint32_t link;
    struct addr from;
    bool reliable;
};

struct call {
    struct list node;    /* of list or leaving */
    struct list touched; /* its deadline may have changed */
    struct heap_node due;
    struct hash_node by_id;                            /* the mux's, by Call-ID */
    struct hash_node by_number, by_channel, by_source; /* by_source: unless source is "" */
    struct calls *calls;
    struct event_node *stop_event; /* CALL_STOP, allocated in advance */
    uint32_t number;
    uint32_t age; /* the call's first number; higher for later calls */
    enum call_state state;
    bool started;                    /* CALL_START was queued for this number */
    bool reoffer;                    /* OFFERED by a re-INVITE */
    bool acked;                      /* LEAVING: the ACK has arrived; until then the 200 is retransmitted */
    struct call_message dialog;      /* the INVITE that created the dialog */
    struct call_message pending;     /* the INVITE to answer; data NULL: none */
    struct span call_id, remote_tag; /* the platform's From tag; both point into dialog */
    char local_tag[24];
    uint32_t invite_cseq; /* of the last INVITE */
    uint32_t remote_cseq; /* of the last request inside the dialog */
    uint32_t local_cseq;
    uint32_t link;
    struct addr peer;
    bool reliable;
    struct sdp_offer offer;
    bool any_ssrc; /* no SSRC in the offer; the one in `offer` is ours */
    char channel[GBID_SIZE];
    char source[CALL_SOURCE_SIZE]; /* of the Subject; "" = none, or not unique */
    char *sdp;                     /* body of the answer */
    size_t sdp_len;
    char *answer; /* the 200, until its ACK */
    size_t answer_len;
    uint64_t trying_ms;  /* when to send 100; UINT64_MAX: sent or not needed */
    uint64_t give_up_ms; /* OFFERED: when to refuse with 480; until the ACK: latest BYE */
    uint64_t resend_ms;
    uint32_t interval_ms;
    uint64_t bye_ms;              /* RUNNING: BYE after MediaStatus, UINT64_MAX none; LEAVING: earliest BYE */
    struct call_control *control; /* CALL_CONTROLS_MAX, allocated by the first request; NULL until then */
};

/* ---- call.c ---- */

/* Adds c to the tables and assigns its number. calls, channel, source and call_id must be set, and not change.
 * -ENOMEM. */
int call_add(struct call *c);
void call_renumber(struct call *c);
struct call *call_touch(struct call *c); /* its deadline may change; lookups call it. NULL is allowed */
struct call *call_find(const struct calls *cs, uint32_t number);
/* Iterates over the calls of a channel, max_per_channel at most: NULL begins and ends. */
struct call *call_of_channel(const struct calls *cs, const char *channel, const struct call *after);
struct call *call_of_source(const struct calls *cs, const char *source); /* any of them; NULL none */

void call_queue_stop(struct call *c, enum agent_stop_reason reason, const char *why);
/* BYE if there is a dialog: now, or after the ACK of its 200. The caller must then end the call by call_stop or
 * call_remove. */
void call_hang_up(struct call *c, const struct gb_time *now);
/* Schedules the BYE; that of an ANSWERED call waits for the ACK or give_up_ms. -ENOBUFS: too many; send it now. */
int call_hang_up_later(struct call *c, uint64_t bye_ms);
/* CALL_STOP, and 487 to a pending INVITE. */
void call_stop(struct call *c, enum agent_stop_reason reason, const char *why, const struct gb_time *now);
void call_remove(struct call *c);                                   /* without an event; frees it unless LEAVING */
void call_forget(struct call *c);                                   /* LEAVING: frees it, without a BYE */
void call_leaving_acked(struct call *c, const struct gb_time *now); /* may free c */

/* ---- call_answer.c ---- */

/* A final response other than 2xx to the pending INVITE, if there is one. */
void call_refuse_pending(struct call *c, unsigned status, const struct gb_time *now);
int call_answer_pending(struct call *c, const struct gb_time *now); /* 200 with c->sdp, until the ACK */
void call_respond_200(struct call *c, const struct sip_scan *s, const struct sip_origin *o, const struct gb_time *now);
void call_resend(struct call *c, const struct gb_time *now); /* retransmits the 200 */
void call_trying(struct call *c, const struct gb_time *now);
void call_message_free(struct call_message *m);
int call_message_keep(struct call_message *m, const struct sip_origin *o);
/* Parses a stored message again, and fills in its origin. */
int call_rescan(const struct call *c, const struct call_message *m, struct sip_scan *s, struct sip_origin *o);

/* ---- call_offer.c ---- */

/* 0: *offer and channel are set; or the SIP status that refuses the offer. */
unsigned call_check_offer(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o,
                          struct sdp_offer *offer, char channel[GBID_SIZE], const struct gb_time *now);
/* false: no y=, or 0; then call_fill_ssrc chooses an SSRC. */
bool call_names_ssrc(const struct sdp_offer *offer);
void call_fill_ssrc(struct calls *cs, struct sdp_offer *offer);
void call_subject_source(const struct sip_scan *s, char out[CALL_SOURCE_SIZE]);
/* Ends the calls that a new offer replaces: those for the same stream, or one that was kept, without BYE (the platform
 * knows, and SRS would close the connection); or, if the channel has too many calls, the oldest one, with BYE. */
void call_replace(struct calls *cs, const struct sdp_offer *offer, const char *channel, const char *source,
                  const struct gb_time *now);

/* ---- call_incoming.c ---- */

/* true: a request of this dialog with a CSeq below the last one: answer with 500. Otherwise stores the CSeq, if it is a
 * request of this dialog. */
bool call_cseq_old(struct call *c, const struct sip_scan *s);

/* ---- call_info.c ---- */

void call_controls_tick(struct call *c, const struct gb_time *now);
uint64_t call_controls_deadline(const struct call *c);
void call_controls_free(struct call *c);

/* ---- call_request.c ---- */

void call_send_bye(struct call *c, const struct gb_time *now);

#endif
