/* SPDX-License-Identifier: MIT */
/* Responses to odd messages, modelled on RFC 4475, and log lines about dropped ones. */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#include "agent/agent_impl.h"

#define DEVICE_URI "sip:" DEVICE_ID "@3402000000"
#define FROM       "From: <sip:" SERVER_ID "@3402000000>;tag=f1\r\n"
#define TO         "To: <" DEVICE_URI ">\r\n"
#define CALL_ID    "Call-ID: torture\r\n"
#define CSEQ(m)    "CSeq: 9 " m "\r\n"
#define END        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
#define ODD        "!interesting-Method0123456789_*+`.%indeed'~"

struct torture {
    const char *name;
    struct span text;
    unsigned status;  /* 0: none */
    const char *says; /* part of the response or log line, or NULL */
};

/* @ is replaced by a unique branch for each case. */
#define CASE(name, text, status, says)                                                                                 \
    {                                                                                                                  \
        name, SPAN_LIT(text), status, says                                                                             \
    }
#define VIA "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK-@\r\n"

static const struct torture cases[] = {
    CASE("plain", "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 200, NULL),
    CASE("a method of odd characters", ODD " " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ(ODD) END, 501,
         "Allow: "),
    CASE("and a URI of odd characters, and escaped control bytes in a display name",
         ODD
         " sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com "
         "SIP/2.0\r\n" VIA
         "To: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\n"
         "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
         ";fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.\r\n"
         "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\nCSeq: 139122385 " ODD
         "\r\nextensionHeader-!.%*+_`'~:\xe5\xa4\xa7\r\n" END,
         501, "tag=_token~1'+`*%!-."),
    CASE("a method that SIP knows", "UPDATE " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("UPDATE") END, 405,
         "Allow: "),
    CASE("a NUL that is not escaped",
         "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM "To: \"a\0\" <" DEVICE_URI ">\r\n" CALL_ID CSEQ("OPTIONS") END,
         400, NULL),
    CASE("a NUL that is escaped outside quotes",
         "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO "X: \\\0\r\n" CALL_ID CSEQ("OPTIONS") END, 400, NULL),
    CASE("a CR behind a backslash",
         "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO "X: \"\\\rY: z\"\r\n" CALL_ID CSEQ("OPTIONS") END, 400, NULL),
    CASE("no Call-ID, From and To", "INVITE " DEVICE_URI " SIP/2.0\r\n" VIA CSEQ("INVITE") END, 400, "CSeq: 9 INVITE"),
    CASE("no From", "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA TO CALL_ID CSEQ("OPTIONS") END, 400, "Call-ID: torture"),
    CASE("no To", "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM CALL_ID CSEQ("OPTIONS") END, 400, NULL),
    CASE("no Call-ID", "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CSEQ("OPTIONS") END, 400, NULL),
    CASE("no CSeq", "MESSAGE " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CALL_ID END, 400, NULL),
    CASE("nothing but a Via", "MESSAGE " DEVICE_URI " SIP/2.0\r\n" VIA "\r\n", 400, NULL),
    CASE("an unknown scheme",
         "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 416,
         "Unsupported URI Scheme"),
    CASE("a known one that is not SIP's",
         "MESSAGE soap.beep://192.0.2.103:3002 SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("MESSAGE") END, 416, NULL),
    CASE("a telephone number", "INVITE tel:+861012345678 SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("INVITE") END, 416,
         NULL),
    CASE("sips", "OPTIONS sips:" DEVICE_ID "@3402000000 SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 200,
         NULL),
    CASE("a scheme in capitals",
         "OPTIONS SIP:" DEVICE_ID "@3402000000 SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 200, NULL),
    CASE("no scheme", "OPTIONS " DEVICE_ID " SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 400, NULL),
    CASE("another version", "OPTIONS " DEVICE_URI " SIP/7.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS") END, 505, NULL),
    CASE("an extension that is required",
         "OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA "Require: nothingSupportsThis\r\n" FROM TO CALL_ID CSEQ("OPTIONS")
             END,
         420, "Unsupported: nothingSupportsThis"),
    CASE("REGISTER with odd parties",
         "REGISTER sip:example.com SIP/2.0\r\n" VIA
         "To: isbn:2983792873\r\nFrom: <http://www.example.com>;tag=1\r\n" CALL_ID CSEQ("REGISTER") END,
         405, NULL),
    /* dropped, with a log line */
    CASE("no Via", "OPTIONS " DEVICE_URI " SIP/2.0\r\n" FROM TO CALL_ID CSEQ("OPTIONS") END, 0, "no Via"),
    CASE("no SIP", "GET / HTTP/1.0\r\n\r\n", 0, "not a SIP message"),
    CASE("empty", "\r\n\r\n\r\n", 0, "not a SIP message"),
    CASE("a response with a foreign Via", "SIP/2.0 200 OK\r\n" VIA FROM TO CALL_ID CSEQ("REGISTER") END, 0,
         "Via of the response is not ours"),
    CASE("a response with an invalid status", "SIP/2.0 4294967301 no\r\n" VIA FROM TO CALL_ID CSEQ("REGISTER") END, 0,
         "status code"),
    CASE("a response without a From", "SIP/2.0 200 OK\r\n" VIA TO CALL_ID CSEQ("REGISTER") END, 0, "no From"),
    CASE("an ACK without an INVITE", "ACK " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO "Call-ID: other\r\n" CSEQ("ACK") END,
         0, "no pending INVITE"),
};

/* The text may contain NUL bytes. */
static void input(struct rig *r, const struct addr *from, struct span text)
{
    char *copy = guard_copy(text.p, text.n);
    struct sip_input in = { .link = LINK, .from = *from, .transport = r->transport, .data = copy, .len = text.n };

    mux_input(r->mux, &in, &r->now);
    guard_free(copy, text.n);
    rig_drain(r);
}

static void test_each_message_gets_its_status(void **state)
{
    struct rig *r = rig_new(NULL);
    char text[2048], want[32];

    (void)state;
    rig_register(r);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct torture *c = &cases[i];
        char *at;

        memcpy(text, c->text.p, c->text.n);
        text[c->text.n] = '\0';
        at = memmem(text, c->text.n, "z9hG4bK-@", 9);
        if (at)
            at[8] = (char)('A' + i % 26u), at[7] = (char)('a' + i / 26u);
        r->now.mono_ms += UA_DROPPED_GAP_MS;
        rig_forget(r);
        rig_log_start(LOG_L_DEBUG);
        input(r, &r->server, (struct span){ text, c->text.n });
        rig_log_end();
        if (r->npackets != (c->status != 0))
            fail_msg("%s: %u answers", c->name, r->npackets);
        snprintf(want, sizeof(want), "SIP/2.0 %u ", c->status);
        if (c->status && strncmp(r->packet[0], want, strlen(want)) != 0)
            fail_msg("%s: %.40s", c->name, r->packet[0]);
        if (c->says && !strstr(c->status ? r->packet[0] : rig_log, c->says))
            fail_msg("%s: no \"%s\" in %s", c->name, c->says, c->status ? r->packet[0] : rig_log);
        if (c->status && strstr(r->packet[0], "\r\nTo: ;"))
            fail_msg("%s: %s", c->name, r->packet[0]);
        assert_int_equal(rig_logged("message-dropped"), c->status == 0);
        /* repeated: the same response, from the transaction */
        if (c->status) {
            input(r, &r->server, (struct span){ text, c->text.n });
            assert_int_equal(r->npackets, 2);
            assert_string_equal(r->packet[0], r->packet[1]);
        }
    }
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_free(r);
}

/* One line per second with the number suppressed; none about unknown sources. */
static void test_log_lines_are_gated(void **state)
{
    static const struct span junk = SPAN_LIT("garbage\r\n\r\n");
    static const struct span plain = SPAN_LIT("OPTIONS " DEVICE_URI " SIP/2.0\r\n" VIA FROM TO CALL_ID CSEQ("OPTIONS")
                                                  END);
    struct rig *r = rig_new(NULL);
    struct addr unknown = rig_addr("203.0.113.9:5060"), port = rig_addr("192.0.2.1:5099");

    (void)state;
    rig_register(r);
    rig_log_start(LOG_L_DEBUG);
    for (unsigned i = 0; i < 500; i++) {
        input(r, &unknown, junk);
        input(r, &unknown, plain);
    }
    assert_int_equal(rig_logged("message-dropped"), 0);
    /* the platform's address with another port must be explained in the log */
    input(r, &port, plain);
    assert_int_equal(rig_logged("main: message-dropped from=192.0.2.1:5099 reason=\"unknown source port"), 1);
    r->now.mono_ms += UA_DROPPED_GAP_MS;
    input(r, &port, junk);
    assert_int_equal(rig_logged("main: message-dropped from=192.0.2.1:5099 reason=\"not a SIP message\""), 1);
    r->now.mono_ms += UA_DROPPED_GAP_MS;
    rig_log_start(LOG_L_DEBUG);
    for (unsigned i = 0; i < 500; i++)
        input(r, &r->server, junk);
    assert_int_equal(rig_logged("main: message-dropped from=192.0.2.1:5060 reason=\"not a SIP message\" suppressed=0"),
                     1);
    assert_int_equal(rig_logged("message-dropped"), 1);
    r->now.mono_ms += UA_DROPPED_GAP_MS;
    input(r, &r->server, junk);
    assert_int_equal(rig_logged("suppressed=499"), 1);
    rig_log_end();
    assert_int_equal(r->npackets, 0);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_message_gets_its_status),
                                        cmocka_unit_test(test_log_lines_are_gated) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
