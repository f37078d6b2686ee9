/* SPDX-License-Identifier: MIT */
/* SnapShotConfig's results (2022: 9.14, A.2.5.7): names of pictures and the Notify UploadSnapShotFinished. */
#ifndef MANSCDP_SNAPSHOT_H
#define MANSCDP_SNAPSHOT_H

#include "manscdp/message.h"

#define SNAPSHOT_FILE_ID_LEN 41u
#define SNAPSHOT_FILE_ID_SIZE (SNAPSHOT_FILE_ID_LEN + 1u)
#define SNAPSHOT_FILES_MAX 10u

struct snapshot_notify {
    uint32_t sn;
    const char *device_id;              /* the one that the order named */
    const char *session;
    const char (*file)[SNAPSHOT_FILE_ID_SIZE];  /* those that arrived */
    unsigned nfiles;                    /* 0..SNAPSHOT_FILES_MAX */
};

void snapshot_notify_put(struct buf *b, enum charset cs, const struct snapshot_notify *n);

/* 20 digits of the ID, 02, YYYYMMDDhhmmssSSS of local time, two digits of `sequence` (1..99). */
void snapshot_file_id(char out[SNAPSHOT_FILE_ID_SIZE], const char *id, int64_t unix_ms, int utc_offset_s,
                      unsigned sequence);

#endif
