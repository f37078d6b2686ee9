/* SPDX-License-Identifier: MIT */
/*
 * Keepalive MESSAGEs (status reporting, 2016 and 2022 9.6): the first immediately after the 200 to REGISTER, then one
 * per interval. A keepalive is missed if it is not answered within KEEPALIVE_TIMEOUT_MS, or answered with neither 2xx
 * nor 4xx. Its transaction continues, and a late 200 clears all misses. After a miss, one is sent every
 * KEEPALIVE_FAST_MS. N misses in a row are KEEPALIVE_SILENT, so the loss of a platform is noticed within interval + 10
 * s + N times 5 s; a shorter interval bounds each of these times. The first 4xx is KEEPALIVE_REFUSED. The agent decides
 * what follows.
 */
#ifndef AGENT_KEEPALIVE_H
#define AGENT_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ua/ua.h"

#define KEEPALIVE_TIMEOUT_MS 10000u
#define KEEPALIVE_FAST_MS    5000u
#define KEEPALIVE_OPEN_MAX   (KEEPALIVE_TIMEOUT_MS / KEEPALIVE_FAST_MS + 1)
#define KEEPALIVE_FAULTY_MAX 64u
#define KEEPALIVE_RETRY_MS   1000u /* after a failure to send one */

/* What a keepalive showed about the platform. */
enum keepalive_outcome {
    KEEPALIVE_NOTHING,
    KEEPALIVE_ANSWERED, /* our registration is valid */
    KEEPALIVE_SILENT,   /* keepalive_count misses in a row; no more are sent until the next answer or
                                         * keepalive_start */
    KEEPALIVE_REFUSED,  /* the platform does not know our registration */
};

struct keepalive {
    struct ua *ua;
    bool active;
    bool silent;     /* KEEPALIVE_SILENT was returned */
    uint64_t due_ms; /* the next one */
    uint32_t ref;    /* of the last one sent, at sent_ms */
    uint64_t sent_ms;
    struct keepalive_open {
        uint32_t ref;
        uint64_t miss_ms;
    } open[KEEPALIVE_OPEN_MAX]; /* sent, neither answered nor missed yet; oldest first */
    unsigned nopen;
    unsigned missed;       /* in a row */
    uint64_t serial;       /* device_serial when faults were last reported */
    unsigned faulty;       /* number of faulty channels at that time */
    uint32_t sent, misses; /* counters */
};

void keepalive_init(struct keepalive *k, struct ua *u);
void keepalive_start(struct keepalive *k, const struct gb_time *now); /* registered: sends one immediately */
void keepalive_offline(struct keepalive *k);
enum keepalive_outcome keepalive_tick(struct keepalive *k, const struct gb_time *now); /* NOTHING or SILENT */
uint64_t keepalive_deadline(const struct keepalive *k);
/* A MESSAGE_KEEPALIVE ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
enum keepalive_outcome keepalive_message_done(struct keepalive *k, uint32_t ref, int status);
/* The device changed: a newly faulty channel is reported immediately. */
void keepalive_device_changed(struct keepalive *k, const struct gb_time *now);
void keepalive_interval_changed(struct keepalive *k, const struct gb_time *now);
void keepalive_now(struct keepalive *k, const struct gb_time *now); /* sends one immediately */
/* The shorter of ms and the interval. */
unsigned keepalive_within_interval(const struct keepalive *k, unsigned ms);

#endif
