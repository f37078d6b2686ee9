/* SPDX-License-Identifier: MIT */
/*
 * The only user of libosip2: its state machine for non-INVITE client transactions (RFC 3261 17.1.2; NICT), which does
 * retransmission (timer E) and timeout (timer F). It runs on the time passed to each call. It sees nothing from the
 * network, only a skeleton of the request with our branch, and the status of a response.
 */
#ifndef SIP_OSIP_H
#define SIP_OSIP_H

#include <stdbool.h>
#include <stdint.h>

struct osip; /* libosip2's, owner of its transactions */
struct osip_transaction;

struct osip_machine {
    struct osip_transaction *transaction; /* NULL: not started */
    void (*send)(struct osip_machine *m); /* sends or retransmits the request */
};

/* Copied. */
struct osip_machine_request {
    const char *method, *branch;
    uint32_t cseq;
    bool reliable; /* TCP: never retransmitted */
};

int osip_machines_new(struct osip **out); /* -ENOMEM */
void osip_machines_free(struct osip *o);  /* after osip_machine_end of each */

/* Calls send before it returns. m must not move until osip_machine_end, which must follow even an error. -ENOMEM,
 * -EINVAL from libosip2. */
int osip_machine_start(struct osip_machine *m, struct osip *o, const struct osip_machine_request *r,
                       void (*send)(struct osip_machine *m), uint64_t now_ms);
void osip_machine_end(struct osip_machine *m);
/* When its next timer expires; UINT64_MAX: none is set. */
uint64_t osip_machine_due(const struct osip_machine *m);
/* Runs the expired timer. false: it was F, a timeout. Else *next is when the next one expires, later than now. */
bool osip_machine_tick(struct osip_machine *m, uint64_t now_ms, uint64_t *next);
/* Ignored without memory. */
void osip_machine_response(struct osip_machine *m, unsigned status, uint64_t now_ms);

#endif
