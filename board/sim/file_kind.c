/* SPDX-License-Identifier: MIT */
#include "board/sim/file_kind.h"

#include <string.h>

/* A signature: n bytes at offset `at`, and n2 bytes at at2 if n2 > 0. */
static const struct magic {
    struct file_kind kind;
    const char *bytes;
    uint8_t n, at;
    const char *bytes2;
    uint8_t n2, at2;
} magics[] = {
    { { "an MPEG program stream (PS)", FILE_COPY }, "\x00\x00\x01\xBA", 4, 0, NULL, 0, 0 },
    { { "an MPEG-1 or MPEG-2 video stream", FILE_ENCODE }, "\x00\x00\x01\xB3", 4, 0, NULL, 0, 0 },
    { { "an MPEG-4 Visual stream", FILE_ENCODE }, "\x00\x00\x01\xB0", 4, 0, NULL, 0, 0 },
    { { "an MPEG-4 Visual stream", FILE_ENCODE }, "\x00\x00\x01\xB6", 4, 0, NULL, 0, 0 },
    { { "MPEG-4 audio (M4A)", FILE_SOUND }, "ftypM4A", 7, 4, NULL, 0, 0 },
    { { "a HEIF or AVIF picture", FILE_STILL }, "ftyphei", 7, 4, NULL, 0, 0 },
    { { "a HEIF or AVIF picture", FILE_STILL }, "ftypavif", 8, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "ftyp", 4, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "moov", 4, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "mdat", 4, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "wide", 4, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "free", 4, 4, NULL, 0, 0 },
    { { "an MP4 or MOV file", FILE_COPY }, "skip", 4, 4, NULL, 0, 0 },
    { { "a fragment of an MP4 file", FILE_COPY }, "styp", 4, 4, NULL, 0, 0 },
    { { "a fragment of an MP4 file", FILE_COPY }, "moof", 4, 4, NULL, 0, 0 },
    { { "an FLV file", FILE_COPY }, "FLV\x01", 4, 0, NULL, 0, 0 },
    { { "an AVI file", FILE_COPY }, "RIFF", 4, 0, "AVI ", 4, 8 },
    { { "a WAV file", FILE_SOUND }, "RIFF", 4, 0, "WAVE", 4, 8 },
    { { "a WAV file", FILE_SOUND }, "RF64", 4, 0, "WAVE", 4, 8 },
    { { "a WebP picture", FILE_STILL }, "RIFF", 4, 0, "WEBP", 4, 8 },
    { { "an Ogg file", FILE_SOUND }, "OggS", 4, 0, NULL, 0, 0 },
    { { "a FLAC file", FILE_SOUND }, "fLaC", 4, 0, NULL, 0, 0 },
    { { "an AMR file", FILE_SOUND }, "#!AMR", 5, 0, NULL, 0, 0 },
    { { "an AU file", FILE_SOUND }, ".snd", 4, 0, NULL, 0, 0 },
    { { "an AIFF file", FILE_SOUND }, "FORM", 4, 0, "AIF", 3, 8 },
    { { "an ASF file (WMV, WMA)", FILE_ENCODE }, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", 8, 0, NULL, 0, 0 },
    { { "a RealMedia file", FILE_ENCODE }, ".RMF", 4, 0, NULL, 0, 0 },
    { { "an IVF file (VP8, VP9, AV1)", FILE_ENCODE }, "DKIF", 4, 0, NULL, 0, 0 },
    { { "an MXF file", FILE_COPY }, "\x06\x0E\x2B\x34", 4, 0, NULL, 0, 0 },
    { { "a recording of a Dahua recorder (DAV)", FILE_COPY }, "DHAV", 4, 0, NULL, 0, 0 },
    { { "a recording of a Hikvision recorder (PS)", FILE_COPY }, "IMKH", 4, 0, NULL, 0, 0 },
    { { "a playlist", FILE_OTHER }, "#EXTM3U", 7, 0, NULL, 0, 0 },
    { { "a PNG picture", FILE_STILL }, "\x89PNG", 4, 0, NULL, 0, 0 },
    { { "a GIF picture", FILE_STILL }, "GIF8", 4, 0, NULL, 0, 0 },
    { { "a JPEG picture", FILE_STILL }, "\xFF\xD8\xFF", 3, 0, NULL, 0, 0 },
    { { "a packet capture", FILE_OTHER }, "\xD4\xC3\xB2\xA1", 4, 0, NULL, 0, 0 },
    { { "a packet capture", FILE_OTHER }, "\x0A\x0D\x0D\x0A", 4, 0, NULL, 0, 0 },
    { { "a ZIP archive", FILE_OTHER }, "PK\x03\x04", 4, 0, NULL, 0, 0 },
    { { "a gzip archive", FILE_OTHER }, "\x1F\x8B\x08", 3, 0, NULL, 0, 0 },
    { { "an XZ archive", FILE_OTHER },
      "\xFD"
      "7zXZ",
      5,
      0,
      NULL,
      0,
      0 },
    { { "a web page", FILE_OTHER }, "<!DOCTYPE", 9, 0, NULL, 0, 0 },
    { { "a web page", FILE_OTHER }, "<html", 5, 0, NULL, 0, 0 },
};

static const struct file_kind webm = { "a WebM file", FILE_ENCODE };
static const struct file_kind matroska = { "a Matroska file (MKV)", FILE_COPY };
static const struct file_kind transport = { "an MPEG transport stream (TS)", FILE_COPY };
static const struct file_kind mp3 = { "an MP3 file", FILE_SOUND };
static const struct file_kind tagged = { "sound with an ID3 tag (MP3, AAC)", FILE_SOUND };
static const struct file_kind adts = { "an AAC file", FILE_SOUND };

static bool has(const uint8_t *head, size_t len, const char *bytes, size_t n, size_t at)
{
    return at + n <= len && memcmp(head + at, bytes, n) == 0;
}

/* 0x47 every `step` bytes: 188, or 192 with four bytes of timestamp before each packet (M2TS). */
static bool is_transport(const uint8_t *head, size_t len, size_t from, size_t step)
{
    size_t n = 0;

    for (size_t at = from; at < len && head[at] == 0x47; at += step)
        n++;
    return n >= 5 && head[from + 1] != 0x47; /* not constant audio */
}

static bool contains(const uint8_t *head, size_t len, const char *text)
{
    const size_t n = strlen(text);

    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(head + i, text, n) == 0)
            return true;
    return false;
}

/* ISO 11172-3 2.4.1.3: layer 1 to 3, ADTS (ISO 13818-7) has 0; no reserved sampling or bit rate. */
static bool is_mpeg_audio(const uint8_t *p, size_t len, bool *layer0)
{
    if (len < 4 || p[0] != 0xFF || (p[1] & 0xF0) != 0xF0)
        return false;
    *layer0 = (p[1] & 0x06) == 0;
    return *layer0 ? (p[2] >> 2 & 0x0F) < 13 : (p[2] & 0x0C) != 0x0C && (p[2] & 0xF0) != 0xF0;
}

const struct file_kind *file_kind(const uint8_t *head, size_t len, bool is_sound)
{
    bool layer0 = false;

    if (len > FILE_KIND_BYTES)
        len = FILE_KIND_BYTES;
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *m = &magics[i];

        if (has(head, len, m->bytes, m->n, m->at) && has(head, len, m->bytes2 ? m->bytes2 : "", m->n2, m->at2) &&
            (!is_sound || m->n >= 4))
            return &m->kind;
    }
    if (has(head, len, "\x1A\x45\xDF\xA3", 4, 0))
        return contains(head, len, "webm") ? &webm : &matroska;
    if (is_transport(head, len, 0, 188) || is_transport(head, len, 4, 192))
        return &transport;
    if (!is_sound && is_mpeg_audio(head, len, &layer0))
        return layer0 ? &adts : &mp3;
    return !is_sound && has(head, len, "ID3", 3, 0) ? &tagged : NULL;
}
