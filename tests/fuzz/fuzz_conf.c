/* SPDX-License-Identifier: MIT */
/* A config file, and a line for the control socket: any input gives errors or a config within its bounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int snapshot(void *arg, struct ctl_snapshot *out)
{
    (void)arg;
    out->device = "34020000001320000001";
    out->ended = calloc(1, sizeof(*out->ended));
    out->nended = out->ended ? 1 : 0;
    return 0;
}

static int alarm_op(void *arg, const struct agent_alarm *al, char *err, size_t size)
{
    (void)arg;
    if (al->method < 1 || al->method > 7 || al->priority < 1 || al->priority > 4)
        abort();
    snprintf(err, size, "%s", al->description);
    return -1;
}

static int idr(void *arg, const char *channel, char *err, size_t size)
{
    (void)arg;
    snprintf(err, size, "%s", channel);
    return -1;
}

static int reload(void *arg, char *err, size_t size)
{
    (void)arg;
    (void)err;
    (void)size;
    return 0;
}

static int log_level(void *arg, enum log_level level, char *err, size_t size)
{
    (void)arg;
    snprintf(err, size, "%s", log_level_name(level));
    return level > LOG_L_TRACE ? -1 : 0;
}

static int input(void *arg, const char *id, enum ctl_input how, bool *on, char *err, size_t size)
{
    (void)arg;
    if (gbid_check(span_of(id)) < 0 || how > CTL_INPUT_TOGGLE)
        abort();
    *on = how == CTL_INPUT_ON;
    snprintf(err, size, "%s", id);
    return -1;
}

static int channel(void *arg, const char *id, enum board_channel_state state, char *err, size_t size)
{
    (void)arg;
    if (gbid_check(span_of(id)) < 0 || state > BOARD_CHANNEL_DEFECT)
        abort();
    snprintf(err, size, "%s", id);
    return -1;
}

static int trace(void *arg, const char *platform, char *err, size_t size)
{
    (void)arg;
    if (strlen(platform) >= CTL_NAME_MAX)
        abort();
    snprintf(err, size, "%s", platform);
    return 0;
}

static const struct ctl_ops ops = {
    .snapshot = snapshot,
    .alarm = alarm_op,
    .input = input,
    .channel = channel,
    .idr = idr,
    .reload = reload,
    .log_level = log_level,
    .upload = idr,
    .trace = trace,
};

static void check(const struct conf *c)
{
    if (!c->nplatforms || c->nplatforms > CONF_PLATFORMS_MAX || !c->device.nitems || c->device.nitems > CONF_ITEMS_MAX)
        abort();
    for (unsigned i = 0; i < c->nplatforms; i++) {
        const struct agent_config *a = &c->platform[i].agent;

        if (a->expires_s < 60 || !a->keepalive_interval_s || !a->keepalive_count || !a->max_per_channel ||
            !a->server_id[0] || !c->platform[i].server_port || !c->platform[i].server_host[0] ||
            a->nallow > AGENT_CIDRS_MAX || !a->name[0])
            abort();
    }
    for (unsigned i = 0; i < c->device.nitems; i++)
        if (strlen(c->item[i].id) < GBID_LEN ||
            (c->item[i].kind == DEVICE_CHANNEL) != !!strchr(c->channel[i].source, ':'))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span line = { (const char *)data, size < CTL_LINE_MAX ? size : CTL_LINE_MAX };
    struct conf *c = NULL;
    struct ctl_reply reply;
    char *said = NULL;
    size_t said_len;
    FILE *in, *errors;
    int err;

    if (!ctl_execute(&ops, NULL, line, &reply)) {
        if (!reply.len || (reply.text[0] != '+' && reply.text[0] != '-') || reply.text[reply.len - 1] != '\n')
            abort();
    }
    free(reply.text);
    if (!size)
        return 0;
    in = fmemopen((void *)(uintptr_t)data, size, "r");
    errors = open_memstream(&said, &said_len);
    if (in && errors) {
        err = conf_read("fuzz", in, errors, &c);
        fflush(errors);
        if (!err != !!c || (err && !said_len))
            abort();
        if (c)
            check(c);
        conf_free(c);
    }
    if (in)
        fclose(in);
    if (errors)
        fclose(errors);
    free(said);
    return 0;
}
