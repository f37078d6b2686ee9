/* SPDX-License-Identifier: MIT */
/*
 * What a board port gives gbagentd: streams of access units, controls, and what it knows.
 *
 * Rules for every operation, unless it says otherwise:
 *  - called on the one thread of the daemon's loop; must return within 10 ms. Work that takes
 *    longer goes on behind a descriptor (a thread is allowed there, and only there) and is
 *    reported by board events;
 *  - returns 0 or a negative errno;
 *  - a NULL operation means "this board cannot": callers answer the platform so (-ENOTSUP);
 *  - strings are UTF-8, borrowed for the call, never NULL unless said; a board copies what it keeps;
 *  - times are microseconds of CLOCK_MONOTONIC, never wall clock.
 */
#ifndef GBAGENT_BOARD_H
#define GBAGENT_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/ptz.h"

/* ---- access units ---------------------------------------------------------------------- */

enum gb_kind { GB_VIDEO, GB_AUDIO };

enum gb_codec {
    GB_CODEC_NONE,
    GB_CODEC_H264,      /* Annex B, start codes included */
    GB_CODEC_H265,      /* Annex B */
    GB_CODEC_G711A,     /* 8 kHz mono */
    GB_CODEC_G711U,
    GB_CODEC_AAC,       /* ADTS frames */
    GB_CODEC_G7221,
};

struct gb_segment {
    const uint8_t *data;
    size_t len;
};

/* One access unit: a whole picture with the parameter sets before it, or one or more whole audio
 * frames. Its bytes are the segments in order (a ring that wraps gives two, an encoder with a
 * pack per NAL gives many; a start code may not be cut by a segment border). A key unit is an IDR
 * (H.265: IRAP) whose parameter sets are in the same unit. */
struct gb_unit {
    enum gb_kind kind;
    enum gb_codec codec;
    bool key;
    uint64_t pts_us;                /* capture time; rises within a source unless it reorders */
    uint64_t dts_us;                /* decode time; equals pts_us where nothing is reordered */
    const struct gb_segment *seg;   /* borrowed until release */
    unsigned nseg;                  /* 1 .. GB_UNIT_SEGMENTS_MAX */
    void *cookie;                   /* the source's own, handed back by release */
};

#define GB_UNIT_SEGMENTS_MAX 256u
#define GB_UNIT_BYTES_MAX (10u * 1024u * 1024u)

struct frame_source;

struct frame_source_ops {
    /* A descriptor that is readable when read() has something to say. Level triggered. May change
     * after read() returned -EPIPE and the source was reopened. */
    int (*fd)(struct frame_source *src);

    /* The next unit, leased to the caller until release(): its memory stays as it is that long.
     *   0         *unit is filled;
     *   -EAGAIN   nothing after all (allowed although fd() was readable);
     *   -ENODATA  a source that is not live came to its end;
     *   -EPIPE    lost: the daemon closes it, reports VLOST and reopens with back-off;
     *   other     treated as -EPIPE and logged. */
    int (*read)(struct frame_source *src, struct gb_unit *unit);

    /* Gives one leased unit back; leases end in any order. */
    void (*release)(struct frame_source *src, const struct gb_unit *unit);

    /* The next picture shall be a key picture. Already coalesced to one a second per source by
     * the caller. May be NULL: viewers then wait for the next one. */
    int (*request_idr)(struct frame_source *src);

    /* Sources that are not live only (recordings); NULL otherwise. seek: position in microseconds
     * from the start of what was opened. scale: 1000 = normal speed, negative = backwards. */
    int (*seek)(struct frame_source *src, uint64_t position_us);
    int (*scale)(struct frame_source *src, int permille);

    /* Ends the source; every lease has been given back before. Frees src. */
    void (*close)(struct frame_source *src);
};

/* A board embeds this at the start of its own structure. */
struct frame_source {
    const struct frame_source_ops *ops;
    bool live;              /* true: overload drops to the next IDR. false: nothing may be lost */
    unsigned max_leased;    /* >= 1: units that may be leased at one time */
};

/* ---- channels, info, status ------------------------------------------------------------ */

/* A channel as the config describes it; borrowed for the call. */
struct board_channel {
    const char *id;         /* its 20-digit ID */
    const char *source;     /* the text after "BOARD:" in `source =`, may be "" */
    unsigned stream;        /* 0 main, 1 first sub stream, ... */
    unsigned fps;           /* configured frames a second, 0 = the board knows */
};

struct board_info {
    char manufacturer[64], model[64], firmware[64];
};

struct board_status {
    bool ok;                /* false: DeviceStatus says ERROR with reason */
    char reason[64];
    int encode;             /* 1 on, 0 off, -1 not known */
    int record;
};

/* ---- what a platform asks for ----------------------------------------------------------- */

enum board_control {
    BOARD_TIME,             /* the platform's clock; arg.unix_ms; set only when configured */
};

struct board_control_arg {
    enum board_control kind;
    const struct board_channel *channel;    /* NULL: the device */
    int64_t unix_ms;
};

/* ---- what the board reports -------------------------------------------------------------- */

enum board_event_kind {
    BOARD_ALARM,            /* an alarm input, motion, a fault */
};

/* The codes of method and type are those of gb28181 A.2.5 (AlarmMethod, AlarmType). */
struct board_event {
    enum board_event_kind kind;
    char id[24];            /* alarm input (type 134) or channel; "" = the device */
    unsigned method;        /* 1..7 */
    unsigned type;          /* 0 = none */
    unsigned priority;      /* 1..4 */
    char description[128];  /* UTF-8, may be "" */
};

/* ---- the board --------------------------------------------------------------------------- */

struct board;

struct board_ops {
    const char *name;       /* the prefix of `source = NAME:...` */

    int (*open)(struct board **out);    /* once; the result is handed to every operation */
    void (*close)(struct board *b);     /* every source is closed before */

    /* Required. -ENOENT: no such source; -EAGAIN: not ready yet (the caller tries again). */
    int (*stream_open)(struct board *b, const struct board_channel *ch, struct frame_source **out);

    /* Everything below may be NULL. */
    int (*info)(struct board *b, struct board_info *out);
    int (*status)(struct board *b, const struct board_channel *ch, struct board_status *out);
    int (*ptz)(struct board *b, const struct board_channel *ch, const struct ptz_cmd *cmd);
    int (*control)(struct board *b, const struct board_control_arg *arg);

    /* event_fd is readable when event_read has an event; -EAGAIN ends a batch. */
    int (*event_fd)(struct board *b);
    int (*event_read)(struct board *b, struct board_event *out);
};

/* The boards that were built in (make BOARDS="..."), NULL terminated; generated. */
extern const struct board_ops *const board_table[];

#endif
