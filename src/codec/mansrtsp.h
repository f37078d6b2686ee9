/* SPDX-License-Identifier: MIT */
/* MANSRTSP, the playback control inside INFO (GB/T 28181 annex B). */
#ifndef CODEC_MANSRTSP_H
#define CODEC_MANSRTSP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/span.h"

enum mansrtsp_verb { MANSRTSP_PLAY, MANSRTSP_PAUSE, MANSRTSP_TEARDOWN };

struct mansrtsp {
    enum mansrtsp_verb verb;
    uint32_t cseq;
    bool has_range, range_now;      /* npt=now- */
    uint64_t range_from_us;         /* npt=N- or smpte in microseconds from the start of the recording */
    bool has_range_end;
    uint64_t range_end_us;
    bool has_scale;
    int scale_permille;             /* 1000 = normal; negative = backwards */
};

/* "METHOD [url] RTSP/1.0" or MANSRTSP/1.0, LF or CRLF, header names in any case. -EBADMSG; -ENOTSUP: a method not
 * of the three, or a range in neither npt nor smpte. */
int mansrtsp_parse(struct mansrtsp *m, struct span body);
/* The body of the 200 to INFO: "RTSP/1.0 <status> <reason>" and the same CSeq. */
void mansrtsp_reply(struct buf *out, unsigned status, uint32_t cseq);

#endif
