/* SPDX-License-Identifier: MIT */
/* What the unit tests share. cmocka.h wants its headers first; including this one brings them in order. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/span.h"

/* Ends a test that cannot run here as skipped; the reason is a literal, and tests/run.py shows it. */
#define skip_because(reason) \
    do { \
        print_message("skipped: " reason "\n"); \
        skip(); \
    } while (0)

/* A copy that ends at an unmapped page: one byte read past `len` is a crash. Never NULL; len may be 0. */
char *guard_copy(const void *data, size_t len);
void guard_free(char *copy, size_t len);
/* The same of a C string, without its NUL. Freed by guard_free(s.p, s.n). */
struct span guard_str(const char *text);
void guard_str_free(struct span s);

/* Makes the n-th allocation from now (malloc, calloc, realloc, strdup of code linked here; 1 = the next)
 * and every later one fail, or only that one. oom_off() ends it; oom_count() is how many were asked for
 * since. Only calls made from objects of this link are seen, not those inside shared libraries. */
void oom_fail_at(unsigned long n);
void oom_fail_once(unsigned long n);
void oom_off(void);
unsigned long oom_count(void);
bool oom_hit(void);             /* an allocation was failed since oom_fail_* */

/* Runs body(ctx) with the first, the second, ... allocation failing until it runs through unfailed; body must
 * free what it made and return false only when it noticed the failure. Asserts that it ends within `max`. */
void oom_ladder(bool (*body)(void *ctx), void *ctx, unsigned long max);

#endif
