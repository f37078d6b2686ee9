/* SPDX-License-Identifier: MIT */
/*
 * Keepalive MESSAGEs: at once after the 200 to REGISTER, then every interval. One counts as missed when it has no answer
 * after KEEPALIVE_TIMEOUT_MS or one that is neither 2xx nor 4xx. Its transaction goes on, and a late 200 forgives all misses.
 * After a miss the next ones follow every KEEPALIVE_HASTE_MS; N misses in a row are KEEPALIVE_SILENT, so a platform that
 * forgot us without a word is found within interval + 10 s + N times 5 s. An interval that is shorter bounds each of these
 * times. The first 4xx is KEEPALIVE_REFUSED. What either means for the registration is the agent's to say.
 */
#ifndef AGENT_KEEPALIVE_H
#define AGENT_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ua/ua.h"

#define KEEPALIVE_TIMEOUT_MS 10000u
#define KEEPALIVE_HASTE_MS 5000u
#define KEEPALIVE_OPEN_MAX (KEEPALIVE_TIMEOUT_MS / KEEPALIVE_HASTE_MS + 1)
#define KEEPALIVE_FAULTY_MAX 64u
#define KEEPALIVE_RETRY_MS 1000u        /* when one could not be composed */

/* What became known of the platform. */
enum keepalive_fact {
    KEEPALIVE_NOTHING,
    KEEPALIVE_ANSWERED,                 /* it is there and knows us */
    KEEPALIVE_SILENT,                   /* as many in a row as are configured were missed; none goes until the next answer
                                         * or keepalive_start */
    KEEPALIVE_REFUSED,                  /* it does not know us */
};

struct keepalive {
    struct ua *ua;
    bool active;
    bool silent;                        /* KEEPALIVE_SILENT was told */
    uint64_t due_ms;                    /* the next one */
    uint32_t ref;                       /* of the last one sent */
    uint64_t sent_ms;                   /* when */
    struct keepalive_open {
        uint32_t ref;
        uint64_t miss_ms;
    } open[KEEPALIVE_OPEN_MAX];         /* neither answered nor missed yet, the oldest first */
    unsigned nopen;
    unsigned missed;                    /* in a row */
    uint64_t serial;                    /* of the device, when it was last looked at */
    unsigned faulty;                    /* channels that did not work then */
    uint32_t sent, misses;              /* counters */
};

void keepalive_init(struct keepalive *k, struct ua *u);
void keepalive_start(struct keepalive *k, const struct gb_time *now);       /* registered (again): one goes at once */
void keepalive_offline(struct keepalive *k);
enum keepalive_fact keepalive_tick(struct keepalive *k, const struct gb_time *now);     /* NOTHING or SILENT */
uint64_t keepalive_deadline(const struct keepalive *k);
/* A MESSAGE_KEEPALIVE ended. status: of SIP, 0 timeout, negative errno link lost. */
enum keepalive_fact keepalive_message_done(struct keepalive *k, uint32_t ref, int status);
/* The device changed: a channel that has become faulty is told at once. */
void keepalive_device_changed(struct keepalive *k, const struct gb_time *now);
void keepalive_interval_changed(struct keepalive *k, const struct gb_time *now);
void keepalive_now(struct keepalive *k, const struct gb_time *now);
/* That many ms, or the interval when that is shorter. */
unsigned keepalive_within_interval(const struct keepalive *k, unsigned ms);

#endif
