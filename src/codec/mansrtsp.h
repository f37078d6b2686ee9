/* SPDX-License-Identifier: MIT */
/* MANSRTSP, the body of INFO requests that control a playback (GB/T 28181 annex B). */
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
    bool has_range, range_now; /* range_now: npt=now- */
    uint64_t range_from_us;    /* from the start of the recording */
    bool has_range_end;
    uint64_t range_end_us;
    bool has_scale;
    int scale_permille; /* 1000 = normal speed, negative = reverse */
};

/* Accepts RTSP/1.0 and MANSRTSP/1.0, a missing URL, LF and CRLF, header names in any case. 0; -EBADMSG; -ENOTSUP:
 * another method, or a range in neither npt nor smpte. */
int mansrtsp_parse(struct mansrtsp *m, struct span body);
/* The body of the 200 to an INFO: "RTSP/1.0 <status> <reason>" and CSeq. */
void mansrtsp_reply(struct buf *out, unsigned status, uint32_t cseq);

#endif
