/* SPDX-License-Identifier: MIT */
/* One warning about a server that does not answer, after four seconds. */
#include "tests/unit/agent_rig.h"

#include "agent/registration.h"

static struct rig *start(const struct agent_config *cfg)
{
    struct rig *r = rig_new(cfg);

    rig_log_start(LOG_L_WARN);
    r->auto_keepalive = true;
    rig_run(r, 0);
    return r;
}

static void end(struct rig *r)
{
    rig_log_end();
    rig_free(r);
}

static void test_unanswered_register_is_logged_once(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    rig_run(r, REG_SILENCE_MS - 1);
    assert_int_equal(rig_logged("no-answer"), 0);
    rig_run(r, 1);
    assert_int_equal(rig_logged("main: no-answer server=192.0.2.1:5060 reason=\"no answer to REGISTER\"\n"), 1);
    rig_run(r, 3600000);
    assert_int_equal(rig_logged("no-answer server="), 1);
    /* The server answers, then is silent again later. */
    while (rig_state(r) != AGENT_REGISTERING)
        rig_run(r, 100);
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 3600\r\n");
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    rig_run(r, 1800000 - 1);
    assert_int_equal(rig_count(r, "REGISTER"), 0);
    rig_run(r, 2 + REG_SILENCE_MS);
    assert_int_equal(rig_logged("no-answer server="), 2);
    end(r);
}

/* Any response counts. */
static void test_answered(void **state)
{
    static const unsigned status[] = { 100, 401, 403 };

    (void)state;
    for (unsigned i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        struct rig *r = start(NULL);
        rig_answer_from(r, r->server, rig_last(r), status[i], CHALLENGE);
        if (status[i] == 401)
            rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 3600\r\n");
        rig_run(r, REG_SILENCE_MS + 1000);
        assert_int_equal(rig_logged("no-answer server="), 0);
        end(r);
    }
}

static void test_redirected(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    rig_answer_from(r, r->server, rig_last(r), 302, "Contact: <sip:44010000002000000009@192.0.2.9:5080>\r\n");
    rig_drain(r);
    rig_run(r, REG_SILENCE_MS);
    assert_int_equal(rig_logged("main: no-answer server=192.0.2.9:5080 reason=\"no answer to REGISTER\"\n"), 1);
    end(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unanswered_register_is_logged_once),
        cmocka_unit_test(test_answered),
        cmocka_unit_test(test_redirected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
