/* SPDX-License-Identifier: MIT */
/*
 * A board port to copy, as described in board/README.md. It compiles and links as it is, but has no pictures. Replace
 * the parts marked VENDOR. include/gbagent/board.h specifies every operation; the comments here describe a typical
 * port.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gbagent/board.h"

extern const struct board_ops board_template;

/* Encoder buffers that may be leased at the same time. They must cover the time it takes to send a key frame over the
 * slowest network in use: 8 buffers are 320 ms at 25 fps, half of that with audio units of 40 ms, a third with AAC (21
 * to 23 ms). The encoder cannot use a buffer until it is released. */
#define LEASES 8u

#define INPUTS_MAX 4u /* VENDOR: number of alarm inputs */
#define ID_SIZE    24u

/* One per process, created by open(). */
struct board {
    int alarm_fd; /* readable when an alarm is pending */
    uint64_t sensor_mode;
    /* IDs of the alarm inputs: the first [alarm ID] of the config is the first contact, and so on. */
    char input[INPUTS_MAX][ID_SIZE];
    unsigned ninputs;
};

/* One per open stream. */
struct template_source {
    struct frame_source base; /* must be first: pointers to both are converted */
    int fd;                   /* VENDOR: the encoder's descriptor */
    struct gb_segment seg[LEASES][4];
};

/* ---- a stream of access units ---------------------------------------------------------------------------- */

/* Becomes readable when a unit is ready or the encoder has failed. HiSilicon, Rockchip, Ingenic and V4L2 encoders
 * provide such a descriptor. For an encoder with only a blocking call, use a thread that calls it and writes to an
 * eventfd. Threads must not do anything else (board/README.md, "Threads and child processes"). */
static int source_fd(struct frame_source *src)
{
    return ((struct template_source *)src)->fd;
}

/* Leases the next access unit. VENDOR: get a buffer from the encoder (HI_MPI_VENC_GetStream, RK_MPI_VENC_GetStream, a
 * mapped V4L2 buffer ...), let the segments point to its data without copying, and store what release needs in cookie:
 *
 *     unit->kind = GB_VIDEO;
 *     unit->codec = GB_CODEC_H264;
 *     unit->key = ...;                    IDR, with SPS and PPS in this unit
 *     unit->pts_us = unit->dts_us = ...;  capture time in microseconds, increasing, preferably of CLOCK_MONOTONIC; with
 *                                         B pictures dts_us is the decode time
 *     unit->lost = ...;                   pictures lost by the encoder before this one; 0 if unknown
 *     unit->seg = ...; unit->nseg = ...;  Annex B: every NAL unit begins with 00 00 01 or 00 00 00 01
 *     unit->cookie = ...;
 *
 * -EAGAIN: no unit ready; -EPIPE: the encoder failed. The daemon then closes this source and reopens it after 1, 2, 4
 * ... 30 s. */
static int source_read(struct frame_source *src, struct gb_unit *unit)
{
    (void)src;
    (void)unit;
    return -EAGAIN;
}

/* VENDOR: return the buffer to the encoder (HI_MPI_VENC_ReleaseStream ...). Called once per unit, in any order. */
static void source_release(struct frame_source *src, const struct gb_unit *unit)
{
    (void)src;
    (void)unit;
}

/* VENDOR: HI_MPI_VENC_RequestIDR, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME ... Called at most once per second. */
static int source_request_idr(struct frame_source *src)
{
    (void)src;
    return 0;
}

/* All units have been released. */
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
    /* seek and scale are NULL: a live stream supports neither. */
    .close = source_close,
};

/* Opens a stream of channel `ch`, for its first viewer; the source is closed after the last viewer has left. Several
 * channels may be open at the same time. ch->source is the text after "template:" in the config, whose meaning the port
 * defines ("0", "main", "/dev/video0"). ch->stream is 0 for the main stream; for a sub stream, ch->own_source tells
 * whether ch->source was configured for it (`source1 = template:...`). ch->audio is the text of `audio =`, "" for none:
 * the source delivers audio as units of kind GB_AUDIO between the pictures, one frame per unit for AAC. If audio fails,
 * log it and deliver video only. -ENOENT: no such stream; -EAGAIN: not ready yet, try again. */
static int template_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    struct template_source *s;

    (void)b;
    if (strcmp(ch->source, "main") != 0)
        return -ENOENT;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
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

/* The keys of [board template] in the config. The daemon checks the values and reports errors with file and line;
 * open() gets them in cfg->value, in the same order. VENDOR: the settings of your hardware; omit the table if there are
 * none. */
enum { KEY_SENSOR_MODE, KEYS };

static const struct board_key keys[KEYS] = {
    [KEY_SENSOR_MODE] = { "sensor_mode", BOARD_NUMBER, .min = 0, .max = 7, .def = "0",
                          BOARD_HELP("Image sensor mode, as numbered in the SDK manual.",
                                     "图像传感器的工作模式，编号见 SDK 手册。") },
};

/* Copies the values: the strings in cfg are invalid after the call. */
static void copy_config(struct board *b, const struct board_config *cfg)
{
    b->sensor_mode = cfg->value[KEY_SENSOR_MODE].number;
    b->ninputs = cfg->ninputs < INPUTS_MAX ? cfg->ninputs : INPUTS_MAX;
    for (unsigned i = 0; i < b->ninputs; i++)
        (void)snprintf(b->input[i], sizeof(b->input[i]), "%s", cfg->input[i].id);
}

/* Applies a reloaded config. VENDOR: if a value cannot change while the SDK runs, return -EBUSY and change nothing. */
static int template_reload(struct board *b, const struct board_config *cfg)
{
    copy_config(b, cfg);
    return 0;
}

/* VENDOR: initialise the SDK. Called once, if a channel in the config uses this board; cfg->channel lists these
 * channels. On error they are reported as defective, and the daemon continues with the others. */
static int template_open(const struct board_config *cfg, struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));

    if (!b)
        return -ENOMEM;
    b->alarm_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (b->alarm_fd < 0) {
        int err = -errno;
        free(b);
        return err;
    }
    copy_config(b, cfg);
    *out = b;
    return 0;
}

static void template_close(struct board *b)
{
    close(b->alarm_fd);
    free(b);
}

/* For DeviceInfo, where the config has no value. VENDOR: read model and firmware version from the SDK or a file. */
static int template_info(struct board *b, struct board_info *out)
{
    (void)b;
    (void)snprintf(out->manufacturer, sizeof(out->manufacturer), "Example");
    (void)snprintf(out->model, sizeof(out->model), "Template");
    (void)snprintf(out->firmware, sizeof(out->firmware), "1.0");
    return 0;
}

/* For DeviceStatus of a channel; for that of the device, of its first channel. The daemon detects video loss itself. */
static int template_status(struct board *b, const struct board_channel *ch, struct board_status *out)
{
    (void)b;
    (void)ch;
    *out = (struct board_status){ .ok = true, .encode = -1, .record = -1 };
    return 0;
}

/* Moves the head. Speeds are scaled; zero stops an axis; PTZ_STOP stops all. Return immediately: write to a serial line
 * (Pelco-D over RS-485) without waiting for the movement to complete. -ENOTSUP: not supported by the head. */
static int move(struct board *b, const struct ptz_cmd *cmd)
{
    (void)b;
    return cmd->kind == PTZ_STOP ? 0 : -ENOTSUP;
}

/* Executes a control command. gbagent/control.h defines the kinds; gbagent/board.h specifies which have a channel, and
 * which (restart, format, clock) have ch NULL. */
static int template_control(struct board *b, const struct board_channel *ch, const struct gb_control *c)
{
    (void)ch;
    return c->kind == GB_CONTROL_PTZ ? move(b, &c->u.ptz.cmd) : -ENOTSUP;
}

/* Gets a setting that platforms may change (gbagent/settings.h): OSD, masks, mirror, recording plan ... In *s the block
 * is set and the rest is zero. Return the camera's actual state. -ENODATA: it cannot be read; the daemon then reports
 * the value set last. -ENOTSUP: not supported. Not called for BasicParam and SnapShotConfig. */
static int template_config_get(struct board *b, const struct board_channel *ch, struct gb_setting *s)
{
    (void)b;
    (void)ch;
    return s->block == GB_BLOCK_FRAME_MIRROR ? -ENODATA : -ENOTSUP;
}

/* Applies a setting immediately. Do not store it: the daemon does, and calls this again at the next start, before any
 * stream is opened. Values are valid by the standard; check the limits of the hardware. VENDOR: flip the image. */
static int template_config_set(struct board *b, const struct board_channel *ch, const struct gb_setting *s)
{
    (void)b;
    (void)ch;
    return s->block == GB_BLOCK_FRAME_MIRROR && s->u.frame_mirror == 0 ? 0 : -ENOTSUP;
}

/* Lists the recordings of a channel that match the query, by start time. VENDOR: search the recorder's index; fill
 * out[] starting with match number `skip`, and set *total to the number of matches. */
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

/* Opens recordings for playback. VENDOR: a source like the one above, with live = false, the UTC capture time in
 * pts_us, a descriptor that becomes readable when it is time for the next unit, and seek and scale if the recorder
 * supports them. -ENOENT: no recording in the time span. */
static int template_record_open(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                                struct board_replay_source *out)
{
    (void)b;
    (void)ch;
    (void)what;
    (void)out;
    return -ENOENT;
}

/* Readable when an event is pending: alarm inputs, motion, faults. The daemon waits for readability; for a GPIO
 * descriptor that signals POLLPRI, use a thread and an eventfd. */
static int template_event_fd(struct board *b)
{
    return b->alarm_fd;
}

/* Returns one event; -EAGAIN: none pending. Alarm method 2 is an alarm input, 5 video (types 1 to 8; motion is 2). */
static int template_event_read(struct board *b, struct board_event *out)
{
    uint64_t n;

    if (read(b->alarm_fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
        return -EAGAIN;
    memset(out, 0, sizeof(*out));
    out->kind = BOARD_ALARM;
    out->method = 2;
    out->priority = 1;
    if (b->ninputs > 0) /* VENDOR: the input that changed */
        (void)snprintf(out->id, sizeof(out->id), "%s", b->input[0]);
    return 0;
}

/* State of an alarm input, 1 on, 0 off, for DeviceStatus. VENDOR: read GPIO number i. */
static int template_input(struct board *b, const char *id)
{
    for (unsigned i = 0; i < b->ninputs; i++)
        if (strcmp(b->input[i], id) == 0)
            return 0;
    return -ENOENT;
}

/* The name is the prefix in `source = template:main`. Omit unsupported operations: platforms then get an error
 * response. open, close and stream_open are required. */
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
