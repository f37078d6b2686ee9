/* SPDX-License-Identifier: MIT */
/*
 * A board port to copy: board/README.md says how. It builds and links as it stands; its camera gives no picture.
 * Replace what is marked VENDOR. What every operation must keep is said in include/gbagent/board.h; here is what a
 * port usually does in it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gbagent/board.h"

extern const struct board_ops board_template;

/* Buffers that the encoder can leave with us. It must cover the time a key picture takes on the slowest link that
 * is to be served: 8 at 25 fps are 320 ms, half of that with sound in units of 40 ms, a third with AAC (21 to 23 ms). One that is
 * not released is missing to the encoder. */
#define LEASES 8u

#define INPUTS_MAX 4u           /* VENDOR: alarm inputs that the hardware has */
#define ID_SIZE 24u

/* One for the process; made by open(). */
struct board {
    int alarm_fd;               /* readable when an alarm is waiting */
    uint64_t sensor_mode;
    /* Which alarm input is meant by which ID: the config's first [alarm ID] is the first contact, and so on. */
    char input[INPUTS_MAX][ID_SIZE];
    unsigned ninputs;
};

/* One for each stream that is watched. */
struct template_source {
    struct frame_source base;   /* first, so that the two pointers are one */
    int fd;                     /* VENDOR: the encoder's descriptor */
    struct gb_segment seg[LEASES][4];
};

/* ---- a stream of access units ---------------------------------------------------------------------------- */

/* Readable when read() has something to say. HiSilicon, Rockchip, Ingenic and V4L2 encoders have such a descriptor.
 * One that only offers a blocking call needs a thread that waits there and writes to an eventfd: a thread may exist
 * behind a descriptor and nowhere else (board/README.md, "Threads and child processes"). */
static int source_fd(struct frame_source *src)
{
    return ((struct template_source *)src)->fd;
}

/* Leases the next access unit. VENDOR: take the encoder's buffer (HI_MPI_VENC_GetStream, RK_MPI_VENC_GetStream, a
 * mapped V4L2 buffer ...), point segments at its packs without copying, and keep what release needs in cookie:
 *
 *     unit->kind = GB_VIDEO;
 *     unit->codec = GB_CODEC_H264;
 *     unit->key = ...;                    IDR, with SPS and PPS in this unit
 *     unit->pts_us = unit->dts_us = ...;  capture time in microseconds, rising, best by CLOCK_MONOTONIC; with B
 *                                         pictures dts_us is the time of decoding
 *     unit->lost = ...;                   pictures that the encoder's buffer lost before this one; 0 where not known
 *     unit->seg = ...; unit->nseg = ...;  Annex B: every NAL begins with 00 00 01 or 00 00 00 01
 *     unit->cookie = ...;
 *
 * -EAGAIN when there is nothing after all; -EPIPE when the encoder has gone: the daemon closes this source and opens
 * it again after 1, 2, 4 ... 30 s. */
static int source_read(struct frame_source *src, struct gb_unit *unit)
{
    (void)src;
    (void)unit;
    return -EAGAIN;
}

/* VENDOR: give the buffer back (HI_MPI_VENC_ReleaseStream ...). Called once for each unit, in any order. */
static void source_release(struct frame_source *src, const struct gb_unit *unit)
{
    (void)src;
    (void)unit;
}

/* VENDOR: HI_MPI_VENC_RequestIDR, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME ... At most once a second. */
static int source_request_idr(struct frame_source *src)
{
    (void)src;
    return 0;
}

/* Nothing is leased any more. */
static void source_close(struct frame_source *src)
{
    struct template_source *s = (struct template_source *)src;

    close(s->fd);
    free(s);
}

static const struct frame_source_ops source_ops = {
    .fd = source_fd,
    .read = source_read,
    .release = source_release,
    .request_idr = source_request_idr,
    /* A camera's stream cannot seek or change its speed: both stay NULL. */
    .close = source_close,
};

/* Somebody wants to see channel `ch`. Called when the first viewer comes; the last one's leaving closes the source.
 * ch->source is the text behind "template:" in the config, free for the port to define ("0", "main", "/dev/video0");
 * ch->stream is 0 for the main stream; of a sub stream, ch->own_source says that ch->source was written for it
 * (`source1 = template:...`). ch->audio is the same text of `audio =`, "" without sound: the source gives it as units
 * of kind GB_AUDIO between the pictures, one frame of AAC a unit; sound that cannot be had is logged and left out. Several
 * channels may be open at once. -ENOENT: there is no such stream; -EAGAIN: not yet, try again. */
static int template_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    struct template_source *s;

    (void)b;
    if (strcmp(ch->source, "main") != 0) {
        return -ENOENT;
    }
    s = calloc(1, sizeof(*s));
    if (!s) {
        return -ENOMEM;
    }
    s->base.ops = &source_ops;
    s->base.live = true;
    s->base.max_leased = LEASES;
    s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->fd < 0) {
        int err = -errno;
        free(s);
        return err;
    }
    *out = &s->base;
    return 0;
}

/* ---- the board ------------------------------------------------------------------------------------------- */

/* What [board template] of the config may say. The daemon checks it and names file and line of what is wrong; open()
 * finds the values in cfg->value, by the same numbers. VENDOR: what your hardware wants to know; leave the table out when
 * that is nothing. */
enum { KEY_SENSOR_MODE, KEYS };

static const struct board_key keys[KEYS] = {
    [KEY_SENSOR_MODE] = { "sensor_mode", BOARD_NUMBER, .min = 0, .max = 7, .def = "0",
                          BOARD_HELP("Image sensor mode, as numbered in the SDK manual.",
                                     "图像传感器的工作模式，编号见 SDK 手册。") },
};

/* The config's strings are gone after the call. */
static void take_config(struct board *b, const struct board_config *cfg)
{
    b->sensor_mode = cfg->value[KEY_SENSOR_MODE].number;
    b->ninputs = cfg->ninputs < INPUTS_MAX ? cfg->ninputs : INPUTS_MAX;
    for (unsigned i = 0; i < b->ninputs; i++) {
        (void)snprintf(b->input[i], sizeof(b->input[i]), "%s", cfg->input[i].id);
    }
}

/* The config was read again. VENDOR: what cannot change while the SDK runs is -EBUSY, and nothing changes. */
static int template_reload(struct board *b, const struct board_config *cfg)
{
    take_config(b, cfg);
    return 0;
}

/* VENDOR: initialise the SDK. Called once, when a channel of the config names this board; after an error those channels
 * are reported as faulty and the rest goes on. cfg->channel lists the channels that name it. */
static int template_open(const struct board_config *cfg, struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));

    if (!b) {
        return -ENOMEM;
    }
    b->alarm_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (b->alarm_fd < 0) {
        int err = -errno;
        free(b);
        return err;
    }
    take_config(b, cfg);
    *out = b;
    return 0;
}

static void template_close(struct board *b)
{
    close(b->alarm_fd);
    free(b);
}

/* What DeviceInfo says where the config does not. Read serial number and firmware from the SDK or a file. */
static int template_info(struct board *b, struct board_info *out)
{
    (void)b;
    (void)snprintf(out->manufacturer, sizeof(out->manufacturer), "Example");
    (void)snprintf(out->model, sizeof(out->model), "Template");
    (void)snprintf(out->firmware, sizeof(out->firmware), "1.0");
    return 0;
}

/* What DeviceStatus says of a channel (of the device: of its first one). That a channel gives no picture is known
 * without it. */
static int template_status(struct board *b, const struct board_channel *ch, struct board_status *out)
{
    (void)b;
    (void)ch;
    *out = (struct board_status){ .ok = true, .encode = -1, .record = -1 };
    return 0;
}

/* Moves the head. Speeds come scaled; a zero stops that axis; PTZ_STOP stops everything. Return at once: a serial
 * line (Pelco-D on RS-485) is written without waiting for the head to arrive. -ENOTSUP for a kind the head lacks. */
static int move(struct board *b, const struct ptz_cmd *cmd)
{
    (void)b;
    return cmd->kind == PTZ_STOP ? 0 : -ENOTSUP;
}

/* Whatever a platform may order; gbagent/control.h has the kinds, gbagent/board.h says which come with a channel and
 * which (restart, format, clock) with ch NULL. */
static int template_control(struct board *b, const struct board_channel *ch, const struct gb_control *c)
{
    (void)ch;
    return c->kind == GB_CONTROL_PTZ ? move(b, &c->u.ptz.cmd) : -ENOTSUP;
}

/* What a platform configures (gbagent/settings.h): text over the picture, masks, mirror, recording plan ... *s comes
 * with its block set and the rest zero. Say what the camera really does; -ENODATA where it cannot be asked: then
 * what was set last is told. -ENOTSUP: the camera has no such thing. BasicParam and SnapShotConfig never come here. */
static int template_config_get(struct board *b, const struct board_channel *ch, struct gb_setting *s)
{
    (void)b;
    (void)ch;
    return s->block == GB_BLOCK_FRAME_MIRROR ? -ENODATA : -ENOTSUP;
}

/* Takes effect at once. The daemon keeps the value and calls this again with it at the next start, before any stream
 * is opened: nothing has to be stored here. Values are within the bounds of the standard, not of the sensor: check
 * them. VENDOR: turn the sensor. */
static int template_config_set(struct board *b, const struct board_channel *ch, const struct gb_setting *s)
{
    (void)b;
    (void)ch;
    return s->block == GB_BLOCK_FRAME_MIRROR && s->u.frame_mirror == 0 ? 0 : -ENOTSUP;
}

/* What was recorded of the channel, in rising order of start. VENDOR: look into the recorder's index; fill out[] from
 * the skip-th record that fits on, and tell in *total how many fit. */
static int template_record_find(struct board *b, const struct board_channel *ch, const struct board_record_query *q,
                                unsigned skip, struct board_record *out, unsigned max, unsigned *total)
{
    (void)b;
    (void)ch;
    (void)q;
    (void)skip;
    (void)out;
    (void)max;
    *total = 0;
    return 0;
}

/* The same records, to be played. VENDOR: a source like the one above, but live = false, pts_us the UTC time of
 * capture, its descriptor readable when the next unit is due, and with seek and scale if the recorder can. -ENOENT when
 * nothing was recorded in the span. */
static int template_record_open(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                                struct board_replay_source *out)
{
    (void)b;
    (void)ch;
    (void)what;
    (void)out;
    return -ENOENT;
}

/* Alarm inputs, motion, faults. A GPIO's descriptor that reports by POLLPRI needs a thread and an eventfd in between:
 * the daemon waits for readability. */
static int template_event_fd(struct board *b)
{
    return b->alarm_fd;
}

/* Take one event; -EAGAIN when there is none. Method 2 is an alarm input, 5 video (types 1..8: motion 2, ...). */
static int template_event_read(struct board *b, struct board_event *out)
{
    uint64_t n;

    if (read(b->alarm_fd, &n, sizeof(n)) != (ssize_t)sizeof(n)) {
        return -EAGAIN;
    }
    memset(out, 0, sizeof(*out));
    out->kind = BOARD_ALARM;
    out->method = 2;
    out->priority = 1;
    if (b->ninputs > 0) {       /* VENDOR: the one that has changed */
        (void)snprintf(out->id, sizeof(out->id), "%s", b->input[0]);
    }
    return 0;
}

/* What the contact of an alarm input says, for DeviceStatus. VENDOR: read GPIO number i. */
static int template_input(struct board *b, const char *id)
{
    for (unsigned i = 0; i < b->ninputs; i++) {
        if (strcmp(b->input[i], id) == 0) {
            return 0;
        }
    }
    return -ENOENT;
}

/* The name is the prefix in `source = template:main`. Operations that the hardware lacks are left out: the platform
 * is told so. open, close and stream_open are required. */
const struct board_ops board_template = {
    .name = "template",
    .key = keys,
    .nkeys = KEYS,
    .open = template_open,
    .close = template_close,
    .reload = template_reload,
    .stream_open = template_stream_open,
    .info = template_info,
    .status = template_status,
    .control = template_control,
    .config_get = template_config_get,
    .config_set = template_config_set,
    .record_find = template_record_find,
    .record_open = template_record_open,
    .event_fd = template_event_fd,
    .event_read = template_event_read,
    .input = template_input,
};
