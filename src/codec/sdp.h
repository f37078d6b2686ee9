/* SPDX-License-Identifier: MIT */
/* GB/T 28181 session descriptions (2016 annex F, 2022 annex G): read as tolerantly as platforms write them,
 * written as strictly as they read them. */
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

#define SDP_SSRC_TEXT 11        /* ten digits and NUL */

struct sdp_offer {
    enum sdp_session session;
    char session_name[32];      /* s= as sent, trimmed */
    bool audio;                 /* the chosen m= is audio, else video */
    bool tcp;
    char proto[24];             /* as sent, echoed */
    enum sdp_setup setup;       /* of the offerer; NONE on UDP whatever was written */
    struct addr media;          /* c= (media level first, else session, else o=) and the m= port */
    uint8_t payload_type;       /* the chosen format */
    enum sdp_format format;
    uint8_t h264, h265;         /* video: numbers offered for elementary streams; 0 none */
    uint64_t start, stop;       /* t= as Unix seconds (NTP era values brought back); 0 0 live */
    bool has_ssrc;
    char ssrc_text[SDP_SSRC_TEXT];  /* digits exactly as sent */
    uint32_t ssrc;
    int stream;                 /* selector: 0 main, 1 sub, ...; -1 none given */
    unsigned download_speed;    /* 0 none */
    char source[24];            /* u=: the ID before the colon; "" none, or the long form with a path */
    int record_type;            /* u=: the number behind it (2022: 0 all, 1 manual, 2 alarm, 3 time); -1 none */
    bool has_f;                 /* a non-empty f= was offered */
};

/* -EBADMSG: no session description (400). -ENOTSUP: understood but unusable (488): no usable m= or c=, host name,
 * port out of range, stop <= start on playback, no format. Address classes are not judged here. */
int sdp_offer_parse(struct sdp_offer *o, struct span body);

struct sdp_answer {
    const struct sdp_offer *offer;
    const char *channel;            /* o= user: platforms build the ACK's URI from it */
    struct addr local;              /* reachable address and the real local media port */
    enum sdp_setup setup;           /* ours; NONE on UDP */
    char ssrc_text[SDP_SSRC_TEXT];
    const char *f;                  /* NULL: no f= line */
    uint64_t file_size;             /* 0: no a=filesize */
};

void sdp_answer_write(struct buf *out, const struct sdp_answer *a);
/* y= for an offer without one: 0|1 + digits 4-8 of the domain + four digits of `number`. */
void sdp_ssrc_make(char out[SDP_SSRC_TEXT], bool history, struct span domain, unsigned number);
/* The complement (RFC 4145): passive -> active, active -> passive, actpass or none -> active. */
enum sdp_setup sdp_setup_answer(enum sdp_setup offered);

#endif
