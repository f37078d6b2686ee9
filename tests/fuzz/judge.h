/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_JUDGE_H
#define TESTS_FUZZ_JUDGE_H

#include <stddef.h>

/* Whatever came in, what goes out is SIP: NULL, or what is wrong with it. Only an answer may copy what was broken. */
const char *judge_sip(const char *data, size_t len);

/* The platform's answer to `request`, a string: three digits of status, then header lines as they are. Its length; 0 when
 * that is no request, or does not fit. */
size_t judge_answer(const char *request, const char *status, size_t n, char *out, size_t size);

#endif
