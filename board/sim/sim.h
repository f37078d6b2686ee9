/* SPDX-License-Identifier: MIT */
/* Private to the simulated board and its tests. */
#ifndef BOARD_SIM_H
#define BOARD_SIM_H

#include "board/sim/clip.h"
#include "board/sim/sound.h"
#include "gbagent/board.h"
#include "util/list.h"

#define SIM_LEASES         32u
#define SIM_FPS_DEFAULT    25u
#define SIM_FPS_MAX        240u
#define SIM_CLIPS_MAX      8u /* per source */
#define SIM_EVENTS_MAX     64u
#define SIM_RECORDINGS_MAX 64u
#define SIM_INPUTS_MAX     8192u /* alarm inputs and channels */
#define SIM_CHANNELS_MAX   4096u /* cameras with a stored position */

#define SIM_TILT_MIN   (-90.0)
#define SIM_TILT_MAX   30.0
#define SIM_ZOOM_MAX   30.0
#define SIM_VIEW_ANGLE 60.0 /* horizontal, at zoom 1 */
#define SIM_POINTS_MAX 64u  /* per cruise */
#define SIM_HOME_S     60u  /* default idle time before returning home */

/* Position of a channel's virtual head: degrees, right and up positive, and zoom factor. */
struct sim_position {
    double pan, tilt, zoom; /* 0 .. <360, SIM_TILT_MIN .. SIM_TILT_MAX, 1 .. SIM_ZOOM_MAX */
};

struct sim_cruise {
    unsigned npoints, speed, stay_s; /* as commanded */
    uint8_t point[SIM_POINTS_MAX];
};

enum sim_motion {
    SIM_STILL,
    SIM_FREE,  /* at given rates, until stopped */
    SIM_GOING, /* to `target` */
    SIM_CRUISE_GOING,
    SIM_CRUISE_STAYING,
    SIM_SCAN, /* back and forth between two limits */
};

struct sim_camera {
    struct list node;
    struct sim_position now;
    uint64_t moved_us; /* time of `now` */
    enum sim_motion motion;
    double pan_rate, tilt_rate, zoom_rate; /* FREE, SCAN: per second */
    struct sim_position target;
    double speed;                   /* towards it, degrees per second */
    unsigned group, at;             /* the running cruise and its current point */
    uint64_t until_us;              /* STAYING */
    uint64_t idle_us;               /* STILL since then */
    double left, right, scan_speed; /* as commanded: limits of a scan, pan */
    double scan_left, scan_right;   /* of the running scan, including target tracking and scans without limits */
    bool has_left, has_right;
    struct gb_home home;
    struct sim_cruise *cruise[256];
    struct sim_position preset[256];
    bool preset_set[256];
    uint32_t records; /* one bit per stream */
    char id[24];
};

/* The storage card of the simulated camera. */
struct sim_card {
    uint64_t capacity_mb;
    uint64_t used_bytes;
    uint64_t counted_us;   /* time of used_bytes; 0: never */
    uint64_t formatted_us; /* start of formatting; 0: not formatting */
    unsigned recording;    /* number of streams being recorded */
};

/* A recording started by a platform. */
struct sim_recording {
    char id[24];
    unsigned stream;
    int64_t start_unix_s, end_unix_s; /* end 0: still running */
};

/* An alarm input, or a channel that was opened or has its own guard state. */
struct sim_input {
    struct list node;
    bool guard_own, guard;          /* guard_own: `guard` applies instead of the device's */
    bool on;                        /* contact */
    enum board_channel_state state; /* simulated, of a channel */
    bool siren;                     /* sounds until the alarm is reset */
    char id[24];
};

struct sim_event;

struct board {
    struct list clips;   /* struct clip */
    struct list sounds;  /* struct sound */
    struct list cameras; /* struct sim_camera */
    unsigned ncameras;
    struct list configs; /* struct sim_config */
    unsigned nconfigs;
    struct list inputs; /* struct sim_input */
    unsigned ninputs;
    bool guard_off;              /* of the device; armed at the start */
    struct list events;          /* struct sim_event, to be returned by event_read */
    struct sim_event *event_out; /* returned last; owns the bytes it points to */
    unsigned nevents, nsnapshots;
    int event_fd;
    char firmware[64]; /* "": the program's version */
    struct sim_card card;
    uint64_t down_until_us; /* end of the simulated restart; 0: never restarted */
    unsigned restarts;
    int64_t erased_unix_s;                           /* earlier recordings are erased */
    struct sim_recording manual[SIM_RECORDINGS_MAX]; /* by start time; when full, the oldest is dropped */
    unsigned nmanual;
};

uint64_t sim_now_us(void);

/* sim_event.c */
int sim_events_init(struct board *b);
void sim_events_free(struct board *b);
/* Copies ev and the bytes it points to. -ENOBUFS, -ENOMEM. */
int sim_event_push(struct board *b, const struct board_event *ev);
int sim_event_fd(struct board *b);
int sim_event_read(struct board *b, struct board_event *out);

/* sim_input.c; id "": the device */
struct sim_input *sim_input_find(struct board *b, const char *id); /* NULL: unknown */
struct sim_input *sim_input_get(struct board *b,
                                const char *id); /* created if necessary; NULL: table full or no memory */
bool sim_on_guard(struct board *b, const char *id);
int sim_guard(struct board *b, const char *id, bool on);                   /* -ENOMEM */
void sim_alarm_reset(struct board *b, const char *id, const char *method); /* AlarmMethod as received */
int sim_input(struct board *b, const char *id);
/* A change from off to on raises an alarm. -ENOBUFS, -ENOMEM: nothing changed. */
int sim_input_set(struct board *b, const char *id, bool on);
int sim_simulate_event(struct board *b, const struct board_event *ev);
void sim_inputs_free(struct board *b);

/* sim_config.c */
int sim_config_get(struct board *b, const struct board_channel *ch, struct gb_setting *s);
int sim_config_set(struct board *b, const struct board_channel *ch, const struct gb_setting *s);
void sim_configs_free(struct board *b);

/* sim_video.c. -ENOENT: no sequence parameter set; -EBADMSG: an invalid one. */
int sim_video_size(enum gb_codec codec, const uint8_t *data, size_t len, unsigned *width, unsigned *height);
int sim_clip_size(const char *source, enum gb_codec *codec, unsigned *width, unsigned *height);

/* sim_snapshot.c, sim_upgrade.c */
int sim_snapshot(struct board *b, const struct board_channel *ch, uint32_t snapshot_id);
int sim_upgrade(struct board *b, const char *path, const char *firmware);

/* sim_check.c */
int sim_check(const struct board_value *value, const struct board_channel *ch, enum board_part part, char *why,
              size_t size);

/* sim_geo.c */
int sim_geo(struct board *b, const struct board_channel *ch, struct board_geo *out);

/* sim_record.c */
/* A platform started or stopped a recording. */
void sim_record_mark(struct board *b, const char *id, unsigned stream, bool on, int64_t unix_s);
int sim_record_find(struct board *b, const struct board_channel *ch, const struct board_record_query *q, unsigned skip,
                    struct board_record *out, unsigned max, unsigned *total);

/* A part of a record to be played: [from_s, to_s) of the record that began at record_s. */
struct sim_piece {
    int64_t record_s, from_s, to_s;
};
#define SIM_PIECES_MAX 1024u /* exceeds the possible number of records */
/* In order of time, without overlap. Returns the count. */
unsigned sim_record_pieces(const struct board *b, const struct board_channel *ch, const struct board_replay *what,
                           struct sim_piece out[SIM_PIECES_MAX]);

/* sim_play.c */
int sim_record_open(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                    struct board_replay_source *out);

/* sim_audio.c: the audio of one source. Each unit becomes ready at the capture time of its first sample. */
struct sim_audio {
    struct sound *sound;        /* NULL: none */
    size_t next;                /* index of the next unit */
    uint64_t start_us, samples; /* capture time of sample 0; samples before the next unit */
};

/* text: the text after "sim:" in `audio =`; "": none. Logs errors and continues without audio. */
void sim_audio_open(struct board *b, const char *text, struct sim_audio *out);
void sim_audio_close(struct sim_audio *a);
uint64_t sim_audio_due(const struct sim_audio *a); /* time of the next unit; UINT64_MAX: no audio */
/* Returns the next unit, with its bytes in *seg; the caller adds segment and lease. Skips old units after a pause of
 * the daemon. */
void sim_audio_take(struct sim_audio *a, uint64_t now_us, struct gb_unit *unit, struct gb_segment *seg);

/* sim_stream.c */
int sim_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out);

/* sim_ptz.c: commands to the head */
struct sim_camera *sim_camera_get(struct board *b,
                                  const char *id); /* created if necessary; NULL: table full or no memory */
struct sim_camera *sim_camera_find(struct board *b, const char *id);
/* PTZ, DRAG_ZOOM, HOME, PRECISE, TRACK. -ENOENT: a cruise without points. */
int sim_head_command(struct sim_camera *c, const struct gb_control *command, uint64_t now_us);
int sim_ptz(struct board *b, const struct board_channel *ch, const struct gb_control *c);
int sim_head(struct board *b, const struct board_channel *ch, struct board_head *out);
void sim_cameras_free(struct board *b);

/* sim_head.c: motion of the head */
void sim_head_advance(struct sim_camera *c, uint64_t now_us);
void sim_head_stop(struct sim_camera *c, uint64_t now_us);
void sim_head_go(struct sim_camera *c, const struct sim_position *to, double speed);
int sim_head_cruise(struct sim_camera *c, unsigned group);
void sim_head_scan(struct sim_camera *c, double left, double right, double speed);

/* sim_card.c */
int sim_card_status(struct board *b, uint64_t now_us, struct board_card *out);
int sim_card_format(struct board *b, unsigned card, uint64_t now_us);
/* -EBUSY: the card is being formatted. */
int sim_record(struct board *b, const char *id, unsigned stream, bool on, uint64_t now_us);
int sim_storage(struct board *b, struct board_card *out, unsigned max);

#endif
