/* SPDX-License-Identifier: MIT */
/* GB/T 28181 session descriptions (2016 annex F, 2022 annex G): tolerant when reading, strict when writing. */
#ifndef CODEC_SDP_H
#define CODEC_SDP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/buf.h"
#include "util/span.h"

enum sdp_session { SDP_PLAY, SDP_PLAYBACK, SDP_DOWNLOAD, SDP_TALK };
enum sdp_setup { SDP_SETUP_NONE, SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE, SDP_SETUP_ACTPASS };
enum sdp_format { SDP_FORMAT_PS, SDP_FORMAT_H264, SDP_FORMAT_H265, SDP_FORMAT_PCMA, SDP_FORMAT_OTHER };

#define SDP_SSRC_TEXT 11 /* ten digits and NUL */

struct sdp_offer {
    enum sdp_session session;
    char session_name[32]; /* s= as sent, trimmed */
    bool audio;            /* the selected m= is audio, otherwise video */
    bool tcp;
    char proto[24];       /* as sent, echoed in the answer */
    enum sdp_setup setup; /* of the offerer; always NONE with UDP */
    struct addr media;    /* c= of the media level, of the session level or o=, and the m= port */
    uint8_t payload_type; /* of the selected format */
    enum sdp_format format;
    uint8_t h264, h265;   /* video: payload types offered for elementary streams; 0 = none */
    uint64_t start, stop; /* t= as Unix seconds (NTP times are converted); both 0: live */
    bool has_ssrc;
    char ssrc_text[SDP_SSRC_TEXT]; /* digits exactly as sent */
    uint32_t ssrc;
    int stream;              /* requested stream: 0 main, 1 and above sub streams; -1 = not given */
    unsigned download_speed; /* multiple of real time; 0 = not given */
    char source[24];         /* u=: the ID before the colon; "" if absent or in the long form with a path */
    int record_type;         /* u=: the number after the colon (2022: 0 all, 1 manual, 2 alarm, 3 time); -1 = none */
    bool has_f;              /* has a non-empty f= */
};

/* 0; -EBADMSG: not a session description (400); -ENOTSUP: unusable (488): no usable m= or c=, a host name, port out of
 * range, stop <= start of a playback, no format. The address is not checked against any policy. */
int sdp_offer_parse(struct sdp_offer *o, struct span body);

struct sdp_answer {
    const struct sdp_offer *offer;
    const char *channel;  /* user in o=: some platforms build the ACK's URI from it */
    struct addr local;    /* address and port of our media socket, as reachable by the platform */
    enum sdp_setup setup; /* ours; NONE with UDP */
    char ssrc_text[SDP_SSRC_TEXT];
    const char *f;      /* NULL: no f= line */
    uint64_t file_size; /* bytes; 0: no a=filesize */
};

void sdp_answer_write(struct buf *out, const struct sdp_answer *a);
/* An SSRC for an offer without y=: 0 (live) or 1 (history), digits 4 to 8 of the domain, the last four digits of
 * number; never 0 as a whole. */
void sdp_ssrc_make(char out[SDP_SSRC_TEXT], bool history, struct span domain, unsigned number);
/* RFC 4145: passive for active, otherwise active. */
enum sdp_setup sdp_setup_answer(enum sdp_setup offered);

#endif
