/* SPDX-License-Identifier: MIT */
/*
 * Checks the packets that the agent under test sends. Fuzzers link it with its own copy of the scanner, built without
 * sanitizers (tests/tests.mk), because they spend most of their time checking similar packets.
 */
#include "tests/fuzz/judge.h"

#include <stdio.h>
#include <string.h>

#include "sip/scan.h"

#define LEN_MAX 60000u

const char *judge_sip(const char *data, size_t len)
{
    struct sip_scan s;

    if (len > LEN_MAX)
        return "too long";
    if (sip_scan(&s, data, len, true) != 0)
        return "not SIP";
    return s.bad && !s.response ? s.bad : NULL;
}

size_t judge_answer(const char *request, const char *status, size_t n, char *out, size_t size)
{
    struct sip_scan s;
    struct span cseq;
    int len;

    if (n < 3 || sip_scan(&s, request, strlen(request), true) != 0 || !sip_scan_header(&s, "CSeq", 0, &cseq))
        return 0;
    len = snprintf(
        out, size,
        "SIP/2.0 %.3s X\r\nVia: %.*s\r\nFrom: %.*s\r\nTo: %.*s;tag=q\r\nCall-ID: %.*s\r\nCSeq: %.*s\r\n%.*s\r\n"
        "Content-Length: 0\r\n\r\n",
        status, (int)s.via.whole.n, s.via.whole.p, (int)s.from.whole.n, s.from.whole.p, (int)s.to.whole.n, s.to.whole.p,
        (int)s.call_id.n, s.call_id.p, (int)cseq.n, cseq.p, (int)(n - 3), status + 3);
    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}
