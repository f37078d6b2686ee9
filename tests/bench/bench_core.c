/* SPDX-License-Identifier: MIT */
/*
 * The cost of a SIP message in the agent, which must not depend on the size of the tables; run by tests/bench/bench.py.
 *   bench_core time ROUNDS                      JSON: ns per message, medians over the rounds
 *   bench_core count AGENTS CALLS MESSAGES      handles them and prints their number, for an instruction counter that
 *                                               looks inside the functions named in bench_count.py
 * One mux has AGENTS registered agents, each for another device; the first one has CALLS running calls. The platform is
 * simulated: it answers every request 200. Messages are OPTIONS, DeviceInfo and Catalog queries with their answers, and
 * short calls, to the agents in turn, a millisecond apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "device/device.h"
#include "util/log.h"

#define ROUNDS_MAX 99u
#define MESSAGES   20000u
#define AGENTS_MAX 2000u
#define CALLS      1000u /* of CALLS_MAX; one more is established and ended */
#define CHANNELS   4u
#define SERVER     "34020000002000000001"

struct node {
    struct agent *agent;
    struct device *device;
    uint32_t link;
    char id[21], channel[CHANNELS][21];
};

static struct mux *mux;
static struct node node[AGENTS_MAX];
static unsigned nnodes;
static struct gb_time now;
static struct addr server, local;
static uint64_t spent_ns, inputs;
static unsigned serial;
static uint32_t link_last;
static char last_to[160]; /* To of the device's last 200 to an INVITE */

static void die(const char *what)
{
    fprintf(stderr, "bench_core: %s\n", what);
    exit(1);
}

static uint64_t cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static struct addr address(const char *text)
{
    struct addr a = { 0 };

    if (addr_parse(&a, span_of(text), 0) != 0)
        die(text);
    return a;
}

/* ---- the platform ------------------------------------------------------------------------------------------ */

static void input(uint32_t link, const char *text, size_t len)
{
    const struct sip_input in = { .link = link, .from = server, .transport = SIP_UDP, .data = text, .len = len };
    uint64_t start = cpu_ns();

    mux_input(mux, &in, &now);
    spent_ns += cpu_ns() - start;
    inputs++;
}

static void tick(void)
{
    uint64_t start;

    if (mux_deadline(mux) > now.mono_ms)
        return;
    start = cpu_ns();
    mux_tick(mux, &now);
    spent_ns += cpu_ns() - start;
}

/* The line of that header, including the line end; NULL if there is none. */
static const char *line_of(const char *message, const char *name, size_t *len)
{
    const char *at = strstr(message, name), *end = at ? strstr(at, "\r\n") : NULL;

    *len = end ? (size_t)(end + 2 - at) : 0;
    return at;
}

static void answer(uint32_t link, const char *request)
{
    static const char *const copied[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
    char text[2048];
    size_t n = (size_t)snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\n");

    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
        size_t len;
        const char *line = line_of(request, copied[i], &len);
        if (!line || n + len + 64 > sizeof(text))
            die("a request without the headers of a request");
        memcpy(text + n, line, len);
        n += len;
    }
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%sContent-Length: 0\r\n\r\n",
                          strncmp(request, "REGISTER ", 9) == 0 ? "Expires: 86400\r\n" : "");
    input(link, text, n);
}

static void take_packet(const struct agent_packet *p)
{
    char text[4096];
    const char *to;
    size_t len;

    if (p->len >= sizeof(text))
        die("a packet too long");
    memcpy(text, p->data, p->len);
    text[p->len] = '\0';
    if (strncmp(text, "SIP/2.0 ", 8) != 0) {
        answer(p->link, text);
    } else if (strncmp(text, "SIP/2.0 200 ", 12) == 0 && strstr(text, " INVITE\r\n")) {
        to = line_of(text, "To:", &len);
        snprintf(last_to, sizeof(last_to), "%.*s", (int)len, to ? to : "");
    } else if (strncmp(text, "SIP/2.0 200 ", 12) != 0 && strncmp(text, "SIP/2.0 100 ", 12) != 0) {
        fputs(text, stderr);
        die("refused");
    }
}

static void take_event(struct agent *a, const struct agent_event *ev)
{
    struct node *n = agent_owner(a);
    uint64_t start = cpu_ns();

    if (ev->kind == AGENT_LINK_WANTED)
        agent_link_up(a, n->link, &local, &server, 1, &now);
    else if (ev->kind == AGENT_CALL_OFFER)
        agent_call_accept(a, ev->call, &(struct call_answer){ .local = local }, &now);
    else
        return;
    spent_ns += cpu_ns() - start;
}

static void drain(void)
{
    struct agent_packet p;
    struct agent_event ev;
    struct agent *a;

    while ((a = mux_ready(mux))) {
        while (agent_next_packet(a, &p))
            take_packet(&p);
        while (agent_next_event(a, &ev))
            take_event(a, &ev);
    }
}

/* call: the number of the dialog; 0: a new one. */
static void request(const struct node *n, const char *method, const char *user, unsigned call, const char *extra,
                    const char *body)
{
    char text[2048], to[160];
    unsigned number = ++serial;
    int len;

    snprintf(to, sizeof(to), "To: <sip:%s@3402000000>\r\n", user);
    len = snprintf(text, sizeof(text),
                   "%s sip:%s@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK%u\r\n"
                   "From: <sip:" SERVER "@3402000000>;tag=p%u\r\n%sCall-ID: c%u@192.0.2.1\r\nCSeq: %u %s\r\n"
                   "Max-Forwards: 70\r\nUser-Agent: platform\r\n%sContent-Length: %zu\r\n\r\n%s",
                   method, user, number, call ? call : number, call && strcmp(method, "INVITE") != 0 ? last_to : to,
                   call ? call : number, strcmp(method, "BYE") == 0 ? 2u : 1u, method, extra, strlen(body), body);
    if (len < 0 || (size_t)len >= sizeof(text))
        die("a request too long");
    input(n->link, text, (size_t)len);
    drain();
}

static void query(const struct node *n, const char *what)
{
    char body[256];

    snprintf(body, sizeof(body),
             "<?xml version=\"1.0\"?>\r\n<Query>\r\n<CmdType>%s</CmdType>\r\n<SN>%u</SN>\r\n"
             "<DeviceID>%s</DeviceID>\r\n</Query>\r\n",
             what, ++serial, n->id);
    request(n, "MESSAGE", n->id, 0, "Content-Type: Application/MANSCDP+xml\r\n", body);
}

/* Returns its number. The media port is unique, so that no call replaces another. */
static unsigned call_begin(const struct node *n, unsigned which)
{
    const char *channel = n->channel[which % CHANNELS];
    unsigned call = ++serial;
    char body[512], extra[256];

    snprintf(body, sizeof(body),
             "v=0\r\no=%s 0 0 IN IP4 203.0.113.9\r\ns=Play\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n"
             "m=video %u RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\na=recvonly\r\ny=%010u\r\n",
             channel, 10000u + which * 2u % 50000u, 200000000u + call);
    snprintf(extra, sizeof(extra),
             "Contact: <sip:" SERVER "@192.0.2.1:5060>\r\nSubject: %s:%u," SERVER ":0\r\n"
             "Content-Type: application/sdp\r\n",
             channel, call);
    request(n, "INVITE", channel, call, extra, body);
    request(n, "ACK", channel, call, "", "");
    return call;
}

/* ---- the devices ------------------------------------------------------------------------------------------- */

static void add_agent(unsigned i)
{
    struct node *n = &node[i];
    struct device_item_config item[CHANNELS];
    struct device_config dc;
    struct agent_config cfg;

    memset(item, 0, sizeof(item));
    memset(&dc, 0, sizeof(dc));
    memset(&cfg, 0, sizeof(cfg));
    snprintf(n->id, sizeof(n->id), "3402000000132%07u", i);
    snprintf(dc.id, sizeof(dc.id), "%s", n->id);
    for (unsigned c = 0; c < CHANNELS; c++) {
        snprintf(n->channel[c], sizeof(n->channel[c]), "3402000000131%07u", i * CHANNELS + c);
        snprintf(item[c].id, sizeof(item[c].id), "%s", n->channel[c]);
        snprintf(item[c].name, sizeof(item[c].name), "channel %u", c);
    }
    dc.item = item;
    dc.nitems = CHANNELS;
    snprintf(cfg.name, sizeof(cfg.name), "p%u", i);
    snprintf(cfg.server_id, sizeof(cfg.server_id), SERVER);
    snprintf(cfg.server_host, sizeof(cfg.server_host), "192.0.2.1");
    snprintf(cfg.password, sizeof(cfg.password), "12345678");
    cfg.expires_s = 86400;
    cfg.keepalive_interval_s = 60;
    cfg.keepalive_count = 3;
    cfg.edition = GB_2016;
    cfg.charset = CHARSET_GB2312;
    cfg.max_per_channel = CALLS + 1u;
    n->link = ++link_last;
    if (device_new(&dc, &n->device) != 0 || agent_new(mux, &cfg, n->device, &n->agent) != 0)
        die("out of memory");
    agent_set_owner(n->agent, n);
}

static void set_up(unsigned agents, unsigned calls)
{
    static const uint8_t seed[32] = "the same each time";

    now = (struct gb_time){ .mono_ms = 1000, .unix_ms = 1700000000000, .utc_offset_s = 28800 };
    nnodes = agents;
    serial = 0;
    if (mux_new(seed, &mux) != 0)
        die("out of memory");
    for (unsigned i = 0; i < agents; i++)
        add_agent(i);
    for (unsigned i = 0; i < 200; i++) { /* all register; keepalives are spread */
        now.mono_ms += 1000;
        now.unix_ms += 1000;
        tick();
        drain();
    }
    for (unsigned i = 0; i < agents; i++) {
        struct agent_status st;
        agent_get_status(node[i].agent, &st);
        if (st.state != AGENT_ONLINE)
            die("an agent is not registered");
    }
    for (unsigned i = 0; i < calls; i++)
        call_begin(&node[0], i);
}

static void tear_down(void)
{
    for (unsigned i = 0; i < nnodes; i++) {
        agent_free(node[i].agent);
        device_free(node[i].device);
    }
    mux_free(mux);
}

/* Handles at least that many messages; returns how many. */
static uint64_t serve(unsigned messages, unsigned calls)
{
    uint64_t before = inputs;
    unsigned at = 0, step = 0;

    spent_ns = 0;
    while (inputs - before < messages) {
        const struct node *n = &node[calls ? 0 : at];
        unsigned kind = step++ % 4u, call;

        at = (at + 7u) % nnodes; /* not in the order of their creation */
        now.mono_ms++;
        now.unix_ms++;
        tick();
        if (kind == 0) {
            request(n, "OPTIONS", n->id, 0, "", "");
        } else if (kind == 1) {
            query(n, "DeviceInfo");
        } else if (kind == 2) {
            query(n, "Catalog");
        } else {
            call = call_begin(n, calls + 1u);
            request(n, "BYE", n->channel[(calls + 1u) % CHANNELS], call, "", "");
        }
        drain();
    }
    return inputs - before;
}

/* ---- results ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    unsigned agents, calls;
} cases[] = {
    { "20_agents", 20, 0 }, { "200_agents", 200, 0 },   { "2000_agents", 2000, 0 },
    { "10_calls", 1, 10 },  { "1000_calls", 1, CALLS },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))
static double ns[CASES][ROUNDS_MAX];

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *above, const double *below, unsigned rounds)
{
    double r[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++)
        r[i] = above[i] / (below ? below[i] : 1.0);
    qsort(r, rounds, sizeof(r[0]), compare);
    return r[rounds / 2];
}

static int times(unsigned rounds)
{
    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned c = 0; c < CASES; c++) {
            set_up(cases[c].agents, cases[c].calls);
            uint64_t n = serve(MESSAGES, cases[c].calls);
            ns[c][r] = (double)spent_ns / (double)n;
            tear_down();
        }
    }
    printf("{");
    for (unsigned c = 0; c < CASES; c++)
        printf("\"core_ns_per_message_%s\": %.0f, ", cases[c].name, median(ns[c], NULL, rounds));
    printf("\"core_200_agents_to_20\": %.3f, \"core_2000_agents_to_20\": %.3f, \"core_1000_calls_to_10\": %.3f}\n",
           median(ns[1], ns[0], rounds), median(ns[2], ns[0], rounds), median(ns[4], ns[3], rounds));
    return 0;
}

int main(int argc, char **argv)
{
    log_set_level(LOG_L_ERROR);
    server = address("192.0.2.1:5060");
    local = address("198.51.100.5:5062");
    if (argc == 3 && strcmp(argv[1], "time") == 0) {
        unsigned long rounds = strtoul(argv[2], NULL, 10);
        return times(rounds < 1 ? 1u : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds);
    }
    if (argc == 5 && strcmp(argv[1], "count") == 0) {
        unsigned long agents = strtoul(argv[2], NULL, 10), calls = strtoul(argv[3], NULL, 10);
        if (agents >= 1 && agents <= AGENTS_MAX && calls <= CALLS) {
            set_up((unsigned)agents, (unsigned)calls);
            printf("%llu\n", (unsigned long long)serve((unsigned)strtoul(argv[4], NULL, 10), (unsigned)calls));
            tear_down();
            return 0;
        }
    }
    fputs("usage: bench_core time ROUNDS | count AGENTS CALLS MESSAGES\n", stderr);
    return 2;
}
