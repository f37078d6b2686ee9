/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS     4096u /* of the hash table; a power of two */
#define PARTS_MAX 1024u

struct part {
    char *p, *copy; /* p: NULL if freed while recording */
    size_t n;
    bool freed;
};

struct snapshot {
    struct part part[PARTS_MAX];
    unsigned parts;
    bool full;
    uint16_t slot[SLOTS]; /* 0: empty, otherwise index of a part, plus 1 */
};

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
void __wrap_free(void *p);
/* AddressSanitizer, if linked. */
__attribute__((weak)) void __asan_poison_memory_region(const volatile void *p, size_t n);
__attribute__((weak)) void __asan_unpoison_memory_region(const volatile void *p, size_t n);

static struct snapshot *recording, *active;

static void die(const char *what, const struct part *part)
{
    fprintf(stderr, "snapshot: %s: %zu bytes at %p\n", what, part->n, (void *)part->p);
    abort();
}

static unsigned first_slot(const void *p)
{
    return (unsigned)(((uintptr_t)p >> 4) * 2654435761u >> 8) % SLOTS;
}

static struct part *find(struct snapshot *s, const void *p)
{
    for (unsigned at = first_slot(p); s->slot[at]; at = (at + 1) % SLOTS)
        if (s->part[s->slot[at] - 1].p == p)
            return &s->part[s->slot[at] - 1];
    return NULL;
}

/* Parts are appended while recording; the hash by address is built only afterwards. */
static void *add(void *p, size_t n)
{
    struct snapshot *s = recording;

    if (!s || !p)
        return p;
    if (s->parts == PARTS_MAX) {
        s->full = true;
        return p;
    }
    s->part[s->parts++] = (struct part){ .p = p, .n = n };
    return p;
}

static struct part *recorded(const void *p)
{
    for (unsigned i = recording->parts; i-- > 0;)
        if (recording->part[i].p == p)
            return &recording->part[i];
    return NULL;
}

void *__wrap_malloc(size_t n)
{
    return add(__real_malloc(n), n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return add(__real_calloc(count, n), count * n);
}

char *__wrap_strdup(const char *s)
{
    return add(__real_strdup(s), strlen(s) + 1);
}

void __wrap_free(void *p)
{
    struct part *part = !p ? NULL : recording ? recorded(p) : active ? find(active, p) : NULL;

    if (part && recording) {
        part->p = NULL;
    } else if (part) {
        if (part->freed)
            die("freed twice", part);
        part->freed = true;
        if (__asan_poison_memory_region)
            __asan_poison_memory_region(p, part->n);
        else
            memset(p, 0xdd, part->n);
        return;
    }
    __real_free(p);
}

void *__wrap_realloc(void *p, size_t n)
{
    struct part *part = !p ? NULL : recording ? recorded(p) : active ? find(active, p) : NULL;
    void *q;

    if (!part) {
        q = __real_realloc(p, n);
        return p ? q : add(q, n);
    }
    q = __wrap_malloc(n);
    if (q) {
        memcpy(q, p, part->n < n ? part->n : n);
        __wrap_free(p);
    }
    return q;
}

struct snapshot *snapshot_record(void)
{
    active = NULL;
    return recording = __real_calloc(1, sizeof(*recording));
}

int snapshot_keep(struct snapshot *s)
{
    unsigned kept = 0;

    recording = NULL;
    for (unsigned i = 0; i < s->parts; i++) {
        struct part *part = &s->part[kept];
        unsigned at;

        if (!s->part[i].p)
            continue;
        *part = s->part[i];
        part->copy = __real_malloc(part->n ? part->n : 1);
        if (!part->copy)
            return -1;
        memcpy(part->copy, part->p, part->n);
        for (at = first_slot(part->p); s->slot[at]; at = (at + 1) % SLOTS)
            ;
        s->slot[at] = (uint16_t)++kept;
    }
    s->parts = kept;
    return s->full ? -1 : 0;
}

void snapshot_restore(struct snapshot *s)
{
    active = s;
    for (struct part *part = s->part; part < s->part + s->parts; part++) {
        if (__asan_unpoison_memory_region)
            __asan_unpoison_memory_region(part->p, part->n);
        memcpy(part->p, part->copy, part->n);
        part->freed = false;
    }
}

void snapshot_check(const struct snapshot *s)
{
    for (const struct part *part = s->part; part < s->part + s->parts; part++)
        if (!part->freed)
            die("not freed", part);
}
