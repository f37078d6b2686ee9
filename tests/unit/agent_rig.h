/* SPDX-License-Identifier: MIT */
/* One agent with the test as its platform: injected time, recorded packets and events. */
#ifndef TESTS_UNIT_AGENT_RIG_H
#define TESTS_UNIT_AGENT_RIG_H

#include "tests/unit/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/agent_impl.h"
#include "agent/call_priv.h"
#include "device/device.h"
#include "sip/scan.h"
#include "util/log.h"

#define RIG_MAX    4096
#define RIG_UNUSED __attribute__((unused))
#define SERVER_ID  "34020000002000000001"
#define DEVICE_ID  "34020000001320000001"
#define CHANNEL_1  "34020000001310000001"
#define CHANNEL_2  "34020000001310000002"
#define LINK       7u

struct rig_event {
    struct agent_event ev;
    struct sdp_offer offer;
    char why[96], channel[GBID_SIZE];
};

struct rig {
    struct mux *mux;
    struct agent *agent;
    struct device *dev;
    struct gb_time now;
    struct addr server, local;
    enum sip_transport transport;
    uint32_t link;       /* used for packets and input */
    bool auto_link;      /* LINK_WANTED is answered immediately */
    bool auto_keepalive; /* keepalives are answered with 200 and not recorded */
    char *packet[RIG_MAX];
    struct addr to[RIG_MAX];
    uint64_t at[RIG_MAX];
    unsigned npackets;
    struct rig_event event[RIG_MAX];
    unsigned nevents, keepalives, links;
    bool fresh_port;
    char host[128];   /* of the last LINK_WANTED; "": the configured one */
    struct addr away; /* the server redirected to, if given as an address */
};

/* The log lines since rig_log_start. */
static char rig_log[16384];

RIG_UNUSED static void rig_log_keep(enum log_level level, const char *line)
{
    size_t n = strlen(rig_log);

    (void)level;
    snprintf(rig_log + n, sizeof(rig_log) - n, "%s\n", line);
}

RIG_UNUSED static void rig_log_start(enum log_level level)
{
    rig_log[0] = '\0';
    log_set_level(level);
    log_set_sink(rig_log_keep);
}

RIG_UNUSED static void rig_log_end(void)
{
    log_set_sink(NULL);
    log_set_level(LOG_L_INFO);
}

RIG_UNUSED static unsigned rig_logged(const char *text)
{
    unsigned n = 0;

    for (const char *p = rig_log; (p = strstr(p, text)); p += strlen(text))
        n++;
    return n;
}

RIG_UNUSED static struct addr rig_addr(const char *text)
{
    struct addr a = { 0 };

    assert_int_equal(addr_parse(&a, span_of(text), 0), 0);
    return a;
}

RIG_UNUSED static void rig_input_from(struct rig *r, struct addr from, const char *text)
{
    size_t n = strlen(text);
    char *copy = guard_copy(text, n);
    struct sip_input in = { .link = r->link, .from = from, .transport = r->transport, .data = copy, .len = n };

    mux_input(r->mux, &in, &r->now);
    guard_free(copy, n);
}

/* The value of the first header of that name, in one of eight static buffers used in turn; NULL: none. */
RIG_UNUSED static const char *rig_header(const char *message, const char *name)
{
    static char out[8][1024];
    static unsigned turn;
    char *o = out[turn++ % 8];
    struct sip_scan s;
    struct span v;

    assert_int_equal(sip_scan(&s, message, strlen(message), false), 0);
    if (!sip_scan_header(&s, name, 0, &v))
        return NULL;
    assert_true(span_copy(v, o, 1024));
    return o;
}

/* The platform's response to a request of the agent; `extra`: complete header lines. */
RIG_UNUSED static void rig_answer_from(struct rig *r, struct addr from, const char *request, unsigned status,
                                       const char *extra)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "SIP/2.0 %u X\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=plat\r\nCall-ID: %s\r\nCSeq: %s\r\n%s"
             "Content-Length: 0\r\n\r\n",
             status, rig_header(request, "Via"), rig_header(request, "From"), rig_header(request, "To"),
             rig_header(request, "Call-ID"), rig_header(request, "CSeq"), extra ? extra : "");
    rig_input_from(r, from, text);
}

RIG_UNUSED static void rig_drain(struct rig *r)
{
    struct agent_packet p;
    struct agent_event ev;
    struct agent *a;

    while ((a = mux_ready(r->mux))) {
        while (agent_next_packet(a, &p)) {
            char *copy = test_malloc(p.len + 1);
            memcpy(copy, p.data, p.len);
            copy[p.len] = '\0';
            assert_int_equal(p.link, r->link);
            if (r->auto_keepalive && !strncmp(copy, "MESSAGE ", 8) && strstr(copy, "<CmdType>Keepalive<")) {
                r->keepalives++;
                rig_answer_from(r, p.to, copy, 200, NULL);
                test_free(copy);
                continue;
            }
            assert_true(r->npackets < RIG_MAX);
            r->to[r->npackets] = p.to;
            r->at[r->npackets] = r->now.mono_ms;
            r->packet[r->npackets++] = copy;
        }
        while (agent_next_event(a, &ev)) {
            struct rig_event *e = &r->event[r->nevents];
            assert_true(r->nevents < RIG_MAX);
            e->ev = ev;
            snprintf(e->why, sizeof(e->why), "%s", ev.why ? ev.why : "");
            snprintf(e->channel, sizeof(e->channel), "%s", ev.channel ? ev.channel : "");
            if (ev.kind == AGENT_CALL_OFFER) {
                e->offer = *ev.u.offer;
                e->ev.u.offer = &e->offer;
            }
            if (ev.kind == AGENT_LINK_WANTED) {
                r->links++;
                r->fresh_port = ev.u.link.fresh_port;
                bool away = ev.u.link.host != NULL;
                snprintf(r->host, sizeof(r->host), "%s", away ? ev.u.link.host : "");
                r->away = (struct addr){ 0 };
                if (away && addr_parse_ip(&r->away, span_of(r->host)) == 0)
                    r->away.port = ev.u.link.port;
                if (r->auto_link && (!away || r->away.family))
                    agent_link_up(a, r->link, &r->local, away ? &r->away : &r->server, 1, &r->now);
            }
            r->nevents++;
        }
    }
}

RIG_UNUSED static void rig_forget(struct rig *r)
{
    for (unsigned i = 0; i < r->npackets; i++)
        test_free(r->packet[i]);
    r->npackets = r->nevents = 0;
}

/* Whether a call with that number is offered, answered or running. */
RIG_UNUSED static bool rig_has_call(const struct rig *r, uint32_t call)
{
    return call_find(&r->agent->calls, call) != NULL;
}

/* Calls offered, answered or running. */
RIG_UNUSED static unsigned rig_calls(const struct agent *a)
{
    return a->calls.count;
}

RIG_UNUSED static void rig_tick(struct rig *r)
{
    mux_tick(r->mux, &r->now);
    rig_drain(r);
}

/* Advances the time by `ms`, deadline by deadline. */
RIG_UNUSED static void rig_run(struct rig *r, uint64_t ms)
{
    uint64_t end = r->now.mono_ms + ms;

    for (unsigned turns = 0;; turns++) {
        uint64_t next = mux_deadline(r->mux);
        if (next > end)
            break;
        if (next > r->now.mono_ms) {
            r->now.unix_ms += (int64_t)(next - r->now.mono_ms);
            r->now.mono_ms = next;
            turns = 0;
        }
        assert_true(turns < 100); /* otherwise an agent's deadline never advances */
        rig_tick(r);
    }
    r->now.unix_ms += (int64_t)(end - r->now.mono_ms);
    r->now.mono_ms = end;
}

RIG_UNUSED static const char *rig_last(struct rig *r)
{
    rig_drain(r);
    assert_true(r->npackets > 0);
    return r->packet[r->npackets - 1];
}

RIG_UNUSED static unsigned rig_count(const struct rig *r, const char *start)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->npackets; i++)
        n += !strncmp(r->packet[i], start, strlen(start)) ? 1 : 0;
    return n;
}

RIG_UNUSED static const struct rig_event *rig_event(const struct rig *r, enum agent_event_kind kind)
{
    const struct rig_event *found = NULL;

    for (unsigned i = 0; i < r->nevents; i++)
        if (r->event[i].ev.kind == kind)
            found = &r->event[i];
    return found;
}

RIG_UNUSED static enum agent_state rig_state(const struct rig *r)
{
    struct agent_status st;

    agent_get_status(r->agent, &st);
    return st.state;
}

RIG_UNUSED static void rig_config(struct agent_config *cfg)
{
    memset(cfg, 0, sizeof(*cfg));
    snprintf(cfg->name, sizeof(cfg->name), "main");
    snprintf(cfg->server_id, sizeof(cfg->server_id), SERVER_ID);
    snprintf(cfg->server_host, sizeof(cfg->server_host), "192.0.2.1");
    snprintf(cfg->password, sizeof(cfg->password), "12345678");
    cfg->expires_s = 86400;
    cfg->keepalive_interval_s = 60;
    cfg->keepalive_count = 3;
    cfg->edition = GB_2016;
    cfg->charset = CHARSET_GB2312;
    cfg->time_sync = AGENT_TIME_EVENT;
    cfg->max_per_channel = 4;
}

RIG_UNUSED static int rig_device(struct device **out)
{
    struct device_item_config item[2];
    struct device_config dc;

    memset(item, 0, sizeof(item));
    memset(&dc, 0, sizeof(dc));
    snprintf(dc.id, sizeof(dc.id), DEVICE_ID);
    snprintf(item[0].id, sizeof(item[0].id), CHANNEL_1);
    snprintf(item[1].id, sizeof(item[1].id), CHANNEL_2);
    dc.item = item;
    dc.nitems = 2;
    return device_new(&dc, out);
}

RIG_UNUSED static struct rig *rig_new(const struct agent_config *cfg)
{
    static const uint8_t seed[32] = "a seed, the same each time";
    struct rig *r = test_calloc(1, sizeof(*r));
    struct agent_config def;

    rig_config(&def);
    r->now = (struct gb_time){ .mono_ms = 1000, .unix_ms = 0, .utc_offset_s = 28800 };
    r->server = rig_addr("192.0.2.1:5060");
    r->local = rig_addr("198.51.100.5:5062");
    r->transport = cfg ? cfg->transport : SIP_UDP;
    r->link = LINK;
    r->auto_link = true;
    assert_int_equal(rig_device(&r->dev), 0);
    assert_int_equal(mux_new(seed, &r->mux), 0);
    assert_int_equal(agent_new(r->mux, cfg ? cfg : &def, r->dev, &r->agent), 0);
    return r;
}

RIG_UNUSED static void rig_free(struct rig *r)
{
    rig_forget(r);
    agent_free(r->agent);
    mux_free(r->mux);
    device_free(r->dev);
    test_free(r);
}

#define CHALLENGE "WWW-Authenticate: Digest realm=\"3402000000\",nonce=\"6fe9ba44a76be22a\"\r\n"

/* Registers, with one digest challenge; from then on keepalives are answered automatically. */
RIG_UNUSED static void rig_register(struct rig *r)
{
    r->auto_keepalive = true;
    rig_run(r, 0);
    assert_true(!strncmp(rig_last(r), "REGISTER ", 9));
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 86400\r\n");
    rig_drain(r);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
}

#endif
