/* SPDX-License-Identifier: MIT */
/* The dialects of the platforms: every line of tests/dialects/expected.txt feeds one message to an agent and checks the
 * outcome. tests/dialects/README.md describes the files and the lines. */
#include "tests/unit/agent_rig.h"

#include <dirent.h>

#include "codec/charset.h"

#define FOLDER    "tests/dialects"
#define TEXT_MAX  16384u
#define LOOKS_MAX 12u

struct look {
    bool wanted;
    char text[160];
};

struct expected {
    unsigned line;
    char file[96], after[256], event[24], state[16], body_charset[16], answers[64];
    unsigned wait_s, run_s;   /* before the message and after it */
    unsigned status, status2; /* 0: no answer; status2: also accepted */
    enum gb_edition edition;
    bool tcp, lf, check_status;
    struct look look[LOOKS_MAX];
    unsigned nlooks;
};

static const char *const event_names[] = {
    [AGENT_LINK_WANTED] = "LINK_WANTED",
    [AGENT_LINK_DONE] = "LINK_DONE",
    [AGENT_REGISTERED] = "REGISTERED",
    [AGENT_OFFLINE] = "OFFLINE",
    [AGENT_CALL_OFFER] = "CALL_OFFER",
    [AGENT_CALL_START] = "CALL_START",
    [AGENT_CALL_STOP] = "CALL_STOP",
    [AGENT_CALL_CONTROL] = "CALL_CONTROL",
    [AGENT_CONTROL] = "CONTROL",
    [AGENT_CONFIG] = "CONFIG",
    [AGENT_QUERY] = "QUERY",
    [AGENT_TIME] = "TIME",
};

/* ---- the table -------------------------------------------------------------------------- */

/* key=value or key="value with blanks"; false at the end of the line. */
static bool next_word(char **at, char **key, char **value)
{
    char *p = *at;

    while (*p == ' ')
        p++;
    if (*p == '\0')
        return false;
    *key = p;
    while (*p && *p != '=' && *p != ' ')
        p++;
    *value = p;
    if (*p == '=') {
        *p++ = '\0';
        char end = *p == '"' ? '"' : ' ';
        p += *p == '"' ? 1 : 0;
        *value = p;
        while (*p && *p != end)
            p++;
    }
    if (*p)
        *p++ = '\0';
    *at = p;
    return true;
}

static void set_status(struct expected *e, const char *value)
{
    char *end;

    e->check_status = true;
    e->status = strcmp(value, "none") ? (unsigned)strtoul(value, &end, 10) : 0;
    if (e->status && *end == '/')
        e->status2 = (unsigned)strtoul(end + 1, NULL, 10);
}

static void set(struct expected *e, const char *key, const char *value)
{
    static const struct {
        const char *key;
        size_t offset, size;
    } texts[] = {
        { "after", offsetof(struct expected, after), sizeof(e->after) },
        { "event", offsetof(struct expected, event), sizeof(e->event) },
        { "state", offsetof(struct expected, state), sizeof(e->state) },
        { "body", offsetof(struct expected, body_charset), sizeof(e->body_charset) },
        { "answers", offsetof(struct expected, answers), sizeof(e->answers) },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!strcmp(key, texts[i].key)) {
            assert_true(strlen(value) < texts[i].size);
            memcpy((char *)e + texts[i].offset, value, strlen(value) + 1);
            return;
        }
    }
    if (!strcmp(key, "status")) {
        set_status(e, value);
    } else if (!strcmp(key, "version")) {
        e->edition = !strcmp(value, "2022") ? GB_2022 : !strcmp(value, "2011") ? GB_2011 : GB_2016;
    } else if (!strcmp(key, "wait")) {
        e->wait_s = (unsigned)strtoul(value, NULL, 10);
    } else if (!strcmp(key, "run")) {
        e->run_s = (unsigned)strtoul(value, NULL, 10);
    } else if (!strcmp(key, "tcp")) {
        e->tcp = true;
    } else if (!strcmp(key, "lf")) {
        e->lf = true;
    } else if (!strcmp(key, "sends") || !strcmp(key, "not")) {
        assert_true(e->nlooks < LOOKS_MAX && strlen(value) < sizeof(e->look[0].text));
        e->look[e->nlooks].wanted = *key == 's';
        memcpy(e->look[e->nlooks++].text, value, strlen(value) + 1);
    } else {
        fail_msg("line %u: %s", e->line, key);
    }
}

static bool read_line(FILE *f, struct expected *e)
{
    static char line[2048];
    static unsigned number;
    char *at, *key, *value;

    if (ftell(f) == 0)
        number = 0;
    while (fgets(line, sizeof(line), f)) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#')
            continue;
        *e = (struct expected){ .line = number, .edition = GB_2016 };
        at = line;
        assert_true(next_word(&at, &key, &value));
        snprintf(e->file, sizeof(e->file), "%s", key);
        while (next_word(&at, &key, &value))
            set(e, key, value);
        return true;
    }
    return false;
}

/* ---- the files -------------------------------------------------------------------------- */

static size_t load(const char *name, char *out, size_t size)
{
    char path[192];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), FOLDER "/%s", name);
    f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is missing", path);
    n = fread(out, 1, size - 1, f);
    fclose(f);
    assert_true(n > 0 && n < size - 1);
    out[n] = '\0';
    return n;
}

/* The To tag of the agent's last 200 to an INVITE. */
static void call_tag(const struct rig *r, char out[64])
{
    out[0] = '\0';
    for (unsigned i = 0; i < r->npackets; i++) {
        const char *to = strncmp(r->packet[i], "SIP/2.0 200", 11) ? NULL : rig_header(r->packet[i], "To");
        const char *tag = to ? strstr(to, ";tag=") : NULL;
        if (tag)
            snprintf(out, 64, "%s", tag + 5);
    }
}

static const char *place(struct rig *r, const char *request, const char *name, size_t n, char scratch[64])
{
    static const struct {
        const char *name, *header;
    } headers[] = {
        { "VIA", "Via" },        { "FROM", "From" }, { "TO", "To" },
        { "CALLID", "Call-ID" }, { "CSEQ", "CSeq" }, { "CONTACT", "Contact" },
    };

    if (n == 3 && !memcmp(name, "TAG", 3)) {
        call_tag(r, scratch);
        return scratch;
    }
    for (size_t i = 0; request && i < sizeof(headers) / sizeof(headers[0]); i++)
        if (strlen(headers[i].name) == n && !memcmp(headers[i].name, name, n))
            return rig_header(request, headers[i].header);
    return NULL;
}

/* Replaces LF by CRLF and @NAME@ by its value. */
static size_t fill(struct rig *r, const char *text, bool crlf, const char *request, char *out, size_t size)
{
    char scratch[64];
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        const char *end = *p == '@' ? strchr(p + 1, '@') : NULL;
        const char *value = end ? place(r, request, p + 1, (size_t)(end - p - 1), scratch) : NULL;

        assert_true(n + 1024 < size);
        if (value) {
            memcpy(out + n, value, strlen(value));
            n += strlen(value);
            p = end;
        } else {
            if (*p == '\n' && crlf)
                out[n++] = '\r';
            out[n++] = *p;
        }
    }
    out[n] = '\0';
    return n;
}

/* The message as the platform sends it: body converted to its charset, @LENGTH@ replaced by the body's length. */
static char *compose(struct rig *r, const struct expected *e, const char *name)
{
    static char text[TEXT_MAX], head[TEXT_MAX], body[TEXT_MAX], other[TEXT_MAX], out[2 * TEXT_MAX + 64];
    struct buf coded;
    const char *request = NULL;
    char *split, *length;
    size_t n = 0;

    load(name, text, sizeof(text));
    for (unsigned i = 0; i < r->npackets; i++) {
        bool ours = strncmp(r->packet[i], "SIP/2.0 ", 8) != 0;
        if (e->answers[0] ? ours && strstr(r->packet[i], e->answers) : !strncmp(r->packet[i], "REGISTER ", 9))
            request = r->packet[i];
    }
    if (e->answers[0] && !strcmp(name, e->file) && !request)
        fail_msg("line %u: no %s to answer", e->line, e->answers);
    split = strstr(text, "\n\n");
    assert_non_null(split);
    split[1] = '\0';
    fill(r, text, true, request, head, sizeof(head));
    n = fill(r, split + 2, !e->lf, request, body, sizeof(body));
    buf_init(&coded, other, sizeof(other));
    if (e->body_charset[0]) {
        int cs = charset_parse(span_of(e->body_charset));
        assert_true(cs >= 0);
        assert_int_equal(charset_from_utf8((enum charset)cs, (struct span){ body, n }, &coded), 0);
        assert_false(coded.overflow);
    } else {
        buf_span(&coded, (struct span){ body, n });
    }
    length = strstr(head, "@LENGTH@");
    if (length)
        snprintf(out, sizeof(out), "%.*s%zu%s\r\n%s", (int)(length - head), head, coded.len, length + 8, other);
    else
        snprintf(out, sizeof(out), "%s\r\n%s", head, coded.len ? other : "");
    return out;
}

/* ---- feeding ---------------------------------------------------------------------------- */

static struct rig *begin(const struct expected *e, bool registered)
{
    struct agent_config cfg;
    struct rig *r;

    rig_config(&cfg);
    cfg.edition = e->edition;
    cfg.charset = gb_edition_charset(e->edition);
    cfg.transport = e->tcp ? SIP_TCP : SIP_UDP;
    r = rig_new(&cfg);
    if (registered) {
        rig_register(r);
    } else {
        r->auto_keepalive = true;
        rig_run(r, 0);
    }
    return r;
}

/* What the agent's owner does. */
static void serve(struct rig *r)
{
    static const struct agent_status_reply ok = { .ok = true, .encode = 1, .record = 0 };
    static const struct board_record record = {
        .name = "r", .start_unix_s = 1704067200, .end_unix_s = 1704070800, .type = BOARD_RECORD_TIME
    };
    struct call_answer answer = { .local = rig_addr("198.51.100.5:40000") };

    rig_drain(r);
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct rig_event *ev = &r->event[i];
        answer.f = ev->offer.has_f ? "v/2/4/25/1/1024" : NULL;
        if (ev->ev.kind == AGENT_CALL_OFFER)
            agent_call_accept(r->agent, ev->ev.call, &answer, &r->now);
        else if (ev->ev.kind == AGENT_CALL_CONTROL)
            agent_call_control_done(r->agent, ev->ev.call, ev->ev.token, 200, &r->now);
        else if (ev->ev.kind == AGENT_QUERY && ev->ev.u.query.kind == AGENT_QUERY_STATUS)
            agent_reply_status(r->agent, ev->ev.token, &ok, &r->now);
        else if (ev->ev.kind == AGENT_QUERY && ev->ev.u.query.kind == AGENT_QUERY_RECORDS)
            agent_reply_records(r->agent, ev->ev.token, 0, &record, 1, 1, &r->now);
        else if (ev->ev.token && (ev->ev.kind == AGENT_CONTROL || ev->ev.kind == AGENT_CONFIG))
            agent_reply_result(r->agent, ev->ev.token, 0, &r->now);
    }
    rig_drain(r);
}

static void feed(struct rig *r, const struct expected *e, const char *name)
{
    rig_input_from(r, r->server, compose(r, e, name));
    serve(r);
    rig_run(r, 0);
}

static bool sent(const struct rig *r, unsigned from, const char *text)
{
    for (unsigned i = from; i < r->npackets; i++)
        if (strstr(r->packet[i], text))
            return true;
    return false;
}

static unsigned status_of(const struct rig *r, unsigned from)
{
    for (unsigned i = from; i < r->npackets; i++) {
        unsigned code = strncmp(r->packet[i], "SIP/2.0 ", 8) ? 0 : (unsigned)strtoul(r->packet[i] + 8, NULL, 10);
        if (code >= 200)
            return code;
    }
    return 0;
}

static bool came(const struct rig *r, unsigned from, const char *name)
{
    for (unsigned i = from; i < r->nevents; i++) {
        size_t kind = (size_t)r->event[i].ev.kind;
        if (kind < sizeof(event_names) / sizeof(event_names[0]) && event_names[kind] &&
            !strcmp(event_names[kind], name))
            return true;
    }
    return false;
}

static void show(const struct rig *r, unsigned from)
{
    for (unsigned i = from; i < r->npackets; i++)
        print_message("%s\n", r->packet[i]);
}

/* The first mismatch; NULL: everything is as expected. */
static const char *judge(const struct rig *r, const struct expected *e, unsigned packets, unsigned events)
{
    unsigned status = status_of(r, packets);
    bool quiet = !strcmp(e->event, "none");

    if (e->check_status && status != e->status && (!e->status2 || status != e->status2))
        return "status";
    if (e->event[0] && (quiet ? r->nevents != events : !came(r, events, e->event)))
        return "event";
    if (e->state[0] && strcmp(agent_state_name(rig_state(r)), e->state) != 0)
        return "state";
    for (unsigned i = 0; i < e->nlooks; i++) {
        /* The texts apply only to the first of two statuses. */
        if (e->status2 && status == e->status2)
            break;
        if (sent(r, packets, e->look[i].text) != e->look[i].wanted)
            return e->look[i].text;
    }
    return NULL;
}

static bool run(const struct expected *e)
{
    char text[TEXT_MAX], path[384];
    struct rig *r;
    const char *wrong;
    unsigned packets, events;

    load(e->file, text, sizeof(text));
    r = begin(e, e->answers[0] || strncmp(text, "SIP/2.0 ", 8) != 0);
    for (const char *name = e->after; *name; name += strspn(name, ",")) {
        size_t folder = strcspn(e->file, "/") + 1, len = strcspn(name, ",");
        snprintf(path, sizeof(path), "%.*s%.*s", (int)folder, e->file, (int)len, name);
        feed(r, e, path);
        name += len;
    }
    if (e->wait_s) {
        r->auto_keepalive = false;
        rig_run(r, e->wait_s * 1000ull);
    }
    packets = r->npackets;
    events = r->nevents;
    feed(r, e, e->file);
    rig_run(r, e->run_s * 1000ull);
    wrong = judge(r, e, packets, events);
    if (wrong) {
        show(r, packets);
        print_error("line %u, %s: %s (status %u, state %s)\n", e->line, e->file, wrong, status_of(r, packets),
                    agent_state_name(rig_state(r)));
    }
    rig_free(r);
    return !wrong;
}

static void test_replay(void **state)
{
    FILE *f = fopen(FOLDER "/expected.txt", "r");
    struct expected e;
    unsigned n = 0, good = 0;

    (void)state;
    assert_non_null(f);
    for (; read_line(f, &e); n++)
        good += run(&e) ? 1 : 0;
    fclose(f);
    print_message("%u messages\n", n);
    assert_int_equal(good, n);
    assert_true(n >= 100);
}

/* A file that no line names is not tested. */
static void test_every_file_is_expected(void **state)
{
    static char table[256 * 1024];
    DIR *top = opendir(FOLDER);
    struct dirent *folder, *file;
    unsigned n = 0;

    (void)state;
    assert_non_null(top);
    load("expected.txt", table, sizeof(table));
    while ((folder = readdir(top))) {
        char path[512], name[600];
        DIR *d;

        snprintf(path, sizeof(path), FOLDER "/%s", folder->d_name);
        d = folder->d_name[0] != '.' ? opendir(path) : NULL;
        while (d && (file = readdir(d))) {
            if (file->d_name[0] == '.')
                continue;
            snprintf(name, sizeof(name), "\n%s/%s ", folder->d_name, file->d_name);
            if (!strstr(table, name))
                fail_msg("%s is not in expected.txt", name);
            n++;
        }
        if (d)
            closedir(d);
    }
    closedir(top);
    assert_true(n >= 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_every_file_is_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
