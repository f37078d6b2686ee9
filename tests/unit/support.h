/* SPDX-License-Identifier: MIT */
/* Shared by all unit tests. Includes cmocka.h and, before it, the headers it requires. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/span.h"

/* Skips a test that cannot run here; reason: a literal, shown by tests/run.py. */
#define skip_because(reason)                                                                                           \
    do {                                                                                                               \
        print_message("skipped: " reason "\n");                                                                        \
        skip();                                                                                                        \
    } while (0)

/* A copy that ends at an unmapped page, so that reading past `len` crashes. Never NULL; len may be 0. */
char *guard_copy(const void *data, size_t len);
void guard_free(char *copy, size_t len);
/* The same for a C string, without its NUL. Free it with guard_free(s.p, s.n). */
struct span guard_str(const char *text);
void guard_str_free(struct span s);

/* Makes the n-th allocation from now (1 = the next) and all later ones fail, or only that one. oom_off() ends it;
 * oom_count(): number of allocations since. Covers malloc, calloc, realloc and strdup in objects linked here, not in
 * shared libraries. */
void oom_fail_at(unsigned long n);
void oom_fail_once(unsigned long n);
void oom_off(void);
unsigned long oom_count(void);
bool oom_hit(void); /* an allocation has failed since oom_fail_* */

/* Runs body(ctx) repeatedly, with the first, then the second ... allocation failing, until none fails; asserts that
 * this takes at most `max` runs. body must free its allocations, and return false only because of a failed
 * allocation. */
void oom_ladder(bool (*body)(void *ctx), void *ctx, unsigned long max);

#endif
