/* SPDX-License-Identifier: MIT */
/* RecordInfo: the messages of annex A, and Responses of many pages, fetched from the board page by page. */
#include "manscdp/record.h"

#include "codec/xml.h"
#include "manscdp/table.h"
#include "tests/unit/fake_agent.h"
#include "util/log.h"

#define CHANNEL_ID "34020000001310000001"
#define HEAD                                                                                                           \
    "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<Query>\n<CmdType>RecordInfo</CmdType>\n<SN>17</SN>\n"               \
    "<DeviceID>" CHANNEL_ID "</DeviceID>\n"
#define TIMES "<StartTime>2024-01-01T08:00:00</StartTime>\n<EndTime>2024-01-02T08:00:00</EndTime>\n"
#define DAY   1704067200 /* 2024-01-01T08:00:00 in Beijing */

static int decode(struct manscdp_request *r, const char *body)
{
    struct span s = guard_str(body);
    int err = manscdp_decode(r, s, CHARSET_GB2312);

    guard_str_free(s);
    assert_int_equal(err, 0);
    assert_int_equal(r->row->action, MANSCDP_RECORDS);
    return r->error;
}

/* ---- the query ------------------------------------------------------------------------------------- */

static void test_query(void **state)
{
    struct manscdp_request r;
    const struct manscdp_records *q = &r.u.records;

    (void)state;
    /* As written by the most common platform. */
    assert_int_equal(decode(&r, HEAD TIMES "<Secrecy> 0 </Secrecy>\n<Type>all</Type>\n</Query>\n"), 0);
    assert_int_equal(manscdp_time_unix(&q->start, 28800), DAY);
    assert_int_equal(manscdp_time_unix(&q->end, 28800), DAY + 86400);
    assert_int_equal(q->query.type, BOARD_RECORD_ALL);
    assert_int_equal(q->query.stream, -1);
    assert_int_equal(q->query.alarm_methods, 0);
    assert_false(q->indistinct);
    assert_string_equal(q->query.path, "");
    /* All elements, including those of 2022. */
    assert_int_equal(
        decode(&r, HEAD TIMES
               "<FilePath> /a/b </FilePath><Address>gate</Address><Secrecy>0</Secrecy><Type> Alarm </Type>"
               "<RecorderID>34020000004000000001</RecorderID><IndistinctQuery>1</IndistinctQuery>"
               "<StreamNumber>1</StreamNumber><AlarmMethod>1/5</AlarmMethod><AlarmType>2</AlarmType></Query>"),
        0);
    assert_string_equal(q->query.path, "/a/b");
    assert_string_equal(q->query.address, "gate");
    assert_string_equal(q->query.recorder, "34020000004000000001");
    assert_int_equal(q->query.type, BOARD_RECORD_ALARM);
    assert_int_equal(q->query.stream, 1);
    assert_int_equal(q->query.alarm_methods, 1u << 1 | 1u << 5);
    assert_int_equal(q->query.alarm_type, 2);
    assert_true(q->indistinct);
    /* Invalid codes are ignored; 0 means all. */
    assert_int_equal(decode(&r,
                            HEAD TIMES "<Type>time </Type><AlarmMethod>0</AlarmMethod><StreamNumber>main</StreamNumber>"
                                       "<IndistinctQuery></IndistinctQuery></Query>"),
                     0);
    assert_int_equal(q->query.type, BOARD_RECORD_TIME);
    assert_int_equal(q->query.alarm_methods, 0);
    assert_int_equal(q->query.stream, -1);
    assert_int_equal(decode(&r, HEAD TIMES "<Type>manual</Type></Query>"), 0);
    assert_int_equal(q->query.type, BOARD_RECORD_MANUAL);
    assert_int_equal(decode(&r, HEAD TIMES "<Type>whatever</Type></Query>"), 0);
    assert_int_equal(q->query.type, BOARD_RECORD_ALL);
}

static void test_times_are_read_in_every_form(void **state)
{
    static const struct {
        const char *start, *end;
        int error;
        int64_t unix_s;
    } cases[] = {
        { "2024-01-01T08:00:00", "2024-01-01T08:00:00", 0, DAY },
        { " 2024-1-1T8:0:0 ", "2024-01-01T09:00:00", 0, DAY },
        { "2024-01-01T00:00:00Z", "2024-01-01T09:00:00.5+08:00", 0, DAY },
        { "2024-01-01T01:00:00+01:00", "2024-01-01T08:00:01", 0, DAY },
        { "20240101T080000", "20240101T090000", 0, DAY },
        { "2024-01-01T08:00", "2024-01-01T24:00:00", 0, DAY },
        { "2024-02-31T00:00:00", "2024-03-01T00:00:00", -EBADMSG, 0 },
        { "", "2024-03-01T00:00:00", -EBADMSG, 0 },
        { "2024-03-01T00:00:00", "tomorrow", -EBADMSG, 0 },
    };
    struct manscdp_request r;
    char body[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(body, sizeof(body), HEAD "<StartTime>%s</StartTime><EndTime>%s</EndTime></Query>", cases[i].start,
                 cases[i].end);
        assert_int_equal(decode(&r, body), cases[i].error);
        if (!cases[i].error)
            assert_int_equal(manscdp_time_unix(&r.u.records.start, 28800), cases[i].unix_s);
    }
    /* A date means the whole day. */
    assert_int_equal(decode(&r, HEAD "<StartTime>2024-01-01</StartTime><EndTime>2024-01-01</EndTime></Query>"), 0);
    assert_int_equal(manscdp_time_unix(&r.u.records.start, 28800), DAY - 8 * 3600);
    assert_int_equal(manscdp_time_unix(&r.u.records.end, 28800), DAY + 16 * 3600);
    assert_null(r.bad_time.element);
    /* The error names the element and quotes its text, truncated. */
    assert_int_equal(decode(&r, HEAD "</Query>"), -EBADMSG);
    assert_string_equal(r.bad_time.element, "StartTime");
    assert_string_equal(r.bad_time.text, "");
    assert_int_equal(decode(&r, HEAD "<StartTime>2024-01-01</StartTime>"
                                     "<EndTime>0123456789012345678901234567890123456789012345</EndTime></Query>"),
                     -EBADMSG);
    assert_string_equal(r.bad_time.element, "EndTime");
    assert_string_equal(r.bad_time.text, "01234567890123456789012345678901234567890123...");
    /* A path longer than any record has. */
    char *longer = calloc(1, 1024);
    assert_non_null(longer);
    snprintf(longer, 1024, HEAD TIMES "<FilePath>%0200d</FilePath></Query>", 1);
    assert_int_equal(decode(&r, longer), -ENOENT);
    snprintf(longer, 1024, HEAD "<StartTime>soon</StartTime><FilePath>%0200d</FilePath></Query>", 1);
    assert_int_equal(decode(&r, longer), -EBADMSG);
    free(longer);
}

/* ---- the answer -------------------------------------------------------------------------------------- */

static struct board_record sample(void)
{
    struct board_record r = {
        .type = BOARD_RECORD_ALARM, .start_unix_s = DAY, .end_unix_s = DAY + 60, .bytes = 5000000000u, .stream = 1
    };

    snprintf(r.path, sizeof(r.path), "/a&b");
    snprintf(r.address, sizeof(r.address), "gate");
    snprintf(r.recorder, sizeof(r.recorder), "34020000004000000001");
    return r;
}

static void test_item_by_edition(void **state)
{
    struct board_record rec = sample();
    struct record_item it = {
        .device_id = CHANNEL_ID,
        .name = "ch1",
        .record = &rec,
        .start = "2024-01-01T08:00:00",
        .end = "2024-01-01T08:01:00",
        .location = DEVICE_ID,
    };
    char mem[2048];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    record_begin(&b, CHARSET_GB2312, "17", CHANNEL_ID, true, "ch1", 3, 1);
    record_item_put(&b, GB_2016, &it);
    record_end(&b, 3);
    assert_string_equal(
        mem,
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Response>\r\n<CmdType>RecordInfo</CmdType>\r\n<SN>17</SN>\r\n"
        "<DeviceID>" CHANNEL_ID
        "</DeviceID>\r\n<Name>ch1</Name>\r\n<SumNum>3</SumNum>\r\n<RecordList Num=\"1\">\r\n<Item>\r\n"
        "<DeviceID>" CHANNEL_ID
        "</DeviceID>\r\n<Name>ch1</Name>\r\n<FilePath>/a&amp;b</FilePath>\r\n<Address>gate</Address>\r\n"
        "<StartTime>2024-01-01T08:00:00</StartTime>\r\n<EndTime>2024-01-01T08:01:00</EndTime>\r\n"
        "<Secrecy>0</Secrecy>\r\n<Type>alarm</Type>\r\n<RecorderID>34020000004000000001</RecorderID>\r\n"
        "<FileSize>5000000000</FileSize>\r\n</Item>\r\n</RecordList>\r\n</Response>\r\n");
    buf_reset(&b);
    record_item_put(&b, GB_2022, &it);
    assert_non_null(strstr(mem, "<FileSize>5000000000</FileSize>\r\n<RecordLocation>" DEVICE_ID "</RecordLocation>\r\n"
                                "<StreamNumber>1</StreamNumber>\r\n</Item>\r\n"));
    /* 2011 has no FileSize; unknown values are omitted. */
    rec = (struct board_record){ .type = BOARD_RECORD_ALL, .bytes = 5 };
    it.location = "";
    buf_reset(&b);
    record_item_put(&b, GB_2011, &it);
    assert_string_equal(mem, "<Item>\r\n<DeviceID>" CHANNEL_ID
                             "</DeviceID>\r\n<Name>ch1</Name>\r\n<StartTime>2024-01-01T08:00:00</StartTime>\r\n"
                             "<EndTime>2024-01-01T08:01:00</EndTime>\r\n<Secrecy>0</Secrecy>\r\n</Item>\r\n");
    buf_reset(&b);
    record_begin(&b, CHARSET_GB2312, "17", CHANNEL_ID, true, "ch1", 0, 0);
    record_end(&b, 0);
    assert_null(strstr(mem, "RecordList"));
    assert_non_null(strstr(mem, "<Name>ch1</Name>\r\n<SumNum>0</SumNum>\r\n</Response>"));
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* A board with `total` consecutive records of one minute each; with `twins` each pair of times occurs three times. */
struct fake_board {
    unsigned total;
    bool twins;
};

static unsigned find(const struct fake_board *fb, unsigned skip, unsigned max, struct board_record *out)
{
    unsigned n = 0;

    for (; n < max && skip + n < fb->total; n++) {
        unsigned at = fb->twins ? (skip + n) / 3 : skip + n;
        out[n] = (struct board_record){ .type = BOARD_RECORD_TIME,
                                        .start_unix_s = DAY + at * 60,
                                        .end_unix_s = DAY + at * 60 + 60 };
        snprintf(out[n].path, sizeof(out[n].path), "/%u", skip + n);
    }
    return n;
}

static void ask_body(struct agent *a, const char *to, const char *body, struct gb_time *now)
{
    struct router_request req;
    struct sip_scan s = { .body = span_of(body), .to.user = span_of(to) };

    assert_int_equal(router_accept(&a->router, &s, &req, &fake_now), 200);
    router_act(&a->router, &req, now);
    router_request_free(&req);
}

static void ask(struct agent *a, const char *to, struct gb_time *now)
{
    ask_body(a, to, HEAD TIMES "</Query>", now);
}

/* Answers the pending query to the board. */
static int reply(struct agent *a, const struct fake_board *fb, const struct gb_time *now)
{
    static struct board_record page[PAGER_FETCH_MAX];

    assert_int_equal(a->ev.kind, AGENT_QUERY);
    assert_int_equal(a->ev.u.query.kind, AGENT_QUERY_RECORDS);
    assert_true(a->ev.u.query.max >= 1 && a->ev.u.query.max <= PAGER_FETCH_MAX);
    unsigned n = find(fb, a->ev.u.query.skip, a->ev.u.query.max, page);
    return agent_reply_records(a, a->ev.token, 0, page, n, fb->total, now);
}

static unsigned items_of(const struct fake_message *m, char (*pair)[2 * WALLTIME_TEXT], unsigned at)
{
    struct xml_doc *doc;
    unsigned n = 0;

    assert_int_equal(xml_parse(&doc, (struct span){ m->body, m->len }, CHARSET_UTF8), 0);
    const struct xml_node *list = xml_child(xml_root(doc), "RecordList");
    for (const struct xml_node *it = list ? xml_child(list, "Item") : NULL; it; it = xml_next(it, "Item"), n++)
        snprintf(pair[at + n], sizeof(pair[0]), "%s%s", xml_text(it, "StartTime"), xml_text(it, "EndTime"));
    if (list)
        assert_int_equal(num_of(m->body, "RecordList"), n);
    xml_free(doc);
    return n;
}

/* Runs an answer to its end and checks that each pair of times was sent once, in order. Returns the duration in ms. */
static uint64_t run_through(struct agent *a, const struct fake_board *fb, unsigned rtt_ms)
{
    char(*pair)[2 * WALLTIME_TEXT] = calloc(fb->total + PAGER_FETCH_MAX, sizeof(*pair));
    struct gb_time now = fake_now;
    unsigned items = 0;

    assert_non_null(pair);
    ask(a, DEVICE_ID, &now);
    while (a->pager.query[0].ref) {
        char sum[64];
        assert_int_equal(reply(a, fb, &now), 0);
        assert_int_equal(a->nsent, 1);
        const struct fake_message *m = &a->sent[0];
        snprintf(sum, sizeof(sum), "<SumNum>%u</SumNum>", fb->total);
        assert_non_null(strstr(m->body, sum));
        unsigned n = items_of(m, pair, items);
        assert_true(n >= 1 || !fb->total);
        assert_true(m->len <= a->room || n <= 1);
        items += n;
        a->nsent = 0;
        now.mono_ms += rtt_ms;
        pager_message_done(&a->pager, m->ref, 200, &now);
        uint64_t due = pager_deadline(&a->pager);
        if (a->pager.query[0].ref && !a->pager.query[0].token) {
            assert_true(due >= now.mono_ms && due <= now.mono_ms + 20);
            now.mono_ms = due;
            pager_tick(&a->pager, &now);
        }
    }
    assert_int_equal(items, fb->total);
    for (unsigned i = 1; i < items; i++)
        assert_true(strcmp(pair[i - 1], pair[i]) < 0);
    free(pair);
    return now.mono_ms - fake_now.mono_ms;
}

static void test_pages(void **state)
{
    static const unsigned counts[] = { 0, 1, 2, 5, 300, 10000 };
    static const size_t rooms[] = { 1, 850, 7700 };

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++) {
            struct fake_board fb = { counts[i], false };
            struct agent *a = fake_new(1, 0);
            a->room = rooms[k];
            run_through(a, &fb, 0);
            fake_free(a);
        }
    }
}

static void test_board_gets_the_queried_period(void **state)
{
    struct agent *a = fake_new(2, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    assert_string_equal(a->channel, CHANNEL_ID);
    assert_int_equal(a->records.start_unix_s, DAY);
    assert_int_equal(a->records.end_unix_s, DAY + 86400);
    assert_int_equal(a->ev.u.query.skip, 0);
    assert_int_equal(a->nsent, 0);
    fake_free(a);
}

/* Equal pairs of times make a common platform wait forever. */
static void test_equal_times_are_made_unique(void **state)
{
    struct fake_board fb = { 31, true };
    struct agent *a = fake_new(1, 0);

    (void)state;
    run_through(a, &fb, 0);
    a->room = 7700;
    run_through(a, &fb, 0);
    fake_free(a);
}

/* Paced as long as time permits, then unpaced: complete within 12 s. */
static void test_pace(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    uint64_t few = run_through(a, &(struct fake_board){ 100, false }, 5);
    assert_true(few >= 40 * 20 && few < 12000);
    uint64_t many = run_through(a, &(struct fake_board){ 1500, false }, 10);
    assert_true(many > 5000 && many < 12000);
    fake_free(a);
}

/* Message number `at` ends the answer. */
static void expect_failed(struct agent *a, unsigned at)
{
    assert_int_equal(a->nsent, at + 1);
    assert_non_null(strstr(a->sent[at].body, "</DeviceID>\r\n<Result>ERROR</Result>\r\n<Name>"));
    assert_non_null(strstr(a->sent[at].body, "</Name>\r\n<SumNum>0</SumNum>\r\n</Response>\r\n"));
    pager_message_done(&a->pager, a->sent[at].ref, 200, &fake_now);
    assert_int_equal(a->pager.query[0].ref, 0);
}

static void test_deadline(void **state)
{
    struct fake_board fb = { 100, false };
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    assert_int_equal(reply(a, &fb, &now), 0);
    assert_int_equal(pager_deadline(&a->pager), now.mono_ms + 12000);
    now.mono_ms += 11999;
    pager_tick(&a->pager, &now);
    assert_int_not_equal(a->pager.query[0].ref, 0);
    now.mono_ms++;
    pager_tick(&a->pager, &now);
    assert_int_equal(a->pager.query[0].ref, 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    assert_int_equal(a->nsent, 1);
    /* A board that does not reply. */
    ask(a, DEVICE_ID, &now);
    uint32_t token = a->ev.token;
    now.mono_ms += PAGER_BOARD_MS;
    pager_tick(&a->pager, &now);
    expect_failed(a, 1);
    assert_int_equal(agent_reply_records(a, token, 0, NULL, 0, 0, &now), -ENOENT);
    assert_int_equal(agent_reply_records(a, 0, 0, NULL, 0, 0, &now), -ENOENT);
    fake_free(a);
}

/* ERROR instead of the first page, repeated when that is lost; after a page the Response is incomplete. */
static void test_board_fails(void **state)
{
    struct fake_board fb = { 10, false }, holes = { 0, false };
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, -EIO, NULL, 0, 0, &now), 0);
    expect_failed(a, 0);
    ask(a, DEVICE_ID, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, 0, NULL, 0, 3, &now), 0);
    expect_failed(a, 1);
    /* The ERROR is not delivered: the board is queried again, now successfully. */
    ask(a, DEVICE_ID, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, -EIO, NULL, 0, 0, &now), 0);
    pager_message_done(&a->pager, a->sent[2].ref, 0, &now);
    assert_int_equal(reply(a, &holes, &now), 0);
    assert_null(strstr(a->sent[3].body, "<Result>"));
    pager_message_done(&a->pager, a->sent[3].ref, 200, &now);
    assert_int_equal(a->pager.query[0].ref, 0);
    ask(a, DEVICE_ID, &now);
    assert_int_equal(reply(a, &fb, &now), 0);
    pager_message_done(&a->pager, a->sent[4].ref, 200, &now);
    now.mono_ms += 20;
    pager_tick(&a->pager, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, -EIO, NULL, 0, 0, &now), 0);
    assert_int_equal(a->pager.query[0].ref, 0);
    assert_int_equal(a->nsent, 5);
    fake_free(a);
}

/* A query above the limit gets ERROR. */
static void test_too_many(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;
    char body[512];

    (void)state;
    for (unsigned i = 0; i <= PAGER_QUERIES_MAX; i++) {
        assert_int_equal(a->nsent, 0);
        snprintf(body, sizeof(body),
                 "<Query><CmdType>RecordInfo</CmdType><SN>%u</SN><DeviceID>" CHANNEL_ID "</DeviceID>" TIMES "</Query>",
                 i + 1);
        ask_body(a, DEVICE_ID, body, &now);
    }
    assert_int_equal(a->nsent, 1);
    assert_int_equal(a->sent[0].purpose, MESSAGE_RESPONSE);
    assert_non_null(strstr(a->sent[0].body, "<SN>5</SN>"));
    assert_non_null(strstr(a->sent[0].body, "<Result>ERROR</Result>"));
    ask_body(a, DEVICE_ID, "<Query><CmdType>Catalog</CmdType><SN>6</SN><DeviceID>" DEVICE_ID "</DeviceID></Query>",
             &now);
    assert_int_equal(a->nsent, 1);
    fake_free(a);
}

static void test_retry(void **state)
{
    struct fake_board fb = { 10, true };
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    a->room = 1;
    ask(a, DEVICE_ID, &now);
    assert_int_equal(reply(a, &fb, &now), 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    now.mono_ms += 20;
    pager_tick(&a->pager, &now);
    assert_int_equal(reply(a, &fb, &now), 0);
    /* Refused: the same page is fetched from the board and sent again. */
    pager_message_done(&a->pager, a->sent[1].ref, 486, &now);
    assert_int_equal(a->ev.u.query.skip, 1);
    assert_int_equal(reply(a, &fb, &now), 0);
    assert_int_equal(a->nsent, 3);
    assert_string_equal(a->sent[1].body, a->sent[2].body);
    pager_message_done(&a->pager, a->sent[2].ref, 400, &now);
    assert_int_equal(a->pager.query[0].ref, 0);
    fake_free(a);
}

static void test_deleted_recordings_restart_the_answer(void **state)
{
    struct fake_board fb = { 10, false };
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    assert_int_equal(reply(a, &fb, &now), 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    now.mono_ms += 20;
    pager_tick(&a->pager, &now);
    assert_true(a->ev.u.query.skip > 0);
    /* The oldest record was deleted meanwhile: restarted. */
    fb.total = 9;
    assert_int_equal(reply(a, &fb, &now), 0);
    assert_int_equal(a->nsent, 1);
    assert_int_equal(a->ev.u.query.skip, 0);
    assert_int_equal(reply(a, &fb, &now), 0);
    assert_non_null(strstr(a->sent[1].body, "<SumNum>9</SumNum>"));
    /* A board that reports a total but no records. */
    pager_message_done(&a->pager, a->sent[1].ref, 200, &now);
    now.mono_ms += 20;
    pager_tick(&a->pager, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, 0, NULL, 0, 9, &now), 0);
    assert_int_equal(a->pager.query[0].ref, 0);
    fake_free(a);
}

static void expect_none(struct agent *a)
{
    assert_int_equal(a->nsent, 1);
    assert_non_null(strstr(a->sent[0].body, "<SumNum>0</SumNum>"));
    assert_null(strstr(a->sent[0].body, "RecordList"));
    pager_message_done(&a->pager, a->sent[0].ref, 200, &fake_now);
    assert_int_equal(a->pager.query[0].ref, 0);
    a->nsent = 0;
}

static void test_no_recordings_and_unsupported_are_answered_alike(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    assert_int_equal(agent_reply_records(a, a->ev.token, -ENOTSUP, NULL, 0, 0, &now), 0);
    expect_none(a);
    /* To names the platform, which means its own recordings. The board is not queried. */
    unsigned before = a->nevents;
    ask(a, SERVER_ID, &now);
    assert_int_equal(a->nevents, before);
    expect_none(a);
    fake_free(a);
}

/* A filter that holds one of the device's IDs, as in the standard's sample (2016 J.13), is not passed to the board; any
 * other is. */
static void test_own_names(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask_body(a, DEVICE_ID,
             HEAD TIMES "<FilePath>" CHANNEL_ID "</FilePath><Address>" DEVICE_ID "</Address><Secrecy>0</Secrecy>"
                        "<Type>time</Type><RecorderID>" CHANNEL_ID "</RecorderID></Query>",
             &now);
    assert_int_equal(a->nevents, 1);
    assert_string_equal(a->records.path, "");
    assert_string_equal(a->records.address, "");
    assert_string_equal(a->records.recorder, "");
    assert_int_equal(agent_reply_records(a, a->ev.token, 0, NULL, 0, 0, &now), 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &now);
    ask_body(a, DEVICE_ID,
             HEAD TIMES "<FilePath>/" CHANNEL_ID "/1</FilePath><Address>Address 1</Address>"
                        "<RecorderID>64010000003000000001</RecorderID></Query>",
             &now);
    assert_string_equal(a->records.path, "/" CHANNEL_ID "/1");
    assert_string_equal(a->records.address, "Address 1");
    assert_string_equal(a->records.recorder, "64010000003000000001");
    fake_free(a);
}

static char line[512];

static void keep_line(enum log_level level, const char *text)
{
    if (level == LOG_L_WARN)
        snprintf(line, sizeof(line), "%s", text);
}

/* Invalid queries are refused with the required count, and quoted in the log. */
static void test_refused(void **state)
{
#define SPAN(from, to) HEAD "<StartTime>" from "</StartTime><EndTime>" to "</EndTime></Query>"
    static const struct {
        const char *body, *log;
    } cases[] = {
        { SPAN("2024-01-01T08:00:00", "tomorrow"), "element=EndTime value=\"tomorrow\" reason=\"invalid time\"" },
        { SPAN("2024-01-01T08:00:00", ""), "element=EndTime value=\"\" reason=\"missing time\"" },
        { HEAD "<EndTime>2024-01-01T08:00:00</EndTime></Query>",
          "element=StartTime value=\"\" reason=\"missing time\"" },
        { SPAN("2024-02-30", "2024-03-01"), "element=StartTime value=\"2024-02-30\" reason=\"invalid time\"" },
        { SPAN("a\x01\x1b[31m&#10;b%n%s\x7f", "2024-03-01"), "element=StartTime value=\"a" },
        { SPAN("2024-01-02T08:00:00", "2024-01-01T08:00:00"),
          "query-refused command=RecordInfo sn=17 channel=34020000001310000001 reason=\"StartTime is after EndTime\"" },
        { SPAN("2024-01-01T08:00:00+08:00", "2024-01-01T07:59:59"),
          "query-refused command=RecordInfo sn=17 channel=34020000001310000001 reason=\"StartTime is after EndTime\"" },
        { "<Query><CmdType>RecordInfo</CmdType><SN>17</SN><DeviceID>34020000001310000099</DeviceID>" TIMES "</Query>",
          "channel=34020000001310000099 reason=\"unknown channel\"" },
    };
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    log_set_sink(keep_line);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        a->nsent = 0;
        ask_body(a, DEVICE_ID, cases[i].body, &now);
        assert_int_equal(a->nsent, 1);
        assert_int_equal(a->sent[0].purpose, MESSAGE_RESPONSE);
        assert_non_null(strstr(a->sent[0].body, "</DeviceID>\r\n<Result>ERROR</Result>\r\n<Name>"));
        assert_non_null(strstr(a->sent[0].body, "</Name>\r\n<SumNum>0</SumNum>\r\n</Response>\r\n"));
        if (!strstr(line, cases[i].log))
            fail_msg("\"%s\" lacks \"%s\"", line, cases[i].log);
        for (const char *p = line; *p; p++)
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
    assert_int_equal(a->nevents, 0);
    /* One time has a zone: in UTC the two are not reversed. */
    a->nsent = 0;
    ask_body(a, DEVICE_ID, SPAN("2024-01-01T08:00:00", "2024-01-01T01:00:00Z"), &now);
    assert_int_equal(a->nsent, 0);
    assert_int_equal(a->nevents, 1);
    assert_int_equal(a->records.start_unix_s, DAY);
    assert_int_equal(a->records.end_unix_s, DAY + 3600);
    log_set_sink(NULL);
    fake_free(a);
}

static void test_offline(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time now = fake_now;

    (void)state;
    ask(a, DEVICE_ID, &now);
    pager_offline(&a->pager);
    assert_int_equal(agent_reply_records(a, a->ev.token, 0, NULL, 0, 0, &now), -ENOENT);
    assert_int_equal(a->nsent, 0);
    fake_free(a);
}

/* A paged answer with each allocation failing in turn: it is delayed, then continues. */
static bool answer_once(void *ctx)
{
    struct fake_board fb = { 5, false };
    struct agent *a = ctx;
    struct gb_time now = fake_now;
    struct board_record page[PAGER_FETCH_MAX];
    struct router_request req;
    struct sip_scan s = { .body = span_of(HEAD TIMES "</Query>"), .to.user = span_of(DEVICE_ID) };
    bool whole = false;

    a->nsent = 0;
    if (router_accept(&a->router, &s, &req, &fake_now) != 200)
        return false;
    router_act(&a->router, &req, &now);
    router_request_free(&req);
    for (unsigned turn = 0; turn < 2000 && a->pager.query[0].ref; turn++) {
        if (a->pager.query[0].token) {
            unsigned n = find(&fb, a->ev.u.query.skip, a->ev.u.query.max, page);
            assert_int_equal(agent_reply_records(a, a->ev.token, 0, page, n, fb.total, &now), 0);
        }
        if (a->pager.query[0].in_flight) {
            whole = strstr(a->sent[a->nsent - 1].body, "/4<") != NULL;
            pager_message_done(&a->pager, a->sent[a->nsent - 1].ref, 200, &now);
        }
        now.mono_ms += 20;
        pager_tick(&a->pager, &now);
    }
    assert_int_equal(a->pager.query[0].ref, 0);
    return whole;
}

static void test_no_memory(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    oom_ladder(answer_once, a, 200);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_times_are_read_in_every_form),
        cmocka_unit_test(test_item_by_edition),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_equal_times_are_made_unique),
        cmocka_unit_test(test_board_gets_the_queried_period),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_deleted_recordings_restart_the_answer),
        cmocka_unit_test(test_no_recordings_and_unsupported_are_answered_alike),
        cmocka_unit_test(test_offline),
        cmocka_unit_test(test_board_fails),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_own_names),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
