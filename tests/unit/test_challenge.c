/* SPDX-License-Identifier: MIT */
/* Challenges of the registrar: the minimum algorithm, and warnings when one differs from the last. */
#include "tests/unit/agent_rig.h"

#include "agent/registration.h"

#define MD5(realm, nonce) "WWW-Authenticate: Digest realm=\"" realm "\",nonce=\"" nonce "\"\r\n"
#define SHA(realm, nonce) "WWW-Authenticate: Digest realm=\"" realm "\",nonce=\"" nonce "\",algorithm=SHA-256\r\n"
#define WEAKER            "main: digest-weaker algorithm=MD5 previous=SHA-256"
#define ELSEWHERE         "main: realm-changed realm="

/* Challenges the pending REGISTER and accepts the answer, if there is one. */
static bool round_of(struct rig *r, const char *challenge)
{
    const char *auth;

    assert_int_equal(strncmp(rig_last(r), "REGISTER ", 9), 0);
    rig_answer_from(r, r->server, rig_last(r), 401, challenge);
    auth = rig_header(rig_last(r), "Authorization");
    if (auth) {
        rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 3600\r\n");
        rig_run(r, 0);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        /* To the next REGISTER. */
        for (unsigned before = r->npackets; r->npackets == before;)
            rig_run(r, 60000);
    }
    return auth != NULL;
}

static struct rig *start(const struct agent_config *cfg)
{
    struct rig *r = rig_new(cfg);

    r->auto_keepalive = true;
    rig_run(r, 0);
    rig_log_start(LOG_L_WARN);
    return r;
}

static void end(struct rig *r)
{
    rig_log_end();
    rig_free(r);
}

static void test_md5_is_refused_below_min_algorithm(void **state)
{
    struct agent_config cfg;
    struct agent_status st;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.sha256_only = true;
    r = start(&cfg);
    assert_true(round_of(r, SHA("a", "1") MD5("a", "2")));
    assert_false(round_of(r, MD5("a", "3")));
    assert_int_equal(rig_state(r), AGENT_WAITING);
    agent_get_status(r->agent, &st);
    assert_non_null(strstr(st.last_error, "below min_algorithm = sha-256"));
    /* A reload that lowers the minimum is tried immediately. */
    cfg.sha256_only = false;
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
    rig_run(r, 0);
    assert_true(round_of(r, MD5("a", "4")));
    end(r);
}

/* By default every challenge is answered, and a change is logged once. */
static void test_warnings(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    assert_true(round_of(r, MD5("a", "1")));
    assert_true(round_of(r, SHA("a", "2")));
    assert_true(round_of(r, SHA("a", "3")));
    assert_int_equal(rig_logged(WEAKER) + rig_logged(ELSEWHERE), 0);
    assert_true(round_of(r, MD5("a", "4")));
    assert_int_equal(rig_logged(WEAKER), 1);
    assert_int_equal(rig_logged(ELSEWHERE), 0);
    assert_true(round_of(r, SHA("a", "5")));
    assert_true(round_of(r, MD5("a", "6")));
    assert_int_equal(rig_logged(WEAKER), 1);
    /* Some platforms use another realm each time. */
    assert_true(round_of(r, MD5("b", "7")));
    assert_int_equal(rig_logged(ELSEWHERE "\"b\" previous=\"a\""), 1);
    assert_true(round_of(r, MD5("c", "8")));
    assert_int_equal(rig_logged(ELSEWHERE), 1);
    end(r);
}

/* A server redirected to has its own realm; neither that nor the return counts as a change. */
static void test_redirected(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    assert_true(round_of(r, SHA("a", "1")));
    rig_answer_from(r, r->server, rig_last(r), 302, "Contact: <sip:44010000002000000009@192.0.2.9:5080>\r\n");
    rig_drain(r);
    rig_answer_from(r, r->away, rig_last(r), 401, MD5("other", "2"));
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    rig_answer_from(r, r->away, rig_last(r), 403, NULL);
    rig_run(r, 5000);
    assert_true(addr_same(&r->to[r->npackets - 1], &r->server));
    assert_true(round_of(r, SHA("a", "3")));
    assert_int_equal(rig_logged(WEAKER) + rig_logged(ELSEWHERE), 0);
    end(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_md5_is_refused_below_min_algorithm),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_redirected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
