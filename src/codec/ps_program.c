/* SPDX-License-Identifier: MIT */
/* The headers of key units: system header and program stream map (PSM). */
#include "codec/ps_put.h"

#define VIDEO_BUFFER 4096u /* P-STD buffer, units of 1024 bytes */
#define AUDIO_BUFFER 64u   /* units of 128 bytes */

uint8_t ps_stream_type(enum gb_codec codec)
{
    static const uint8_t type[] = {
        [GB_CODEC_H264] = 0x1B,  [GB_CODEC_H265] = 0x24, [GB_CODEC_G711A] = 0x90,
        [GB_CODEC_G711U] = 0x91, [GB_CODEC_AAC] = 0x0F,  [GB_CODEC_G7221] = 0x92,
    };

    return (unsigned)codec < sizeof(type) ? type[codec] : 0;
}

uint32_t ps_crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xFFFFFFFFu;

    /* Called once per key unit for at most 24 bytes, so no table. */
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)data[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31) * 0x04C11DB7u;
    }
    return crc;
}

static unsigned program_streams(const struct ps_program *prog)
{
    return (prog->video != GB_CODEC_NONE) + (unsigned)(prog->audio != GB_CODEC_NONE);
}

/* 2.5.3.5 */
static uint8_t *put_system_header(uint8_t *at, const struct ps_program *prog)
{
    unsigned video = prog->video != GB_CODEC_NONE, audio = prog->audio != GB_CODEC_NONE;

    at = put32(at, 0x000001BBu);
    at = put16(at, 6u + 3u * program_streams(prog));
    at = put32(at, (0x800001u | PS_MUX_RATE << 1) << 8 | audio << 2);
    at = put16(at, (0xE0u | video) << 8 | 0x7Fu);
    if (video) {
        at = put8(at, PS_STREAM_VIDEO);
        at = put16(at, 0xE000u | VIDEO_BUFFER);
    }
    if (audio) {
        at = put8(at, PS_STREAM_AUDIO);
        at = put16(at, 0xC000u | AUDIO_BUFFER);
    }
    return at;
}

static uint8_t *put_map_entry(uint8_t *at, enum gb_codec codec, unsigned stream_id)
{
    return codec == GB_CODEC_NONE ? at : put32(at, (uint32_t)ps_stream_type(codec) << 24 | stream_id << 16);
}

/* 2.5.4 */
static uint8_t *put_stream_map(uint8_t *at, const struct ps_program *prog)
{
    const uint8_t *begin = at;
    unsigned n = program_streams(prog);

    at = put32(at, 0x000001BCu);
    at = put16(at, 10u + 4u * n);
    at = put32(at, 0xE0FF0000u | (prog->version & 0x1Fu) << 24); /* current; no descriptors */
    at = put16(at, 4u * n);
    at = put_map_entry(at, prog->video, PS_STREAM_VIDEO);
    at = put_map_entry(at, prog->audio, PS_STREAM_AUDIO);
    return put32(at, ps_crc32(begin, (size_t)(at - begin)));
}

uint8_t *ps_put_program(uint8_t *at, const struct ps_program *prog)
{
    return put_stream_map(put_system_header(at, prog), prog);
}
