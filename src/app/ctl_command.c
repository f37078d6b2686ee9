/* SPDX-License-Identifier: MIT */
#include "app/ctl.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl_priv.h"

#define WORDS_MAX 16u

/* One request being answered. */
struct request {
    const struct ctl_ops *ops;
    void *arg;
    bool json;
    struct span word[WORDS_MAX]; /* after the command; "text=" takes the rest of the line */
    unsigned nwords;
    struct ctl_reply *reply; /* with text: rendered status, instead of `done` */
    char done[64], reason[192];
};

struct command {
    const char *name;
    int (*run)(struct request *r); /* 0, or -errno and reason */
    unsigned min_words, max_words;
    const char *usage;
};

static int refuse(struct request *r, const char *text)
{
    snprintf(r->reason, sizeof(r->reason), "%s", text);
    return -EINVAL;
}

static int run_snapshot(struct request *r, bool sessions_only)
{
    struct ctl_snapshot s;
    struct buf out;
    size_t room;
    int err;

    memset(&s, 0, sizeof(s));
    err = r->ops->snapshot(r->arg, &s);
    if (err < 0)
        goto out;
    room = ctl_render_room(&s);
    room = room > CTL_REPLY_MAX ? CTL_REPLY_MAX : room;
    r->reply->text = malloc(room);
    err = -ENOMEM;
    if (!r->reply->text)
        goto out;
    buf_init(&out, r->reply->text, room);
    buf_char(&out, '+');
    ctl_render(&s, r->json, sessions_only, &out);
    r->reply->len = out.len;
    err = out.overflow ? -ENOBUFS : 0;
out:
    free(s.platform);
    free(s.channel);
    free(s.session);
    free(s.ended);
    free(s.upgrade);
    return err;
}

static int run_status(struct request *r)
{
    return run_snapshot(r, false);
}

static int run_sessions(struct request *r)
{
    return run_snapshot(r, true);
}

static const struct {
    const char *key;
    size_t offset;
    uint64_t min, max;
} alarm_keys[] = {
    { "method", offsetof(struct agent_alarm, method), 1, 7 },
    { "type", offsetof(struct agent_alarm, type), 0, 99 },
    { "event", offsetof(struct agent_alarm, event_type), 0, 99 },
    { "priority", offsetof(struct agent_alarm, priority), 1, 4 },
};

static int alarm_key(struct request *r, struct agent_alarm *al, struct span key, struct span value)
{
    uint64_t v;

    if (span_eq_str(key, "text") && !span_copy(value, al->description, sizeof(al->description)))
        return refuse(r, "text: expected at most 127 bytes");
    if (span_eq_str(key, "text"))
        return 0;
    for (size_t i = 0; i < sizeof(alarm_keys) / sizeof(alarm_keys[0]); i++) {
        if (!span_eq_str(key, alarm_keys[i].key))
            continue;
        if (span_u64(value, alarm_keys[i].max, &v) < 0 || v < alarm_keys[i].min) {
            snprintf(r->reason, sizeof(r->reason), "%s: expected number from %u to %u", alarm_keys[i].key,
                     (unsigned)alarm_keys[i].min, (unsigned)alarm_keys[i].max);
            return -EINVAL;
        }
        memcpy((char *)al + alarm_keys[i].offset, &(unsigned){ (unsigned)v }, sizeof(unsigned));
        return 0;
    }
    return refuse(r, "expected method=, type=, event=, priority= or text=");
}

static int run_alarm(struct request *r)
{
    struct agent_alarm al;
    int err;

    memset(&al, 0, sizeof(al));
    al.method = 2; /* the device's own alarm, at the lowest level */
    al.priority = 4;
    for (unsigned i = 0; i < r->nwords; i++) {
        struct span w = r->word[i];
        size_t eq = span_chr(w, '=');

        if (eq == w.n) {
            if (i || gbid_check(w) < 0 || !span_copy(w, al.id, sizeof(al.id)))
                return refuse(r, "expected alarm [ID] [KEY=VALUE ...] with an ID of 20 digits");
            continue;
        }
        err = alarm_key(r, &al, (struct span){ w.p, eq }, span_from(w, eq + 1));
        if (err < 0)
            return err;
    }
    snprintf(r->done, sizeof(r->done), "alarm queued");
    return r->ops->alarm(r->arg, &al, r->reason, sizeof(r->reason));
}

static int run_input(struct request *r)
{
    static const struct {
        const char *word;
        enum ctl_input how;
    } hows[] = {
        { "on", CTL_INPUT_ON },
        { "off", CTL_INPUT_OFF },
        { "toggle", CTL_INPUT_TOGGLE },
    };
    enum ctl_input how = CTL_INPUT_READ;
    char id[GBID_SIZE];
    bool on = false;
    int err;

    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
        if (r->nwords > 1 && span_eq_str(r->word[1], hows[i].word))
            how = hows[i].how;
    if (gbid_check(r->word[0]) < 0 || !span_copy(r->word[0], id, sizeof(id)) ||
        (r->nwords > 1 && how == CTL_INPUT_READ))
        return refuse(r, "expected input ID [on|off|toggle] with an ID of 20 digits");
    err = r->ops->input ? r->ops->input(r->arg, id, how, &on, r->reason, sizeof(r->reason)) : -ENOTSUP;
    snprintf(r->done, sizeof(r->done), "input %s", on ? "on" : "off");
    return err;
}

static int run_channel(struct request *r)
{
    static const char *const words[] = {
        [BOARD_CHANNEL_ON] = "on",
        [BOARD_CHANNEL_OFF] = "off",
        [BOARD_CHANNEL_DEFECT] = "defect",
    };
    const size_t count = sizeof(words) / sizeof(words[0]);
    char id[GBID_SIZE];
    size_t i = 0;

    while (i < count && !span_eq_str(r->word[1], words[i]))
        i++;
    if (i == count || gbid_check(r->word[0]) < 0 || !span_copy(r->word[0], id, sizeof(id)))
        return refuse(r, "expected channel ID on|off|defect with an ID of 20 digits");
    snprintf(r->done, sizeof(r->done), "channel %s", words[i]);
    return r->ops->channel ? r->ops->channel(r->arg, id, (enum board_channel_state)i, r->reason, sizeof(r->reason))
                           : -ENOTSUP;
}

static int run_idr(struct request *r)
{
    char id[GBID_SIZE];

    if (gbid_check(r->word[0]) < 0 || !span_copy(r->word[0], id, sizeof(id)))
        return refuse(r, "expected a channel ID of 20 digits");
    snprintf(r->done, sizeof(r->done), "key frame requested");
    return r->ops->idr(r->arg, id, r->reason, sizeof(r->reason));
}

static int run_upload(struct request *r)
{
    char id[GBID_SIZE];

    if (gbid_check(r->word[0]) < 0 || !span_copy(r->word[0], id, sizeof(id)))
        return refuse(r, "expected a channel ID of 20 digits");
    snprintf(r->done, sizeof(r->done), "platforms notified");
    return r->ops->upload ? r->ops->upload(r->arg, id, r->reason, sizeof(r->reason)) : -ENOTSUP;
}

static int run_reload(struct request *r)
{
    snprintf(r->done, sizeof(r->done), "reloaded");
    return r->ops->reload(r->arg, r->reason, sizeof(r->reason));
}

static int run_log(struct request *r)
{
    char name[16];
    int level = -EINVAL;

    if (span_copy(r->word[0], name, sizeof(name)))
        level = log_level_parse(name);
    if (level < 0)
        return refuse(r, "expected error, warn, info, debug or trace");
    snprintf(r->done, sizeof(r->done), "log level %s", log_level_name((enum log_level)level));
    return r->ops->log_level(r->arg, (enum log_level)level, r->reason, sizeof(r->reason));
}

/* The platform's name is the rest of the line: it may contain blanks. */
static int run_trace(struct request *r)
{
    const struct span *last = &r->word[r->nwords ? r->nwords - 1 : 0];
    struct span name = { r->word[0].p, (size_t)(last->p - r->word[0].p) + last->n };
    int err;

    if (r->json)
        return refuse(r, "trace does not support JSON");
    if (!span_copy(name, r->reply->platform, sizeof(r->reply->platform)))
        return -ENAMETOOLONG;
    err = r->ops->trace(r->arg, r->reply->platform, r->reason, sizeof(r->reason));
    r->reply->trace = !err;
    return err;
}

static const struct command commands[] = {
    { "status", run_status, 0, 0, "status" },
    { "sessions", run_sessions, 0, 0, "sessions" },
    { "alarm", run_alarm, 0, WORDS_MAX, "alarm [ID] [KEY=VALUE ...]" },
    { "input", run_input, 1, 2, "input ID [on|off|toggle]" },
    { "channel", run_channel, 2, 2, "channel ID on|off|defect" },
    { "idr", run_idr, 1, 1, "idr CHANNEL" },
    { "notify-upload", run_upload, 1, 1, "notify-upload CHANNEL" },
    { "reload", run_reload, 0, 0, "reload" },
    { "log", run_log, 1, 1, "log LEVEL" },
    { "trace", run_trace, 0, WORDS_MAX, "trace [PLATFORM]" },
};

static bool next_word(struct span *rest, struct span *word)
{
    *rest = span_trim(*rest);
    if (!rest->n)
        return false;
    *word = *rest;
    if (rest->n < 5 || memcmp(rest->p, "text=", 5)) {
        word->n = 0;
        while (word->n < rest->n && rest->p[word->n] != ' ' && rest->p[word->n] != '\t')
            word->n++;
    }
    *rest = span_from(*rest, word->n);
    return true;
}

static int run(struct request *r, struct span line)
{
    struct span name = { "", 0 };

    if (next_word(&line, &name) && span_eq_str(name, "json")) {
        r->json = true;
        name.n = 0;
        next_word(&line, &name);
    }
    while (r->nwords < WORDS_MAX && next_word(&line, &r->word[r->nwords]))
        r->nwords++;
    if (span_trim(line).n)
        return refuse(r, "too many words");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *c = &commands[i];

        if (!span_eq_str(name, c->name))
            continue;
        if (r->nwords < c->min_words || r->nwords > c->max_words) {
            snprintf(r->reason, sizeof(r->reason), "expected %s", c->usage);
            return -EINVAL;
        }
        return c->run(r);
    }
    return refuse(r, "expected status, sessions, alarm, input, channel, idr, notify-upload, reload, log or trace");
}

int ctl_execute(const struct ctl_ops *ops, void *arg, struct span line, struct ctl_reply *reply)
{
    struct request r;
    struct buf out;
    char mem[1024];
    int err;

    memset(reply, 0, sizeof(*reply));
    memset(&r, 0, sizeof(r));
    r.reply = reply;
    r.ops = ops;
    r.arg = arg;
    if (memchr(line.p, '\0', line.n))
        err = refuse(&r, "expected a line of text");
    else
        err = run(&r, line);
    if (!err && reply->text)
        return 0;
    free(reply->text);
    if (err < 0 && !r.reason[0])
        snprintf(r.reason, sizeof(r.reason), "%s", strerror(-err));
    buf_init(&out, mem, sizeof(mem));
    if (r.json) {
        buf_str(&out, err < 0 ? "-{\"error\":" : "+{\"ok\":");
        ctl_render_string(err < 0 ? r.reason : r.done, &out);
        buf_str(&out, "}\n");
    } else {
        buf_printf(&out, "%c%s\n", err < 0 ? '-' : '+', err < 0 ? r.reason : r.done);
    }
    reply->text = strdup(mem);
    reply->len = out.len;
    return reply->text ? 0 : -ENOMEM;
}
