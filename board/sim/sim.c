/* SPDX-License-Identifier: MIT */
/* The simulated camera: plays a file as live stream and as recordings, has a virtual PTZ head, and logs every command.
 * `source = sim:` is the shipped clip, `source = sim:/path/to/clip.h264` (or .h265) another file. Several, separated by
 * commas, are played live in turn, like a camera whose codec or size is changed; recordings use the first. Sub streams
 * need a `source1 =` ... of their own. `audio = sim:tone`, or a file as described in sound.h, is added to all of
 * them. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"

extern const struct board_ops board_sim;

enum { KEY_CARD_MB, KEYS };

static const struct board_key keys[KEYS] = {
    [KEY_CARD_MB] = { "card_mb", BOARD_NUMBER, .min = 1000, .max = 16000000, .def = "32000",
                      BOARD_HELP("Size of the virtual card in MB; two fifths of it are used at start.",
                                 "虚拟存储卡的容量，单位为 MB。启动时已用去五分之二。") },
};

/* At most SIM_CLIPS_MAX clips. */
static bool is_playlist(const char *text)
{
    unsigned n = 1;

    for (; *text; text++)
        n += *text == ',';
    return n <= SIM_CLIPS_MAX;
}

static const struct board_key source_text = {
    .valid = is_playlist,
    .expect = "at most 8 paths, with commas between them",
    BOARD_HELP("H.264 file, or H.265 if its name ends in .h265, .265 or .hevc; several files, separated by commas, are "
               "played in turn. Empty: the bundled clip.",
               "H.264 文件，扩展名为 .h265、.265 或 .hevc 时是 H.265 文件；多个文件以逗号分隔，依次播放。"
               "留空则播放自带的视频片段。"),
};
_Static_assert(SIM_CLIPS_MAX == 8, "source_text names the limit");

static const struct board_key audio_text = {
    BOARD_HELP(
        "tone, or an audio file with one of these suffixes: .pcma or .alaw, .pcmu or .ulaw, .aac or .adts, .g7221.",
        "tone（单音），或音频文件，格式由扩展名决定：.pcma 或 .alaw，.pcmu 或 .ulaw，.aac 或 .adts，"
        ".g7221。"),
};

static int sim_open(const struct board_config *cfg, struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));

    if (!b)
        return -ENOMEM;
    list_init(&b->clips);
    list_init(&b->sounds);
    list_init(&b->cameras);
    list_init(&b->configs);
    list_init(&b->inputs);
    b->card.capacity_mb = cfg->value[KEY_CARD_MB].number;
    int err = sim_events_init(b);
    if (err) {
        free(b);
        return err;
    }
    *out = b;
    return 0;
}

static void sim_close(struct board *b)
{
    sim_cameras_free(b);
    sim_configs_free(b);
    sim_inputs_free(b);
    sim_events_free(b);
    free(b);
}

static int sim_info(struct board *b, struct board_info *out)
{
    (void)snprintf(out->manufacturer, sizeof(out->manufacturer), "gbagent");
    (void)snprintf(out->model, sizeof(out->model), "sim");
    (void)snprintf(out->firmware, sizeof(out->firmware), "%s", b->firmware[0] ? b->firmware : GBAGENT_VERSION);
    return 0;
}

static bool clips_readable(const char *source)
{
    char path[PATH_MAX];
    unsigned n = 0;

    while (clip_path_at(source, n, path, sizeof(path)) == 0 && access(path, R_OK) == 0)
        n++;
    return clip_path_at(source, n, path, sizeof(path)) == -ENOENT;
}

static int sim_status(struct board *b, const struct board_channel *ch, struct board_status *out)
{
    const struct sim_input *in = ch ? sim_input_find(b, ch->id) : NULL;

    *out = (struct board_status){ .ok = true, .encode = 1, .record = b->card.recording > 0 };
    if (ch) {
        const struct sim_camera *c = sim_camera_find(b, ch->id);
        out->record = c && c->records;
    }
    if (in && in->state != BOARD_CHANNEL_ON) {
        out->ok = false;
        out->encode = 0;
        (void)snprintf(out->reason, sizeof(out->reason), "%s", in->state == BOARD_CHANNEL_OFF ? "off" : "defect");
        return 0;
    }
    if (ch && !clips_readable(ch->source)) {
        out->ok = false;
        out->encode = 0;
        (void)snprintf(out->reason, sizeof(out->reason), "clip cannot be read");
    }
    return 0;
}

#define RESTART_US 1500000u /* how long no stream opens after a simulated restart */

/* Streams end and can be opened again after a while, as after a camera's restart. */
static int restart(struct board *b)
{
    log_warn("sim: restart");
    b->down_until_us = sim_now_us() + RESTART_US;
    b->restarts++;
    return 0;
}

static int record(struct board *b, const char *id, unsigned stream, bool on)
{
    int err = sim_record(b, id, stream, on, sim_now_us());

    if (err == 0)
        sim_record_mark(b, id, stream, on, (int64_t)time(NULL));
    return err;
}

static int sim_control(struct board *b, const struct board_channel *ch, const struct gb_control *c)
{
    const char *id = ch ? ch->id : c->item;

    switch (c->kind) {
    case GB_CONTROL_PTZ:
    case GB_CONTROL_DRAG_ZOOM:
    case GB_CONTROL_HOME:
    case GB_CONTROL_PRECISE:
    case GB_CONTROL_TRACK:
        return ch ? sim_ptz(b, ch, c) : -ENOTSUP;
    case GB_CONTROL_RECORD:
        return ch ? record(b, ch->id, c->u.record.stream, c->u.record.on) : -ENOTSUP;
    case GB_CONTROL_FORMAT:
        return sim_card_format(b, c->u.format.card, sim_now_us());
    case GB_CONTROL_REBOOT:
        return restart(b);
    case GB_CONTROL_GUARD:
        return sim_guard(b, id, c->u.guard.on);
    case GB_CONTROL_ALARM_RESET:
        sim_alarm_reset(b, id, c->u.alarm_reset.method);
        return 0;
    case GB_CONTROL_TIME:
        log_info("sim: platform-time unix_ms=%lld", (long long)c->u.time.unix_ms);
        return 0;
    case GB_CONTROL_IDR:
    case GB_CONTROL_UPGRADE:
    default:
        return -ENOTSUP;
    }
}

static bool sim_can(struct board *b, const struct board_channel *ch, enum gb_control_kind kind)
{
    (void)b;
    (void)ch;
    return kind != GB_CONTROL_IDR && kind != GB_CONTROL_UPGRADE;
}

const struct board_ops board_sim = {
    .name = "sim",
    .key = keys,
    .nkeys = KEYS,
    .source_text = &source_text,
    .audio_text = &audio_text,
    .open = sim_open,
    .close = sim_close,
    .stream_open = sim_stream_open,
    .check = sim_check,
    .info = sim_info,
    .status = sim_status,
    .control = sim_control,
    .can = sim_can,
    .head = sim_head,
    .storage = sim_storage,
    .geo = sim_geo,
    .config_get = sim_config_get,
    .config_set = sim_config_set,
    .record_find = sim_record_find,
    .record_open = sim_record_open,
    .snapshot = sim_snapshot,
    .upgrade = sim_upgrade,
    .event_fd = sim_event_fd,
    .event_read = sim_event_read,
    .input = sim_input,
    .input_set = sim_input_set,
    .simulate = sim_simulate_event,
};
