/* SPDX-License-Identifier: MIT */
/* The frames of an elementary stream with one slice each. */
#ifndef TESTS_BENCH_FILE_H
#define TESTS_BENCH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

struct bench_unit {
    const uint8_t *data;
    size_t len;
    bool key;
};

extern struct bench_file {
    uint8_t *data;
    struct bench_unit *unit;
    uint64_t count;
    enum gb_codec codec;
} bench_file;

int bench_file_load(const char *path, bool h265); /* -EINVAL: no frame */
void bench_file_free(void);

#endif
