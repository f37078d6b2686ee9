/* SPDX-License-Identifier: MIT */
#include "board/sim/sim.h"

#include <string.h>

#include "util/log.h"

#define BEHIND_MAX_US 320000u /* after a pause of the daemon older audio is skipped */
#define SECOND_US     UINT64_C(1000000)

void sim_audio_open(struct board *b, const char *text, struct sim_audio *out)
{
    char file[LOG_QUOTED_SIZE];
    int err;

    *out = (struct sim_audio){ .start_us = sim_now_us() };
    err = *text ? sound_get(&b->sounds, text, &out->sound) : 0;
    if (err) {
        log_warn("sim: audio-failed file=%s reason=\"%s\"", log_quoted(file, sizeof(file), span_of(text)),
                 strerror(-err));
    }
}

void sim_audio_close(struct sim_audio *a)
{
    sound_put(a->sound);
    a->sound = NULL;
}

/* Divides first: a product of years would overflow. */
uint64_t sim_audio_due(const struct sim_audio *a)
{
    uint32_t rate;

    if (!a->sound)
        return UINT64_MAX;
    rate = a->sound->rate;
    return a->start_us + a->samples / rate * SECOND_US + a->samples % rate * SECOND_US / rate;
}

static void advance(struct sim_audio *a)
{
    a->samples += a->sound->unit[a->next].samples;
    a->next = (a->next + 1) % a->sound->count;
}

void sim_audio_take(struct sim_audio *a, uint64_t now_us, struct gb_unit *unit, struct gb_segment *seg)
{
    const struct sound_unit *u;

    if (now_us > sim_audio_due(a) + BEHIND_MAX_US) {
        uint64_t span = (uint64_t)a->sound->unit[a->next].samples * SECOND_US / a->sound->rate;
        while (sim_audio_due(a) + span <= now_us)
            advance(a);
    }
    u = &a->sound->unit[a->next];
    *seg = (struct gb_segment){ a->sound->data + u->at, u->len };
    *unit = (struct gb_unit){
        .kind = GB_AUDIO,
        .codec = a->sound->codec,
        .pts_us = sim_audio_due(a),
        .dts_us = sim_audio_due(a),
    };
    advance(a);
}
