/* SPDX-License-Identifier: MIT */
/*
 * SIP through the whole agent. An input is a script of steps separated by 0x1e; the first byte of a step is its kind:
 *   m  a message from the platform        s  one from an unknown source
 *   r  a response to our last request: three digits of status, then header lines
 *   t  time passes: decimal seconds       a j e c  accept, reject, end, control done for the last call
 *   d  the device changes                 l  the link is lost
 *   v  an alarm: digits of priority, method, type and event (letters continue after 9), and an i for the input
 *   f  the end of a recording
 * A first byte of 'T' selects TCP, 'N' an agent that has not registered yet, 'D' one that signs (Note).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osipparser2/osip_port.h>

#include "agent/agent.h"
#include "agent/agent_impl.h"
#include "device/device.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/snapshot.h"

#define STEPS_MAX 64u
#define TURNS     8u /* of the agent per time step; up to TURNS_MAX if it needs more for the same time */
#define TURNS_MAX 100u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* A small quarantine, so that freed memory is reused while still in the cache. Stacks of allocations are short; use
 * ASAN_OPTIONS=malloc_context_size=30 for full ones. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=2:thread_local_quarantine_size_kb=64:malloc_context_size=2";
}

struct world {
    struct mux *mux;
    struct agent *agent;
    struct device *dev;
    struct gb_time now;
    struct addr server, local, unknown;
    enum sip_transport transport;
    char last[2048];
    size_t last_len;
    uint32_t call, token;
    bool deaf;
};

static void configure(const struct world *w, struct agent *a, const struct agent_event *ev)
{
    const struct gb_setting s = *ev->u.setting;

    if ((unsigned)s.block >= GB_BLOCKS)
        abort();
    agent_reply_result(a, ev->token, w->deaf ? -5 : 0, &w->now);
    if (s.block == GB_BLOCK_BASIC)
        agent_set_basic(a, &s.u.basic, &w->now);
}

static void control(const struct world *w, struct agent *a, const struct agent_event *ev)
{
    const uint32_t token = ev->token;
    int err = w->deaf ? -5 : device_state_apply(device_state(w->dev), ev->channel, ev->u.control);

    if (token)
        agent_reply_result(a, token, err, &w->now);
}

static void drain(struct world *w)
{
    struct agent_packet p;
    struct agent_event ev;
    struct agent *a;

    while ((a = mux_ready(w->mux))) {
        while (agent_next_packet(a, &p)) {
            const char *bad;

            if (p.len == w->last_len && memcmp(p.data, w->last, p.len) == 0)
                continue; /* a retransmission */
            bad = judge_sip(p.data, p.len);
            if (bad) {
                fprintf(stderr, "%s\n%.*s\n", bad, (int)p.len, p.data);
                abort();
            }
            if (memcmp(p.data, "SIP/", 4) != 0 && p.len < sizeof(w->last)) {
                memcpy(w->last, p.data, p.len);
                w->last[p.len] = '\0';
                w->last_len = p.len;
            }
        }
        while (agent_next_event(a, &ev)) {
            if (ev.kind == AGENT_LINK_WANTED && !w->deaf)
                agent_link_up(a, 1, &w->local, &w->server, 1, &w->now);
            else if (ev.kind == AGENT_CALL_OFFER)
                w->call = ev.call;
            else if (ev.kind == AGENT_CALL_CONTROL)
                w->token = ev.token;
            else if (ev.kind == AGENT_QUERY && ev.u.query.kind == AGENT_QUERY_GEO)
                agent_reply_geo(a, ev.token, w->deaf ? NULL : &(struct board_geo){ .longitude = 1e300, .latitude = -1 },
                                &w->now);
            else if (ev.kind == AGENT_QUERY && ev.u.query.kind == AGENT_QUERY_HEAD)
                agent_reply_head(a, ev.token, &(struct board_head){ .pan = (double)w->now.mono_ms }, &w->now);
            else if (ev.kind == AGENT_QUERY && ev.u.query.kind == AGENT_QUERY_SETTING)
                agent_reply_setting(a, ev.token, w->deaf ? -5 : 0,
                                    w->deaf ? NULL : &(struct gb_setting){ .block = ev.u.query.block }, &w->now);
            else if (ev.kind == AGENT_CONTROL)
                control(w, a, &ev);
            else if (ev.kind == AGENT_CONFIG)
                configure(w, a, &ev);
            else if (ev.kind == AGENT_QUERY)
                agent_reply_status(a, ev.token, &(struct agent_status_reply){ .ok = true, .encode = 1, .record = -1 },
                                   &w->now);
        }
    }
}

static void input(struct world *w, const struct addr *from, const uint8_t *p, size_t n)
{
    char *copy = malloc(n + 1); /* exactly as long as the message, so that sanitizers detect reads past its end */
    struct sip_input in = { .link = 1, .from = *from, .transport = w->transport, .len = n };

    if (!copy)
        return;
    char *exact = realloc(copy, n ? n : 1);
    in.data = exact ? exact : copy;
    if (n)
        memcpy((char *)(uintptr_t)in.data, p, n);
    mux_input(w->mux, &in, &w->now);
    free((char *)(uintptr_t)in.data);
    drain(w);
}

static void answer(struct world *w, const uint8_t *p, size_t n)
{
    static char text[8192];
    size_t len = n < 3 ? 0 : judge_answer(w->last, (const char *)p, n, text, sizeof(text));

    if (len)
        input(w, &w->server, (const uint8_t *)text, len);
}

static void pass_time(struct world *w, uint64_t ms)
{
    uint64_t end = w->now.mono_ms + ms, next;

    for (unsigned turns = 0; turns < TURNS_MAX && (next = mux_deadline(w->mux)) <= end; turns++) {
        /* Large steps are run as by a process scheduled late: hours are not worth a thousand turns. */
        if (next < w->now.mono_ms + ms / TURNS)
            next = w->now.mono_ms + ms / TURNS;
        if (next > w->now.mono_ms)
            w->now.mono_ms = next < end ? next : end;
        mux_tick(w->mux, &w->now);
        drain(w);
    }
    w->now.mono_ms = end;
}

static void raise_alarm(struct world *w, const uint8_t *p, size_t n)
{
    unsigned digit[4] = { 1, 5, 6, 1 };
    struct agent_alarm al = { .id = "34020000001310000001" };
    int said;

    for (size_t i = 0; i < 4 && i < n; i++)
        digit[i] = p[i] - (p[i] > '9' ? 'a' - 10u : '0');
    al.priority = digit[0] % 6;
    al.method = digit[1];
    al.type = digit[2];
    al.event_type = digit[3];
    if (n > 4)
        al.id[12] = '4';
    said = agent_admits_alarm(w->agent, &al, &w->now);
    if (agent_alarm(w->agent, &al, &w->now) != said)
        abort();
}

static void step(struct world *w, const uint8_t *p, size_t n)
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    unsigned seconds = 0;

    if (n == 0)
        return;
    switch (p[0]) {
    case 'm':
        input(w, &w->server, p + 1, n - 1);
        break;
    case 's':
        input(w, &w->unknown, p + 1, n - 1);
        break;
    case 'r':
        answer(w, p + 1, n - 1);
        break;
    case 'a':
        any.f = n > 1 ? "v/2/6/25/1/4000a///" : NULL;
        /* An offer without PS is answered, too. */
        for (any.format = SDP_FORMAT_PS; any.format <= SDP_FORMAT_H265; any.format++)
            if (agent_call_accept(w->agent, w->call, &any, &w->now) != -ENOTSUP)
                break;
        break;
    case 'j':
        agent_call_reject(w->agent, w->call, n > 1 ? 300u + p[1] : 486, &w->now);
        break;
    case 'e':
        agent_call_ended(w->agent, w->call, "x", &w->now);
        break;
    case 'c':
        agent_call_control_done(w->agent, w->call, w->token, 200, &w->now);
        break;
    case 'v':
        raise_alarm(w, p + 1, n - 1);
        break;
    case 'f':
        agent_call_eof(w->agent, w->call, &w->now);
        break;
    case 'd':
        device_set_state(w->dev, "34020000001310000001", n > 1 ? DEVICE_ITEM_VLOST : DEVICE_ITEM_ON);
        agent_device_changed(w->agent, &w->now);
        break;
    case 'l':
        agent_link_failed(w->agent, "lost", &w->now);
        break;
    case 't':
        for (size_t i = 1; i < n && i < 6 && p[i] >= '0' && p[i] <= '9'; i++)
            seconds = seconds * 10 + (unsigned)(p[i] - '0');
        pass_time(w, (uint64_t)seconds * 1000 + 10);
        break;
    default:
        break;
    }
    drain(w);
}

static bool world_make(struct world *w, bool tcp, bool note, bool deaf)
{
    static const uint8_t seed[32] = { 5 };
    struct device_item_config item[2];
    struct device_config dc;
    struct agent_config cfg;

    memset(w, 0, sizeof(*w));
    memset(item, 0, sizeof(item));
    memset(&dc, 0, sizeof(dc));
    memset(&cfg, 0, sizeof(cfg));
    snprintf(dc.id, sizeof(dc.id), "34020000001320000001");
    snprintf(item[0].id, sizeof(item[0].id), "34020000001310000001");
    snprintf(item[1].id, sizeof(item[1].id), "34020000001340000001");
    item[1].kind = DEVICE_ALARM_INPUT;
    dc.item = item;
    dc.nitems = 2;
    snprintf(cfg.name, sizeof(cfg.name), "fuzz");
    snprintf(cfg.server_id, sizeof(cfg.server_id), "34020000002000000001");
    snprintf(cfg.password, sizeof(cfg.password), "12345678");
    cfg.transport = tcp ? SIP_TCP : SIP_UDP;
    cfg.note_digest = note ? AGENT_NOTE_MD5 : AGENT_NOTE_OFF;
    snprintf(cfg.note_seed, sizeof(cfg.note_seed), "seed");
    cfg.expires_s = 3600;
    cfg.keepalive_interval_s = 60;
    cfg.keepalive_count = 3;
    cfg.edition = GB_2016;
    cfg.time_sync = AGENT_TIME_EVENT;
    cfg.alarm_latch_s = AGENT_LATCH_STRICT;
    cfg.max_per_channel = 2;
    addr_parse(&w->server, SPAN_LIT("192.0.2.1:5060"), 0);
    addr_parse(&w->local, SPAN_LIT("198.51.100.5:5060"), 0);
    addr_parse(&w->unknown, SPAN_LIT("203.0.113.1:5060"), 0);
    w->transport = cfg.transport;
    w->now.mono_ms = 1000;
    w->deaf = deaf;
    if (device_new(&dc, &w->dev) != 0)
        return false;
    return mux_new(seed, &w->mux) == 0 && agent_new(w->mux, &cfg, w->dev, &w->agent) == 0;
}

static void world_free(struct world *w)
{
    agent_free(w->agent);
    mux_free(w->mux);
    device_free(w->dev);
}

/* The first bytes of an input that select a world; 0: any other byte. */
static const char kinds[] = { 0, 'T', 'N', 'D' };

static bool world_begin(struct world *w, char kind)
{
    if (!world_make(w, kind == 'T', kind == 'D', false))
        return false;
    pass_time(w, 1);
    if (kind != 'N')
        answer(w, (const uint8_t *)"200", 3);
    return true;
}

/* Each world is set up once and restored for each input; set up afresh if FUZZ_FRESH is in the environment. */
static struct snapshot *world_kept(struct world *w, unsigned kind)
{
    static struct snapshot *kept[sizeof(kinds)];
    static struct world worlds[sizeof(kinds)];

    if (!kept[0]) {
        osip_set_allocators(malloc, realloc, free);
        for (unsigned i = 0; i < sizeof(kinds); i++) {
            world_begin(w, kinds[i]); /* lets libraries do their one-time allocations */
            world_free(w);
            kept[i] = snapshot_record();
            if (!kept[i] || !world_begin(&worlds[i], kinds[i]) || snapshot_keep(kept[i]) != 0)
                abort();
        }
    }
    *w = worlds[kind];
    snapshot_restore(kept[kind]);
    return kept[kind];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fresh = -1;
    struct snapshot *kept = NULL;
    unsigned kind = sizeof(kinds) - 1;
    struct world w;
    size_t at;

    while (kind > 0 && (size == 0 || data[0] != (uint8_t)kinds[kind]))
        kind--;
    at = kind ? 1 : 0;
    if (fresh < 0)
        fresh = getenv("FUZZ_FRESH") != NULL;
    if (!fresh)
        kept = world_kept(&w, kind);
    else if (!world_begin(&w, kinds[kind]))
        abort();
    for (unsigned n = 0; at < size && n < STEPS_MAX; n++) {
        const uint8_t *end = memchr(data + at, 0x1e, size - at);
        size_t len = end ? (size_t)(end - data) - at : size - at;

        step(&w, data + at, len);
        at += len + 1;
    }
    agent_stop(w.agent, w.now.mono_ms + 2000, &w.now);
    drain(&w);
    if (size & 1)
        answer(&w, (const uint8_t *)"200", 3);
    pass_time(&w, 3000);
    if (w.agent->calls.count > 0)
        abort();
    world_free(&w);
    if (kept)
        snapshot_check(kept);
    return 0;
}
