/* SPDX-License-Identifier: MIT */
/* Results of SnapShotConfig (2022: 9.14, A.2.5.7): names of pictures and Notify UploadSnapShotFinished. */
#ifndef MANSCDP_SNAPSHOT_H
#define MANSCDP_SNAPSHOT_H

#include "manscdp/message.h"

#define SNAPSHOT_FILE_ID_LEN  41u
#define SNAPSHOT_FILE_ID_SIZE (SNAPSHOT_FILE_ID_LEN + 1u)
#define SNAPSHOT_FILES_MAX    10u

struct snapshot_notify {
    uint32_t sn;
    const char *device_id; /* as in the request */
    const char *session;
    const char (*file)[SNAPSHOT_FILE_ID_SIZE]; /* IDs of the uploaded pictures */
    unsigned nfiles;                           /* 0 to SNAPSHOT_FILES_MAX */
};

void snapshot_notify_put(struct buf *b, enum charset cs, const struct snapshot_notify *n);

/* 20 digits of the ID, "02", local time as YYYYMMDDhhmmssSSS, two digits of sequence (1 to 99). */
void snapshot_file_id(char out[SNAPSHOT_FILE_ID_SIZE], const char *id, int64_t unix_ms, int utc_offset_s,
                      unsigned sequence);

#endif
