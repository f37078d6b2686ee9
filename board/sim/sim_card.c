/* SPDX-License-Identifier: MIT */
/* A storage card that starts two fifths full and fills by 1 Mbit/s per recorded stream; when it is full, the oldest
 * recordings are overwritten. Formatting takes five seconds. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/log.h"

#define MB          1000000ull
#define RESERVE_MB  200ull /* kept free by overwriting the oldest */
#define BYTES_PER_S 125000ull
#define FORMAT_US   5000000u

static void count(struct sim_card *card, uint64_t now_us)
{
    const uint64_t max = (card->capacity_mb - RESERVE_MB) * MB;

    if (!card->counted_us) {
        card->used_bytes = card->capacity_mb * MB / 5 * 2;
        card->counted_us = now_us;
    }
    if (card->formatted_us && now_us >= card->formatted_us + FORMAT_US) {
        card->used_bytes = 0;
        card->counted_us = card->formatted_us + FORMAT_US;
        card->formatted_us = 0;
    }
    if (now_us > card->counted_us && !card->formatted_us)
        card->used_bytes += (now_us - card->counted_us) * BYTES_PER_S * card->recording / 1000000u;
    if (now_us > card->counted_us)
        card->counted_us = now_us;
    if (card->used_bytes > max)
        card->used_bytes = max;
}

int sim_card_status(struct board *b, uint64_t now_us, struct board_card *out)
{
    struct sim_card *card = &b->card;

    count(card, now_us);
    *out = (struct board_card){ .id = 1, .capacity_mb = card->capacity_mb, .progress = -1, .state = BOARD_CARD_OK };
    (void)snprintf(out->name, sizeof(out->name), "sim card");
    if (card->formatted_us) {
        out->state = BOARD_CARD_FORMATTING;
        out->progress = (int)((now_us - card->formatted_us) * 100u / FORMAT_US);
        return 0;
    }
    out->free_mb = card->capacity_mb - (card->used_bytes + MB - 1) / MB;
    return 0;
}

int sim_storage(struct board *b, struct board_card *out, unsigned max)
{
    if (!max)
        return 0;
    (void)sim_card_status(b, sim_now_us(), out);
    return 1;
}

int sim_card_format(struct board *b, unsigned card, uint64_t now_us)
{
    if (card > 1)
        return -ENODEV;
    count(&b->card, now_us);
    if (b->card.formatted_us)
        return -EBUSY;
    b->card.formatted_us = now_us;
    b->erased_unix_s = (int64_t)time(NULL);
    log_info("sim: format card=1");
    return 0;
}

int sim_record(struct board *b, const char *id, unsigned stream, bool on, uint64_t now_us)
{
    struct sim_camera *c = sim_camera_get(b, id);
    const uint32_t bit = stream < 32 ? 1u << stream : 0;

    if (!c)
        return -ENOMEM;
    if (!bit)
        return -ERANGE;
    count(&b->card, now_us);
    if (on && b->card.formatted_us)
        return -EBUSY;
    if (on && !(c->records & bit))
        b->card.recording++;
    else if (!on && (c->records & bit))
        b->card.recording--;
    c->records = on ? c->records | bit : c->records & ~bit;
    log_info("sim: record channel=%s stream=%u state=%s", id, stream, on ? "on" : "off");
    return 0;
}
