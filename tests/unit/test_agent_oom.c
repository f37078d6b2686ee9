/* SPDX-License-Identifier: MIT */
/* A whole life cycle with each allocation failing in turn: no crash, no leak, and every started call is reported as
 * stopped. */
#include "tests/unit/agent_rig.h"

#define SDP "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video 30000 RTP/AVP 96\r\ny=0200000001\r\n"

struct life {
    struct mux *mux;
    struct agent *agent;
    struct device *dev;
    struct gb_time now;
    struct addr server, local;
    bool tcp; /* over a connection that breaks during a call */
    unsigned offers, starts, stops, registers, byes;
    bool online, parted, kept;
    char last_request[2048]; /* the agent's, to be answered */
    char last_ok[2048];      /* the agent's last 200 */
    unsigned notifies;
    uint32_t call;
};

static void drain(struct life *l)
{
    struct agent_packet p;
    struct agent_event ev;
    struct agent *a;

    while ((a = mux_ready(l->mux))) {
        while (agent_next_packet(a, &p)) {
            if (p.len > 8 && p.len < sizeof(l->last_request) && memcmp(p.data, "SIP/2.0 ", 8) != 0) {
                memcpy(l->last_request, p.data, p.len);
                l->last_request[p.len] = '\0';
                l->registers += !strncmp(p.data, "REGISTER", 8);
                l->byes += !strncmp(p.data, "BYE ", 4);
                l->notifies += !strncmp(p.data, "NOTIFY ", 7);
            } else if (p.len > 12 && p.len < sizeof(l->last_ok) && memcmp(p.data, "SIP/2.0 200 ", 12) == 0) {
                memcpy(l->last_ok, p.data, p.len);
                l->last_ok[p.len] = '\0';
            }
        }
        while (agent_next_event(a, &ev)) {
            if (ev.kind == AGENT_LINK_WANTED)
                agent_link_up(a, LINK, &l->local, &l->server, 1, &l->now);
            else if (ev.kind == AGENT_REGISTERED)
                l->online = true;
            else if (ev.kind == AGENT_CALL_OFFER) {
                l->offers++;
                l->call = ev.call;
            } else if (ev.kind == AGENT_CALL_START) {
                l->starts++;
            } else if (ev.kind == AGENT_CALL_STOP) {
                l->stops++;
            }
        }
    }
}

static void input(struct life *l, const char *text)
{
    struct sip_input in = {
        .link = LINK, .from = l->server, .transport = l->tcp ? SIP_TCP : SIP_UDP, .data = text, .len = strlen(text)
    };

    mux_input(l->mux, &in, &l->now);
    drain(l);
}

static void answer(struct life *l, unsigned status, const char *extra)
{
    char text[4096];
    const char *q = l->last_request;

    if (!*q)
        return;
    snprintf(text, sizeof(text),
             "SIP/2.0 %u X\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s"
             "Content-Length: 0\r\n\r\n",
             status, rig_header(q, "Via"), rig_header(q, "From"), rig_header(q, "To"), rig_header(q, "Call-ID"),
             rig_header(q, "CSeq"), extra);
    l->last_request[0] = '\0';
    input(l, text);
}

static void ask(struct life *l, const char *method, const char *call, const char *body)
{
    char text[2048];

    snprintf(text, sizeof(text),
             "%s sip:" CHANNEL_1 "@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%s%s\r\n"
             "From: <sip:" SERVER_ID "@x>;tag=1\r\nTo: <sip:" CHANNEL_1 "@x>\r\nCall-ID: %s\r\nCSeq: 3 %s\r\n"
             "Content-Type: application/%s\r\nContent-Length: %zu\r\n\r\n%s",
             method, call, method, call, method, strcmp(method, "INFO") ? "sdp" : "mansrtsp", strlen(body), body);
    input(l, text);
}

static void run(struct life *l, uint64_t ms)
{
    uint64_t end = l->now.mono_ms + ms;

    for (unsigned turns = 0; turns < 1000; turns++) {
        uint64_t next = mux_deadline(l->mux);
        if (next > end)
            break;
        if (next > l->now.mono_ms)
            l->now.mono_ms = next;
        mux_tick(l->mux, &l->now);
        drain(l);
    }
    l->now.mono_ms = end;
}

/* Ended by us before the ACK: the BYE waits for it. */
static void end_before_ack(struct life *l)
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    unsigned offers = l->offers;

    ask(l, "INVITE", "c2", SDP);
    if (l->offers == offers)
        return;
    if (agent_call_accept(l->agent, l->call, &any, &l->now) == 0)
        agent_call_ended(l->agent, l->call, "test", &l->now);
    drain(l);
    run(l, 700);
    l->last_request[0] = '\0';
    ask(l, "ACK", "c2", "");
    l->parted = strncmp(l->last_request, "BYE ", 4) == 0;
    answer(l, 200, "");
}

static void subscribe(struct life *l, const char *target, const char *tag, unsigned cseq, unsigned expires)
{
    char text[2048], body[512];

    snprintf(body, sizeof(body),
             "<?xml version=\"1.0\"?><Query><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>%s</DeviceID></Query>",
             target);
    snprintf(text, sizeof(text),
             "SUBSCRIBE sip:%s@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKs%u\r\n"
             "From: <sip:" SERVER_ID
             "@x>;tag=1\r\nTo: <sip:%s@x>%s\r\nCall-ID: s1\r\nCSeq: %u SUBSCRIBE\r\nEvent: Catalog;id=%u\r\n"
             "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\nExpires: %u\r\nContent-Type: Application/MANSCDP+xml\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             target, cseq, target, tag, cseq, cseq, expires, strlen(body), body);
    l->last_ok[0] = '\0';
    input(l, text);
    run(l, 10);
    answer(l, 200, "");
}

/* A subscription: a refresh with another target, a NOTIFY of a change, the end. */
static void follow(struct life *l)
{
    char tag[64] = "";
    const char *at;

    subscribe(l, DEVICE_ID, "", 1, 600);
    at = *l->last_ok ? strstr(rig_header(l->last_ok, "To"), ";tag=") : NULL;
    snprintf(tag, sizeof(tag), "%s", at ? at : "");
    subscribe(l, CHANNEL_1, tag, 2, 600);
    device_set_state(l->dev, CHANNEL_1, DEVICE_ITEM_VLOST);
    agent_device_changed(l->agent, &l->now);
    run(l, 2000);
    answer(l, 200, "");
    subscribe(l, CHANNEL_1, tag, 3, 0);
}

static bool call(struct life *l, const char *id, const char *sdp)
{
    const struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    unsigned starts = l->starts;

    l->call = 0;
    ask(l, "INVITE", id, sdp);
    if (l->call != 0)
        agent_call_accept(l->agent, l->call, &any, &l->now);
    drain(l);
    ask(l, "ACK", id, "");
    return l->starts > starts;
}

/* The platform sends no BYE after TEARDOWN, so the agent does. */
static void teardown(struct life *l)
{
    (void)call(l, "c3", SDP);
    ask(l, "INFO", "c3", "TEARDOWN RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    run(l, 6000);
    answer(l, 200, "");
    ask(l, "BYE", "c3", ""); /* in case the BYE could not be allocated */
}

static void come_online(struct life *l, unsigned seconds)
{
    for (unsigned i = 0; i < seconds && !l->online; i++) {
        run(l, 1000);
        answer(l, 401, CHALLENGE);
        answer(l, 200, "");
    }
    run(l, 10);
    answer(l, 200, "");
}

/* A call survives a reconnect, then the platform calls the same channel again. */
static void reconnect(struct life *l)
{
    unsigned stops;

    if (!call(l, "c4", SDP))
        return;
    stops = l->stops;
    agent_link_failed(l->agent, "test", &l->now);
    drain(l);
    l->online = false;
    come_online(l, 5);
    l->kept = l->stops == stops;
    (void)call(l, "c5", SDP "a=again\r\n");
    l->kept = l->kept && l->stops == stops + 1;
    ask(l, "BYE", "c5", "");
    ask(l, "BYE", "c4", "");
}

static bool life(void *ctx)
{
    static const uint8_t seed[32] = { 3 };
    struct life *l = ctx;
    struct agent_config cfg;
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };

    *l = (struct life){ .tcp = l->tcp };
    l->now.mono_ms = 1000;
    l->server = rig_addr("192.0.2.1:5060");
    l->local = rig_addr("198.51.100.5:5062");
    rig_config(&cfg);
    cfg.transport = l->tcp ? SIP_TCP : SIP_UDP;
    if (rig_device(&l->dev) != 0)
        return false;
    if (mux_new(seed, &l->mux) != 0) {
        device_free(l->dev);
        return false;
    }
    if (agent_new(l->mux, &cfg, l->dev, &l->agent) != 0) {
        mux_free(l->mux);
        device_free(l->dev);
        return false;
    }
    come_online(l, 20);
    for (unsigned i = 0; i < 3; i++) {
        ask(l, "INVITE", "c1", SDP);
        if (l->call != 0)
            agent_call_accept(l->agent, l->call, &any, &l->now);
        drain(l);
        ask(l, "ACK", "c1", "");
        run(l, 700);
    }
    ask(l, "BYE", "c1", "");
    run(l, 1000);
    end_before_ack(l);
    teardown(l);
    follow(l);
    if (l->tcp)
        reconnect(l);
    agent_stop(l->agent, l->now.mono_ms + 2000, &l->now);
    drain(l);
    run(l, 3000);
    struct agent_status st;
    agent_get_status(l->agent, &st);
    assert_int_equal(st.state, AGENT_STOPPED);
    assert_int_equal(rig_calls(l->agent), 0);
    bool whole = l->online && l->offers == (l->tcp ? 5 : 3) && l->starts == (l->tcp ? 4 : 2) && l->stops == l->starts &&
                 l->parted && l->byes >= 2 && l->notifies >= 3 && l->kept == l->tcp && !oom_hit();
    /* Every start has its stop. */
    assert_true(l->stops >= l->starts);
    agent_free(l->agent);
    mux_free(l->mux);
    device_free(l->dev);
    return whole;
}

static void test_survives_memory_exhaustion_from_any_allocation_on(void **state)
{
    static struct life l;

    (void)state;
    oom_ladder(life, &l, 2000);
    l.tcp = true;
    oom_ladder(life, &l, 3000);
}

static void test_recovers_from_one_failed_allocation(void **state)
{
    static struct life l;

    (void)state;
    for (unsigned tcp = 0; tcp < 2; tcp++) {
        unsigned survived = 0;
        bool hit = true;

        l.tcp = tcp;
        for (unsigned long n = 1; n < 2000 && hit; n++) {
            oom_fail_once(n);
            life(&l);
            hit = oom_hit();
            oom_off();
            survived += l.online;
        }
        assert_false(hit);
        assert_true(survived > 20); /* one failed allocation does not keep a device offline */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_survives_memory_exhaustion_from_any_allocation_on),
                                        cmocka_unit_test(test_recovers_from_one_failed_allocation) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
