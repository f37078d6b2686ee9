/* SPDX-License-Identifier: MIT */
#include "manscdp/snapshot.h"

#include <ctype.h>
#include <stdio.h>

void snapshot_notify_put(struct buf *b, enum charset cs, const struct snapshot_notify *n)
{
    manscdp_begin_notify(b, cs, "UploadSnapShotFinished", n->sn, n->device_id);
    xml_put(b, "SessionID", n->session);
    xml_open(b, "SnapShotList");
    for (unsigned i = 0; i < n->nfiles; i++)
        xml_put(b, "SnapShotFileID", n->file[i]);
    xml_close(b, "SnapShotList");
    manscdp_end(b, MANSCDP_NOTIFY);
}

void snapshot_file_id(char out[SNAPSHOT_FILE_ID_SIZE], const char *id, int64_t unix_ms, int utc_offset_s,
                      unsigned sequence)
{
    char text[WALLTIME_TEXT], digits[WALLTIME_TEXT];
    int64_t ms = unix_ms % 1000;
    size_t n = 0;

    ms = ms < 0 ? ms + 1000 : ms;
    walltime_print(unix_ms - ms, utc_offset_s, text);
    for (const char *p = text; *p; p++)
        if (isdigit((unsigned char)*p))
            digits[n++] = *p;
    digits[n] = '\0';
    snprintf(out, SNAPSHOT_FILE_ID_SIZE, "%.20s02%.14s%03u%02u", id, digits, (unsigned)ms % 1000u, sequence % 100u);
}
