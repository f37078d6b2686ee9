/* SPDX-License-Identifier: MIT */
/* Alarm inputs of the simulated camera: contacts operated by gbagentctl, guard states, sirens; and simulated channel
 * states. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

struct sim_input *sim_input_find(struct board *b, const char *id)
{
    list_each(it, &b->inputs) {
        struct sim_input *in = container_of(it, struct sim_input, node);

        if (strcmp(in->id, id) == 0)
            return in;
    }
    return NULL;
}

struct sim_input *sim_input_get(struct board *b, const char *id)
{
    struct sim_input *in = sim_input_find(b, id);

    if (in || b->ninputs >= SIM_INPUTS_MAX)
        return in;
    in = calloc(1, sizeof(*in));
    if (in) {
        (void)snprintf(in->id, sizeof(in->id), "%s", id);
        list_append(&b->inputs, &in->node);
        b->ninputs++;
    }
    return in;
}

void sim_inputs_free(struct board *b)
{
    list_each_safe(it, &b->inputs) {
        list_remove(it);
        free(container_of(it, struct sim_input, node));
    }
    b->ninputs = 0;
}

bool sim_on_guard(struct board *b, const char *id)
{
    const struct sim_input *in = sim_input_find(b, id);

    return in && in->guard_own ? in->guard : !b->guard_off;
}

int sim_guard(struct board *b, const char *id, bool on)
{
    struct sim_input *in;

    log_info("sim: guard id=%s state=%s", id[0] ? id : "device", on ? "set" : "reset");
    if (!id[0]) {
        b->guard_off = !on;
        list_each(it, &b->inputs)
            container_of(it, struct sim_input, node)->guard_own = false;
        return 0;
    }
    in = sim_input_get(b, id);
    if (!in)
        return -ENOMEM;
    in->guard_own = true;
    in->guard = on;
    return 0;
}

void sim_alarm_reset(struct board *b, const char *id, const char *method)
{
    /* Sirens belong to inputs, AlarmMethod 2; 0 or none means all methods. */
    if (method[0] && !strpbrk(method, "02"))
        return;
    log_info("sim: alarm-reset id=%s", id[0] ? id : "device");
    list_each(it, &b->inputs) {
        struct sim_input *in = container_of(it, struct sim_input, node);

        if (!id[0] || strcmp(in->id, id) == 0)
            in->siren = false;
    }
}

/* ---- contacts ------------------------------------------------------------------------------------------ */

int sim_input(struct board *b, const char *id)
{
    const struct sim_input *in = sim_input_find(b, id);

    return in && in->on;
}

int sim_input_set(struct board *b, const char *id, bool on)
{
    struct board_event ev = { .kind = BOARD_ALARM, .method = 2, .priority = 1 };
    struct sim_input *in = sim_input_get(b, id);
    int err = 0;

    if (!in)
        return -ENOMEM;
    (void)snprintf(ev.id, sizeof(ev.id), "%s", in->id);
    if (on && !in->on)
        err = sim_event_push(b, &ev);
    if (err)
        return err;
    /* Reported even when not on guard: the daemon filters alarms. Only the siren depends on the guard state. */
    in->siren = in->siren || (on && !in->on && sim_on_guard(b, id));
    in->on = on;
    log_info("sim: input id=%s state=%s guard=%s", id, on ? "on" : "off", sim_on_guard(b, id) ? "set" : "reset");
    return 0;
}

/* ---- simulated events ----------------------------------------------------------------------------------- */

static int simulate_channel(struct board *b, const struct board_event *ev)
{
    struct sim_input *in = sim_input_get(b, ev->id);
    int err = in ? sim_event_push(b, ev) : -ENOMEM;

    if (!err)
        in->state = ev->state;
    return err;
}

int sim_simulate_event(struct board *b, const struct board_event *ev)
{
    if (ev->kind == BOARD_CHANNEL)
        return simulate_channel(b, ev);
    log_info("sim: alarm id=%s alarm_method=%u alarm_type=%u", ev->id[0] ? ev->id : "device", ev->method, ev->type);
    return sim_event_push(b, ev);
}
