/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct bench_file bench_file;

/* Ends at the next start code, to which *at is moved. */
static struct bench_unit next_nal(size_t size, size_t *at)
{
    struct bench_unit u = { .data = bench_file.data + *at };
    size_t i = *at + 3;

    while (i + 2 < size && (bench_file.data[i] != 0 || bench_file.data[i + 1] != 0 || bench_file.data[i + 2] != 1))
        i++;
    if (i + 2 >= size)
        i = size;
    else if (bench_file.data[i - 1] == 0)
        i--;
    u.len = i - *at;
    *at = i;
    return u;
}

static unsigned nal_type(const struct bench_unit *nal)
{
    const uint8_t *p = nal->data;

    while (*p == 0)
        p++;
    return bench_file.codec == GB_CODEC_H265 ? p[1] >> 1 & 63u : p[1] & 31u;
}

/* One slice per frame, which ends the unit. */
static void split_file(size_t size)
{
    struct bench_unit *u = bench_file.unit;

    for (size_t at = 0; at + 4 < size;) {
        struct bench_unit nal = next_nal(size, &at);
        unsigned type = nal_type(&nal);
        bool h265 = bench_file.codec == GB_CODEC_H265, slice = h265 ? type < 32 : type >= 1 && type <= 5;

        if (!u->data)
            u->data = nal.data;
        u->len += nal.len;
        if (slice) {
            u->key = h265 ? type >= 16 && type <= 21 : type == 5;
            u++;
            bench_file.count++;
        }
    }
}

int bench_file_load(const char *path, bool h265)
{
    FILE *f = fopen(path, "rb");
    long size = -1;

    if (f && fseek(f, 0, SEEK_END) == 0) {
        size = ftell(f);
        rewind(f);
    }
    bench_file.codec = h265 ? GB_CODEC_H265 : GB_CODEC_H264;
    bench_file.data = malloc(size > 0 ? (size_t)size : 1u);
    bench_file.unit = calloc(size > 0 ? (size_t)size / 64u + 2u : 1u, sizeof(*bench_file.unit));
    if (size < 4 || !bench_file.data || !bench_file.unit ||
        fread(bench_file.data, 1, (size_t)size, f) != (size_t)size) {
        if (f)
            fclose(f);
        return -EINVAL;
    }
    fclose(f);
    split_file((size_t)size);
    return bench_file.count ? 0 : -EINVAL;
}

void bench_file_free(void)
{
    free(bench_file.unit);
    free(bench_file.data);
}
