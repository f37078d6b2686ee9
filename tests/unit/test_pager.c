/* SPDX-License-Identifier: MIT */
#include "agent/pager.h"

#include "codec/xml.h"
#include "tests/unit/fake_agent.h"

static int start(struct agent *a, const char *sn, const char *device_id, const struct gb_time *now)
{
    return pager_start(&a->pager, &catalog_pages, sn, device_id, NULL, now);
}

/* A page as parsed by a platform. */
struct page_seen {
    unsigned sum, num, items;
};

static struct page_seen read_page(const struct fake_message *m, const char *sn, bool *seen, unsigned count)
{
    struct xml_doc *doc;
    struct page_seen p = { 0 };

    assert_int_equal(m->purpose, MESSAGE_PAGE);
    assert_int_equal(xml_parse(&doc, (struct span){ m->body, m->len }, CHARSET_UTF8), 0);
    const struct xml_node *root = xml_root(doc), *list = xml_child(root, "DeviceList");
    assert_string_equal(xml_name(root), "Response");
    assert_string_equal(xml_text(root, "CmdType"), "Catalog");
    assert_string_equal(xml_text(root, "SN"), sn);
    p.sum = (unsigned)strtoul(xml_text(root, "SumNum"), NULL, 10);
    if (list) {
        p.num = num_of(m->body, "DeviceList");
        for (const struct xml_node *it = xml_child(list, "Item"); it; it = xml_next(it, "Item")) {
            char name[64];
            unsigned n = (unsigned)strtoul(xml_text(it, "DeviceID") + 14, NULL, 10);
            assert_true(n >= 1 && n <= count);
            assert_false(seen[n - 1]);
            seen[n - 1] = true;
            snprintf(name, sizeof(name), "\xe6\x91\x84\xe5\x83\x8f\xe6\x9c\xba %u", n);
            assert_string_equal(xml_text(it, "Name"), name);
            assert_string_equal(xml_text(it, "ParentID"), DEVICE_ID);
            assert_string_equal(xml_text(it, "CivilCode"), "340200");
            assert_string_equal(xml_text(it, "Manufacturer"), "Maker");
            p.items++;
        }
    }
    xml_free(doc);
    return p;
}

/* Answers every page with 200; returns the number of pages. */
static unsigned run_through(struct agent *a, const char *sn, unsigned channels)
{
    bool *seen = calloc(channels + 1, sizeof(*seen));
    unsigned items = 0, pages = 0;

    assert_non_null(seen);
    assert_int_equal(start(a, sn, DEVICE_ID, &fake_now), 0);
    while (pages < a->nsent) {
        const struct fake_message *m = &a->sent[pages++];
        struct page_seen p = read_page(m, sn, seen, channels);
        assert_int_equal(p.sum, channels);
        assert_int_equal(p.num, p.items);
        assert_true(p.items >= 1 || !channels);
        assert_true(m->len <= a->room || p.items <= 1);
        items += p.items;
        /* Pages are sent one at a time. */
        assert_int_equal(a->nsent, pages);
        assert_true(pager_deadline(&a->pager) == UINT64_MAX);
        pager_message_done(&a->pager, m->ref, 200, &fake_now);
    }
    assert_int_equal(items, channels);
    for (unsigned i = 0; i < PAGER_QUERIES_MAX; i++)
        assert_int_equal(a->pager.query[i].ref, 0);
    free(seen);
    return pages;
}

static void test_pages_fill_the_room(void **state)
{
    static const unsigned counts[] = { 0, 1, 2, 25, 300 };
    static const size_t rooms[] = { 1, 600, 850, 7700 };

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++) {
            struct agent *a = fake_new(counts[i], 0);
            a->room = rooms[k];
            unsigned pages = run_through(a, "17430", counts[i]);
            if (rooms[k] == 1)
                assert_int_equal(pages, counts[i] ? counts[i] : 1);
            if (rooms[k] == 7700 && counts[i] > 2)
                assert_true(pages < counts[i] / 8);
            fake_free(a);
        }
    }
}

/* Size of a complete answer in GB2312. */
static void test_golden(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    assert_int_equal(start(a, "7c9e-uuid", "34020000001310000001", &fake_now), 0);
    assert_int_equal(a->nsent, 1);
    assert_string_equal(
        a->sent[0].body,
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Response>\r\n<CmdType>Catalog</CmdType>\r\n"
        "<SN>7c9e-uuid</SN>\r\n<DeviceID>34020000001310000001</DeviceID>\r\n<SumNum>1</SumNum>\r\n"
        "<DeviceList Num=\"1\">\r\n<Item>\r\n<DeviceID>34020000001310000001</DeviceID>\r\n"
        "<Name>\xc9\xe3\xcf\xf1\xbb\xfa 1</Name>\r\n<Manufacturer>Maker</Manufacturer>\r\n<Model>M1</Model>\r\n"
        "<Owner>Owner</Owner>\r\n<CivilCode>340200</CivilCode>\r\n<Address></Address>\r\n<Parental>0</Parental>\r\n"
        "<ParentID>" DEVICE_ID "</ParentID>\r\n<SafetyWay>0</SafetyWay>\r\n"
        "<RegisterWay>1</RegisterWay>\r\n<Secrecy>0</Secrecy>\r\n<Status>ON</Status>\r\n"
        "<Longitude>0.000000</Longitude>\r\n<Latitude>0.000000</Latitude>\r\n<Info>\r\n<PTZType>3</PTZType>\r\n"
        "</Info>\r\n</Item>\r\n</DeviceList>\r\n</Response>\r\n");
    fake_free(a);
}

static void test_catalog_self_lists_the_device(void **state)
{
    struct device_item_config *item = fake_items(1, 0);
    struct device_config cfg = fake_device_config(item, 1);
    struct agent *a = fake_new(0, 0);

    (void)state;
    cfg.catalog_self = true;
    assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
    a->room = 8000;
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    assert_non_null(strstr(a->sent[0].body,
                           "<SumNum>2</SumNum>\r\n<DeviceList Num=\"2\">\r\n<Item>\r\n<DeviceID>" DEVICE_ID
                           "</DeviceID>"));
    assert_non_null(strstr(a->sent[0].body, "<Parental>1</Parental>\r\n<ParentID>" SERVER_ID "</ParentID>"));
    assert_non_null(strstr(a->sent[0].body, "<Name>gate &amp; yard</Name>"));
    free(item);
    fake_free(a);
}

static void test_retry(void **state)
{
    struct agent *a = fake_new(3, 0);

    (void)state;
    a->room = 1;
    assert_int_equal(start(a, "5", DEVICE_ID, &fake_now), 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &fake_now);
    /* The second page times out and is repeated unchanged; then the third. */
    pager_message_done(&a->pager, a->sent[1].ref, 0, &fake_now);
    assert_int_equal(a->nsent, 3);
    assert_string_equal(a->sent[1].body, a->sent[2].body);
    pager_message_done(&a->pager, a->sent[2].ref, 200, &fake_now);
    assert_int_equal(a->nsent, 4);
    assert_non_null(strstr(a->sent[3].body, "34020000001310000003"));
    /* The third is refused twice: the response is dropped. */
    pager_message_done(&a->pager, a->sent[3].ref, 486, &fake_now);
    assert_int_equal(a->nsent, 5);
    pager_message_done(&a->pager, a->sent[4].ref, 400, &fake_now);
    assert_int_equal(a->nsent, 5);
    assert_int_equal(a->pager.query[0].ref, 0);
    /* A permanent refusal is not retried. */
    assert_int_equal(start(a, "6", DEVICE_ID, &fake_now), 0);
    assert_int_equal(a->nsent, 6);
    pager_message_done(&a->pager, a->sent[5].ref, 400, &fake_now);
    assert_int_equal(a->nsent, 6);
    assert_int_equal(a->pager.query[0].ref, 0);
    /* Late and unknown outcomes are ignored. */
    pager_message_done(&a->pager, a->sent[4].ref, 200, &fake_now);
    pager_message_done(&a->pager, 0, 200, &fake_now);
    assert_int_equal(a->nsent, 6);
    fake_free(a);
}

static void test_queries_are_bounded_and_answered_independently(void **state)
{
    struct agent *a = fake_new(2, 0);

    (void)state;
    a->room = 1;
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), -EALREADY);
    assert_int_equal(start(a, "2", DEVICE_ID, &fake_now), 0);
    assert_int_equal(start(a, "3", DEVICE_ID, &fake_now), 0);
    assert_int_equal(start(a, "4", DEVICE_ID, &fake_now), 0);
    assert_int_equal(start(a, "5", DEVICE_ID, &fake_now), -ENOSPC);
    assert_int_equal(a->nsent, 4);
    /* Queries are answered independently, each with its own SN. */
    pager_message_done(&a->pager, a->sent[2].ref, 200, &fake_now);
    assert_non_null(strstr(a->sent[4].body, "<SN>3</SN>"));
    pager_message_done(&a->pager, a->sent[4].ref, 200, &fake_now);
    assert_int_equal(a->nsent, 5);
    assert_int_equal(start(a, "5", DEVICE_ID, &fake_now), 0);
    pager_offline(&a->pager);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &fake_now);
    assert_int_equal(a->nsent, 6);
    fake_free(a);
}

static void test_pauses(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time t = fake_now;

    (void)state;
    /* The queue is full: sent a little later. */
    a->send_error = -ENOBUFS;
    assert_int_equal(start(a, "1", DEVICE_ID, &t), 0);
    assert_int_equal(pager_deadline(&a->pager), t.mono_ms + PAGER_PAUSE_MS);
    pager_tick(&a->pager, &t);
    a->send_error = 0;
    t.mono_ms += PAGER_PAUSE_MS;
    pager_tick(&a->pager, &t);
    assert_int_equal(a->nsent, 1);
    assert_true(pager_deadline(&a->pager) == UINT64_MAX);
    pager_message_done(&a->pager, a->sent[0].ref, -ECONNRESET, &t);
    assert_int_equal(a->pager.query[0].ref, 0);
    /* The queue stays full: the response is dropped. */
    a->send_error = -ENOMEM;
    assert_int_equal(start(a, "2", DEVICE_ID, &t), 0);
    for (unsigned i = 0; i < PAGER_STALLS_MAX + 1; i++) {
        t.mono_ms += PAGER_PAUSE_MS;
        pager_tick(&a->pager, &t);
    }
    assert_int_equal(a->pager.query[0].ref, 0);
    a->ua.state = AGENT_WAITING;
    assert_int_equal(start(a, "3", DEVICE_ID, &t), 0);
    assert_int_equal(a->pager.query[0].ref, 0);
    fake_free(a);
}

/* A reload in the middle: restarted with the new number; never a page past the end. */
static void test_reload(void **state)
{
    struct device_item_config *item = fake_items(5, 0);
    struct device_config cfg = fake_device_config(item, 5);
    struct agent *a = fake_new(3, 0);
    bool seen[5] = { false };

    (void)state;
    a->room = 1;
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    pager_message_done(&a->pager, a->sent[0].ref, 200, &fake_now);
    assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
    pager_message_done(&a->pager, a->sent[1].ref, 200, &fake_now);
    for (unsigned i = 2; i < a->nsent; i++) {
        assert_int_equal(read_page(&a->sent[i], "1", seen, 5).sum, 5);
        pager_message_done(&a->pager, a->sent[i].ref, 200, &fake_now);
    }
    assert_int_equal(a->nsent, 2 + 5);
    /* The number changes with every page: dropped in the end. */
    assert_int_equal(start(a, "2", DEVICE_ID, &fake_now), 0);
    for (unsigned i = 0; i < 20 && a->pager.query[0].ref; i++) {
        cfg.nitems = 3 + i % 2;
        assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
        pager_message_done(&a->pager, a->sent[a->nsent - 1].ref, 200, &fake_now);
    }
    assert_int_equal(a->pager.query[0].ref, 0);
    free(item);
    fake_free(a);
}

/* Items are filtered by the time they were added; those without a known time are always listed. */
static void test_period_filters_by_time_added(void **state)
{
    struct device_item_config *item = fake_items(6, 0);
    struct device_config cfg = fake_device_config(item, 2);
    struct agent *a = fake_new(2, 0);
    union pager_args args = { .period = { .has_from = true, .from = { 1704067200, false } } };
    static const struct {
        bool has_to;
        int64_t from, to;
        unsigned items;
    } cases[] = {
        { false, 1704067000, 0, 6 },         { false, 1704067100, 0, 6 },         { false, 1704067101, 0, 4 },
        { true, 1704067000, 1704067199, 4 }, { true, 1704067200, 1704067200, 4 }, { true, 1704067201, 1704070000, 2 },
        { true, 1704067000, 1704067050, 2 },
    };

    (void)state;
    /* Two added while the clock was unset, then two, then two more. */
    for (unsigned i = 0; i < 2; i++) {
        cfg.nitems = 4 + 2 * i;
        cfg.loaded_unix_s = 1704067100 + 100 * (int64_t)i;
        assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
    }
    a->room = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool seen[6] = { false };
        unsigned items = 0;
        args.period =
            (struct manscdp_period){ true, cases[i].has_to, { cases[i].from, false }, { cases[i].to, false } };
        a->nsent = 0;
        assert_int_equal(pager_start(&a->pager, &catalog_pages, "9", DEVICE_ID, &args, &fake_now), 0);
        for (unsigned n = 0; n < a->nsent; n++) {
            struct page_seen page = read_page(&a->sent[n], "9", seen, 6);
            assert_int_equal(page.sum, cases[i].items);
            assert_int_equal(page.items, 1);
            items += page.items;
            pager_message_done(&a->pager, a->sent[n].ref, 200, &fake_now);
        }
        assert_int_equal(items, cases[i].items);
        assert_int_equal(a->pager.query[0].ref, 0);
    }
    free(item);
    fake_free(a);
}

/* An audio output: a child of the device, but not a camera. */
static void test_audio(void **state)
{
    struct device_item_config *item = fake_items(2, 0);
    struct device_config cfg = fake_device_config(item, 2);
    struct agent *a = fake_new(0, 0);

    (void)state;
    item[1].kind = DEVICE_AUDIO_OUTPUT;
    snprintf(item[1].id, sizeof(item[1].id), "34020000001370000001");
    assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
    assert_int_equal(device_channel_count(a->ua.dev), 1);
    a->ua.cfg.edition = GB_2022;
    a->room = 8000;
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    const char *speaker = strstr(a->sent[0].body, "<DeviceID>34020000001370000001</DeviceID>");
    assert_non_null(speaker);
    assert_non_null(strstr(speaker, "<ParentID>" DEVICE_ID "</ParentID>"));
    assert_null(strstr(speaker, "<Info>"));
    free(item);
    fake_free(a);
}

static void test_longest_item_fits(void **state)
{
    struct device_item_config *item = fake_items(1, 0);
    struct device_config cfg = fake_device_config(item, 1);
    struct agent *a = fake_new(0, 0);

    (void)state;
    memset(item->name, '"', sizeof(item->name) - 1);
    memset(item->manufacturer, '&', sizeof(item->manufacturer) - 1);
    memset(item->model, '&', sizeof(item->model) - 1);
    memset(item->owner, '&', sizeof(item->owner) - 1);
    memset(item->address, '\'', sizeof(item->address) - 1);
    memset(item->parent, '"', sizeof(item->parent) - 1);
    memset(item->ip_address, '&', sizeof(item->ip_address) - 1);
    for (unsigned i = 0; i < CATALOG_INFOS; i++)
        memset(item->info[i], '"', sizeof(item->info[i]) - 1);
    a->ua.cfg.edition = GB_2022;
    assert_int_equal(device_apply(a->ua.dev, &cfg), 0);
    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    assert_int_equal(a->nsent, 1);
    assert_non_null(strstr(a->sent[0].body, "<DeviceList Num=\"1\">"));
    assert_non_null(strstr(a->sent[0].body, "</Response>"));
    free(item);
    fake_free(a);
}

static bool start_once(void *ctx)
{
    struct agent *a = ctx;
    unsigned before = a->nsent;

    assert_int_equal(start(a, "1", DEVICE_ID, &fake_now), 0);
    bool sent = a->nsent > before;
    pager_offline(&a->pager);
    return sent;
}

static void test_no_memory(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    oom_ladder(start_once, a, 20);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_fill_the_room),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_catalog_self_lists_the_device),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_queries_are_bounded_and_answered_independently),
        cmocka_unit_test(test_pauses),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_longest_item_fits),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_period_filters_by_time_added),
        cmocka_unit_test(test_audio),
    };
    return cmocka_run_group_tests_name("pager", tests, NULL, NULL);
}
