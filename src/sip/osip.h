/* SPDX-License-Identifier: MIT */
/*
 * All that we use of libosip2: its state machine of a non-INVITE client transaction (RFC 3261, 17.1.2; NICT there), which
 * says when a request is sent again (timer E) and when nobody answers any more (timer F). It runs by our clock, the time
 * that each call is given, and is given nothing from the wire: a skeleton of the request with our branch, and of a
 * response its status alone. No other file includes libosip2.
 */
#ifndef SIP_OSIP_H
#define SIP_OSIP_H

#include <stdbool.h>
#include <stdint.h>

struct osip;                            /* libosip2's: what its transactions belong to */
struct osip_transaction;

struct osip_machine {
    struct osip_transaction *transaction;       /* NULL: not started */
    void (*send)(struct osip_machine *m);       /* the request is to be sent, or sent again */
};

/* What the machine must know of a request. Copied. */
struct osip_machine_request {
    const char *method, *branch;
    uint32_t cseq;
    bool reliable;                      /* TCP: sent once */
};

int osip_machines_new(struct osip **out);       /* -ENOMEM */
void osip_machines_free(struct osip *o);        /* after osip_machine_end of each */

/* Calls send at once. m stays where it is until osip_machine_end, which is due after an error, too. -ENOMEM, -EINVAL
 * libosip2 refused. */
int osip_machine_start(struct osip_machine *m, struct osip *o, const struct osip_machine_request *r,
                       void (*send)(struct osip_machine *m), uint64_t now_ms);
void osip_machine_end(struct osip_machine *m);
/* When its next timer is due; UINT64_MAX: none is set. */
uint64_t osip_machine_due(const struct osip_machine *m);
/* Runs the timer that is due. false: it was F, nobody has answered. Else *next is when the next one is, after now. */
bool osip_machine_tick(struct osip_machine *m, uint64_t now_ms, uint64_t *next);
/* A response. Without memory the machine does not hear of it. */
void osip_machine_response(struct osip_machine *m, unsigned status, uint64_t now_ms);

#endif
