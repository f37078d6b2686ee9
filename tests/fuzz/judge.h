/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_JUDGE_H
#define TESTS_FUZZ_JUDGE_H

#include <stddef.h>

/* NULL if a sent packet is valid SIP, otherwise the error. Only a response may echo malformed input. */
const char *judge_sip(const char *data, size_t len);

/* Builds the platform's response to `request`, a string. status: n bytes, three digits and then header lines, copied as
 * they are. Returns its length; 0: not a request, or too long. */
size_t judge_answer(const char *request, const char *status, size_t n, char *out, size_t size);

#endif
