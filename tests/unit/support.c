/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t guard_pages(size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (len + page - 1) / page * page + page;
}

char *guard_copy(const void *data, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), all = guard_pages(len);
    char *map = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *copy;

    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + all - page, page, PROT_NONE), 0);
    copy = map + all - page - len;
    if (len)
        memcpy(copy, data, len);
    return copy;
}

void guard_free(char *copy, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), all = guard_pages(len);

    if (copy)
        assert_int_equal(munmap(copy + len + page - all, all), 0);
}

struct span guard_str(const char *text)
{
    size_t n = strlen(text);

    return (struct span){ guard_copy(text, n), n };
}

void guard_str_free(struct span s)
{
    guard_free((char *)(uintptr_t)s.p, s.n);
}

static struct {
    bool on, once, hit;
    unsigned long at, count;
} oom;

static void oom_start(unsigned long n, bool once)
{
    oom.on = true;
    oom.once = once;
    oom.hit = false;
    oom.at = n;
    oom.count = 0;
}

void oom_fail_at(unsigned long n)
{
    oom_start(n, false);
}

void oom_fail_once(unsigned long n)
{
    oom_start(n, true);
}

void oom_off(void)
{
    oom.on = false;
}

unsigned long oom_count(void)
{
    return oom.count;
}

bool oom_hit(void)
{
    return oom.hit;
}

void oom_ladder(bool (*body)(void *ctx), void *ctx, unsigned long max)
{
    for (unsigned long n = 1; n <= max; n++) {
        bool done;

        oom_fail_at(n);
        done = body(ctx);
        oom_off();
        if (!oom.hit) {
            assert_true(done);
            return;
        }
    }
    fail_msg("still allocating after %lu failures", max);
}

static bool oom_now(void)
{
    if (!oom.on)
        return false;
    oom.count++;
    if (oom.count < oom.at || (oom.once && oom.count > oom.at))
        return false;
    oom.hit = true;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t n)
{
    return oom_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return oom_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return oom_now() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
    return oom_now() ? NULL : __real_strdup(s);
}
