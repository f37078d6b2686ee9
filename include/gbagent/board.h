/* SPDX-License-Identifier: MIT */
/*
 * The interface between gbagentd and a board port: media streams, controls, device information and events.
 * board/README.md is the guide to writing a port.
 *
 * Unless documented otherwise, every operation
 *  - is called on the daemon's only thread and must return within 10 ms. Longer work runs in the background: it
 *    signals a descriptor (the only permitted use of a thread, see board/README.md), and an event reports its result;
 *  - returns 0 or a negative errno;
 *  - may be NULL or return -ENOTSUP if the board lacks the feature; the platform gets an appropriate error;
 *  - gets strings in UTF-8, NUL terminated, never NULL, borrowed for the call: copy what you keep;
 *  - gets output structs filled with zeros, except that status() finds ok = true and encode = record = -1, head() finds
 *    zoom = 1, and storage() must fill in everything itself.
 * Field names end in their unit: _us is microseconds (the epoch is given at each field), _unix_s and unix_ms are
 * seconds and milliseconds of UTC since 1970.
 */
#ifndef GBAGENT_BOARD_H
#define GBAGENT_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/control.h"
#include "gbagent/settings.h"

/* ---- access units ---------------------------------------------------------------------- */

enum gb_kind { GB_VIDEO, GB_AUDIO };

enum gb_codec {
    GB_CODEC_NONE,
    GB_CODEC_H264,  /* Annex B, start codes included */
    GB_CODEC_H265,  /* Annex B */
    GB_CODEC_G711A, /* 8 kHz mono */
    GB_CODEC_G711U, /* the same */
    GB_CODEC_AAC,   /* ADTS frames */
    GB_CODEC_G7221,
};

struct gb_segment {
    const uint8_t *data;
    size_t len;
};

/* One access unit: a complete video frame with its parameter sets, or one or more complete audio frames (AAC and
 * G.722.1: exactly one, because all frames of a unit get its timestamp). The segments, in order, make up its bytes: a
 * ring buffer that wraps gives two, an encoder with one pack per NAL unit gives many. A start code must not cross a
 * segment boundary. A key unit is an IDR (H.265: IRAP) frame and contains its parameter sets. Codec and resolution may
 * change only at a key unit: PS viewers continue, viewers of an elementary stream in the old codec are ended. */
struct gb_unit {
    enum gb_kind kind;
    enum gb_codec codec;
    bool key;
    uint64_t pts_us;              /* capture time (audio: of the first sample), sent as it is, whatever the frame
                                     * rate. Any epoch, but the same for video and audio; with CLOCK_MONOTONIC, RTCP
                                     * sender reports carry true capture times. Recordings: UTC since 1970, and may
                                     * jump, see record_open */
    uint64_t dts_us;              /* decode time: rises from unit to unit of a kind and never exceeds pts_us; equal to
                                     * it without B frames. A time that lies in the future when read, steps back or
                                     * stands still is smoothed, and counted as a clock jump */
    const struct gb_segment *seg; /* array and data are borrowed until release() */
    unsigned nseg;                /* 1 to GB_UNIT_SEGMENTS_MAX */
    uint32_t lost;                /* frames lost before this one (the encoder's buffer overran); 0 if unknown. They
                                     * are counted, and a key frame is requested */
    void *cookie;                 /* private to the source, passed back to release() */
};

#define GB_UNIT_SEGMENTS_MAX 256u
#define GB_UNIT_BYTES_MAX    (10u * 1024u * 1024u) /* a unit over either limit is dropped and counted */

struct frame_source;

struct frame_source_ops {
    /* The descriptor that is readable while read() has something to return; level triggered. Called once, right after
     * stream_open() or record_open(): the descriptor stays the same until close(). It is not polled while all leases
     * are in use. */
    int (*fd)(struct frame_source *src);

    /* Leases the next unit to the caller; its memory must not change until release().
     *   0         *unit is filled in completely;
     *   -EAGAIN   no unit now (also allowed after fd() was readable); read() is called up to eight times per loop
     *             iteration until it returns this;
     *   -ENODATA  end of a source that is not live: close() follows when everything has been sent;
     *   -EPIPE    the source is lost: all leases end and the source is closed. A live one is reopened after 1, 2, 4 ...
     *             30 s, and if it is the main stream, the channel is reported as VLOST; one that is not live stays
     *             closed;
     *   other     as -EPIPE, and so is -ENODATA from a live source.
     * A live source that delivers no video frame for too long, with or without audio, is treated as lost as well: after
     * `picture_timeout` (10 s) or five times the longest frame interval of the last minute, whichever is more; the
     * first frame may take 20 s. */
    int (*read)(struct frame_source *src, struct gb_unit *unit);

    /* Ends the lease of one unit, passed as read() filled it in. Leases end in any order. */
    void (*release)(struct frame_source *src, const struct gb_unit *unit);

    /* Makes the next frame a key frame. Called at most once a second per source. May be NULL: viewers then wait for the
     * next key frame. An error is logged. */
    int (*request_idr)(struct frame_source *src);

    /* For sources of record_open(); NULL if not possible: the platform gets 501. Called between two reads, possibly
     * before the first one or while a unit is leased.
     * seek: the next read() returns the last key unit at or before that UTC time or, if it falls into a gap, the first
     * unit after the gap. -ERANGE: at or after the end of the requested span; the position is unchanged.
     * scale: 1000 is normal speed, 250 slow motion; negative is reverse, the last group of pictures first, each either
     * in forward order or as its key frame alone. The board paces accordingly, starting at the current position; from
     * four times the speed on, key frames alone are enough. The next unit continues the last one in the recording or is
     * a key unit. -ENOTSUP: speed not supported; nothing has changed. */
    int (*seek)(struct frame_source *src, uint64_t utc_us);
    int (*scale)(struct frame_source *src, int permille);

    /* Closes the source and frees src. All leases have ended and the loop no longer polls fd(). */
    void (*close)(struct frame_source *src);
};

/* Embedded as the first member of the board's own struct. */
struct frame_source {
    const struct frame_source_ops *ops;
    bool live;           /* true: on overload, a viewer skips to the next key frame. false: nothing is dropped, one
                             * viewer */
    unsigned max_leased; /* >= 1: units that may be leased at the same time; at most 64 are used */
    /* The audio codec, if known when the source is opened: it is declared in the PSM from the first key frame on.
     * NONE: declared in the key frame after the first audio unit. */
    enum gb_codec audio;
};

/* ---- board configuration -------------------------------------------------------------- */

enum board_key_kind {
    BOARD_TEXT,   /* at most `max` bytes; 0 means BOARD_TEXT_MAX */
    BOARD_PATH,   /* the same, starting with / */
    BOARD_NUMBER, /* min to max, inclusive */
    BOARD_YESNO,
    BOARD_CHOICE, /* one of choice[] */
};

#define BOARD_KEYS_MAX 32u
#define BOARD_TEXT_MAX 199u

/* One key of the config section [board NAME]. The daemon parses the section by this table: an invalid, missing,
 * duplicate or unknown key is reported with file and line at start, at a reload and by --check-config, and
 * --print-config shows every key with its help text. The board only ever gets valid values. */
struct board_key {
    const char *key; /* a to z, digits and _ */
    enum board_key_kind kind;
    uint64_t min, max;
    const char *const *choice; /* NULL terminated */
    const char *def;           /* default; "" = empty or 0; NULL = required if a channel uses the board */
    const char *help;          /* one or two sentences; set both with BOARD_HELP */
    const char *help_zh;       /* the same in Chinese; NULL: --print-config=zh shows help */
    bool secret;               /* a password: never printed or logged */
    /* Further restricts what the kind allows; may be NULL. Checks the text alone, without access to files or network.
     * expect completes the error message "expected ..."; NULL: derived from the kind. */
    bool (*valid)(const char *value);
    const char *expect;
};

/* The help text of a key in both languages; the Chinese one is left out with WITH_ZH=0. */
#ifdef GBAGENT_ZH
#define BOARD_HELP(en, zh) .help = en, .help_zh = zh
#else
#define BOARD_HELP(en, zh) .help = en
#endif

struct board_value {
    const char *text; /* as written, or the default; never NULL */
    uint64_t number;  /* NUMBER: the value; YESNO: 0 or 1; CHOICE: index into choice[] */
};

/* A channel that uses the board, or an alarm input. */
struct board_item {
    const char *id, *name;
    const char *source; /* channel: the text after "BOARD:" in `source =`; alarm input: "" */
};

/* The part of the config that concerns the board; borrowed for the call. */
struct board_config {
    const struct board_value *value;  /* one for each row of board_ops.key, in the same order */
    const struct board_item *channel; /* the channels that use the board, in config order */
    unsigned nchannels;
    const struct board_item *input; /* all alarm inputs (type 134) of the device, in config order, whichever board
                                         * they are wired to */
    unsigned ninputs;
};

/* ---- channels, info, status ------------------------------------------------------------ */

/* A configured channel; borrowed for the call. */
struct board_channel {
    const char *id;     /* 20 digits */
    const char *source; /* the text after "BOARD:" in `source =`, may be "" */
    unsigned stream;    /* stream_open() and check(): 0 main stream, 1 to 3 sub streams. Otherwise 0 */
    bool own_source;    /* of a sub stream: source is from its own key (`source1 =`). false: source is that of the
                             * main stream, and the board decides by `stream` whether it has such a sub stream */
    const char *audio;  /* stream_open(), record_open() and check(): the text after "BOARD:" in `audio =`, the audio
                             * of every stream of the channel; never NULL. "": deliver no audio. Unavailable audio is
                             * logged by the board and left out; it does not make either operation fail */
    unsigned fps;       /* frames per second from the config; 0 = not configured, the board's own rate */
    bool has_position;  /* geo() only: longitude and latitude are configured */
    double longitude, latitude; /* degrees, WGS-84 */
};

/* "" = unknown. Values from the config take precedence. */
struct board_info {
    char manufacturer[64], model[64], firmware[64];
};

struct board_status {
    bool ok; /* false: DeviceStatus reports ERROR with `reason`. Not for lost video, which the daemon
                             * detects */
    char reason[64];
    int encode; /* 1 on, 0 off, -1 unknown (left out of the response) */
    int record; /* the same */
};

/* ---- queries ---------------------------------------------------------------- */

/* Where the head points (PTZPosition); pan and tilt in degrees and zoom as in struct gb_control's `precise`. */
struct board_head {
    double pan, tilt, zoom;
    bool has_view;                           /* the fields below are known */
    double horizontal_angle, vertical_angle; /* degrees */
    double max_distance;                     /* m */
};

/* Where the camera is (MobilePosition). */
struct board_geo {
    double longitude, latitude; /* degrees, WGS-84 */
    double speed;               /* km/h */
    double direction;           /* degrees clockwise from north */
    double altitude;            /* m */
    int64_t unix_ms;            /* when it was measured; 0 = now */
};

enum board_card_state {
    BOARD_CARD_OK,
    BOARD_CARD_FORMATTING,
    BOARD_CARD_UNFORMATTED,
    BOARD_CARD_IDLE,
    BOARD_CARD_ERROR,
};

struct board_card {
    unsigned id;   /* from 1; passed back with FORMAT. Platforms may see another number (several
                                     * boards) */
    char name[32]; /* "" = none */
    enum board_card_state state;
    int progress; /* of formatting, 0 to 100 percent; -1 unknown */
    uint64_t capacity_mb, free_mb;
};

#define BOARD_CARDS_MAX 8u

enum board_record_type { BOARD_RECORD_ALL, BOARD_RECORD_TIME, BOARD_RECORD_ALARM, BOARD_RECORD_MANUAL };

struct board_record_query {
    int64_t start_unix_s, end_unix_s; /* records that overlap this span; start <= end */
    enum board_record_type type;      /* ALL: any */
    int stream;                       /* 0 main, 1 to 3 sub streams; -1 any */
    char path[128], address[64];      /* substrings to match, "" = any; never open a file by them */
    char recorder[24];                /* who started the recording, "" = any */
    unsigned alarm_methods;           /* of alarm records: bit n for AlarmMethod n; 0 = any */
    unsigned alarm_type;              /* 0 = any */
};

/* A name of "" means the channel's; "" in the other texts leaves them out. Platforms play and download by channel and
 * times alone, never by path: record_open() must find each listed record by them. */
struct board_record {
    char name[128], path[128], address[64], recorder[24];
    int64_t start_unix_s, end_unix_s; /* end of a recording in progress: now */
    enum board_record_type type;      /* never ALL */
    uint64_t bytes;                   /* 0 = unknown */
    unsigned stream;                  /* 0 main, 1 to 3 sub streams */
};

/* A requested playback or download. */
struct board_replay {
    int64_t start_unix_s, end_unix_s; /* start < end */
    enum board_record_type type;      /* ALL: any */
    unsigned stream;                  /* 0 main, 1 to 3 sub streams */
    unsigned speed;                   /* 0: playback at normal speed until scale() changes it. Otherwise a download:
                                         * every unit, at this multiple of real time or as fast as it is read, whichever
                                         * is slower */
};

struct board_replay_source {
    struct frame_source *src; /* with live = false */
    enum gb_codec video;      /* NONE: unknown until read; then only PS is offered */
    uint64_t bytes;           /* sum of all units; 0 = unknown */
};

/* ---- events -------------------------------------------------------------- */

enum board_event_kind {
    BOARD_ALARM,    /* an alarm input, motion, a fault */
    BOARD_SNAPSHOT, /* the result of snapshot() */
    BOARD_UPGRADED, /* upgrade() failed, or succeeded without a restart */
    BOARD_CHANNEL,  /* the state of a channel changed */
};

/* OFF: unreachable or switched off, such as a camera connected to a recorder. DEFECT: broken. Platforms are notified.
 * The state holds until the board reports another one or the channel's source changes. Do not report lost video: the
 * daemon detects that. */
enum board_channel_state { BOARD_CHANNEL_ON, BOARD_CHANNEL_OFF, BOARD_CHANNEL_DEFECT };

/* method and type are AlarmMethod and AlarmType of GB/T 28181 A.2.5. An alarm whose method, type and event_type do not
 * go together there is dropped, and logged. */
struct board_event {
    enum board_event_kind kind;
    char id[24]; /* ALARM: an alarm input (type 134) or a channel, "" = the device; CHANNEL: the channel */
    enum board_channel_state state; /* CHANNEL */
    /* ALARM: */
    unsigned method;       /* 1 telephone, 2 device (an input), 3 SMS, 4 GPS, 5 video, 6 fault, 7 other */
    unsigned type;         /* 0 = none */
    unsigned event_type;   /* intrusion (method 5, type 6): 1 enters, 2 leaves; otherwise 0 = none */
    unsigned priority;     /* 1 (highest) to 4 */
    char description[128]; /* UTF-8, may be "" */
    int result;            /* SNAPSHOT, UPGRADED: 0 or a negative errno; UPGRADED: -EBADMSG if the firmware is
                             * damaged */
    uint32_t snapshot_id;  /* SNAPSHOT: as passed to snapshot() */
    const uint8_t *data;   /* SNAPSHOT: a JPEG of at most 4 MB, borrowed until the next event_read() */
    size_t len;            /* of data, bytes */
};

/* ---- the board --------------------------------------------------------------------------- */

struct board;

enum board_part { BOARD_VIDEO, BOARD_AUDIO }; /* of a channel, for check() */

#define BOARD_WHY_SIZE 768u /* bytes, for check() */

struct board_ops {
    const char *name; /* the prefix in `source = NAME:...`, and of [board NAME] */

    const struct board_key *key; /* the keys of [board NAME]; NULL if it has none */
    unsigned nkeys;              /* at most BOARD_KEYS_MAX */
    /* What the text after "NAME:" may be in `source =` to `source3 =` and in `audio =`. Only valid, expect, help and
     * secret are used. NULL: any text. */
    const struct board_key *source_text, *audio_text;

    /* ---- required ---- */

    /* Called once, for the first channel that uses the board. After an error its channels are reported as DEFECT and
     * the daemon keeps running; a reload tries again. *out is passed to all other operations. */
    int (*open)(const struct board_config *cfg, struct board **out);
    /* Called only when the daemon stops, never at a reload, even if no channel uses the board any more. All sources are
     * closed before. */
    void (*close)(struct board *b);
    /* Opens a stream: for the first viewer, and repeatedly for a lost stream until it is back. It is closed when the
     * last viewer leaves. Streams of several channels may be open at the same time, but each only once.
     * -ENOENT: no such stream (a sub stream: the main stream is used instead); -EAGAIN: not ready yet, an INVITE gets
     * 480 and the channel stays ON; any other error: the channel is reported as VLOST. */
    int (*stream_open)(struct board *b, const struct board_channel *ch, struct frame_source **out);

    /* ---- optional: NULL if the board lacks it; board/README.md lists the effects ---- */

    /* The config was reloaded; called whether or not anything changed. Sources of channels that were removed or whose
     * source changed are closed before. An error is logged and means that the board continues with its old settings.
     * NULL: if the section changed, the log reports that a restart is required. */
    int (*reload)(struct board *b, const struct board_config *cfg);

    /* Whether the files that a channel names can be played. An error comes with a one-line message in why (`size`
     * bytes): the path, what was found, what was expected and how to fix it. May read the beginning of files and must
     * use nothing else: no hardware, network or process, and no board, which need not be open. Returns 0 for a source
     * that is not a file.
     * Called for each part and stream of a channel by --check-config, at start and at a reload; for main stream video
     * also when opening the stream failed, and then at growing intervals until it returns 0. An error there turns the
     * channel OFF until check() returns 0 or the stream delivers a frame; for sub streams and audio it is only logged.
     * ch: as for stream_open(), own_source always set for a sub stream. value: as in struct board_config. */
    int (*check)(const struct board_value *value, const struct board_channel *ch, enum board_part part, char *why,
                 size_t size);

    /* For DeviceInfo, the catalog, and the version after an upgrade. */
    int (*info)(struct board *b, struct board_info *out);
    /* For DeviceStatus. ch is never NULL: a query for the device gets the first channel. After an error the defaults
     * are reported. */
    int (*status)(struct board *b, const struct board_channel *ch, struct board_status *out);

    /* A control command. 0: done or in progress; -ENOTSUP: the board lacks this kind. enum gb_control_kind lists
     * which kinds have a channel and which ch = NULL.
     * PTZ: a movement continues until PTZ_STOP or the next movement. The daemon stores names and existence of presets
     * and cruises, the board their positions.
     * GUARD, ALARM_RESET: the daemon itself suppresses and latches alarms, so -ENOTSUP is not an error. Guarding the
     * device overrides what was set for individual items.
     * REBOOT: the platforms have been notified; restart immediately or soon after returning. After an error, and if the
     * daemon is still running 4 s later, it registers again.
     * The board need not store RECORD, HOME and GUARD: the daemon repeats them when it starts. */
    int (*control)(struct board *b, const struct board_channel *ch, const struct gb_control *c);
    /* Whether the board supports that kind; ch as for control(). Called before control(), and for REBOOT and FORMAT
     * before anything is announced: without it, platforms are notified of a restart that a board then refuses. NULL:
     * control() is tried. */
    bool (*can)(struct board *b, const struct board_channel *ch, enum gb_control_kind kind);

    /* Blocks of DeviceConfig and ConfigDownload, never BASIC and SNAPSHOT.
     * get: fills in the value of s->block. -ENOTSUP: the board lacks the block. -ENODATA: it has it but cannot read it,
     * so the daemon reports the value set last or, if there is none, that VideoRecordPlan, VideoAlarmRecord,
     * PictureMask and FrameMirror are off. NULL, with set present: -ENODATA for every block; both NULL: -ENOTSUP.
     * set: applies the value immediately. The daemon stores it: at start and after a reload, before any stream is
     * opened, it sets each block again whose value get does not already return. */
    int (*config_get)(struct board *b, const struct board_channel *ch, struct gb_setting *s);
    int (*config_set)(struct board *b, const struct board_channel *ch, const struct gb_setting *s);

    /* Called for queries, and for subscriptions at most once a second each. ch is never NULL: the first channel if the
     * platform asks for the device. After an error of geo() the position from the config, if any, is sent. */
    int (*head)(struct board *b, const struct board_channel *ch, struct board_head *out);
    int (*geo)(struct board *b, const struct board_channel *ch, struct board_geo *out);

    /* Lists the cards in out[0 .. max - 1], at most BOARD_CARDS_MAX, filling in every field. Returns their number or a
     * negative errno: the platform gets ERROR, unless another board has cards. -ENOTSUP: no cards. */
    int (*storage)(struct board *b, struct board_card *out, unsigned max);

    /* Lists the records that match, in ascending order of start time, beginning with the `skip`-th (from 0). *total:
     * the number of all matches, regardless of skip and max (at most 32). Returns the number filled in (0 only past the
     * end) or a negative errno: the platform gets ERROR; -ENOTSUP: no recordings. A list is read by several calls, a
     * few milliseconds apart. If *total changes in between, it is started over, at most three times, so count a
     * recording in progress as one record while it grows. */
    int (*record_find)(struct board *b, const struct board_channel *ch, const struct board_record_query *q,
                       unsigned skip, struct board_record *out, unsigned max, unsigned *total);

    /* Opens the records of that type and stream that overlap the span, as listed by record_find(), for one viewer.
     * Several may be open at the same time, even of one channel.
     * Units come in order of time, from the last key unit at or before the start (of a record that begins later: from
     * its first) up to the end. Gaps are skipped; what two records have in common is delivered once. The same span
     * always gives the same bytes.
     * The source paces itself through its descriptor. After a pause, or with a slow receiver, it continues at its rate
     * and catches up by at most a second. At the end of the span (in reverse: at its start) each read() returns
     * -ENODATA; -EPIPE ends the session with a BYE. Only one unit is leased at a time.
     * -ENOENT: no recording in the span (404); -EAGAIN: not ready (480); -EBUSY: too many readers (486); -ENOTSUP: 488;
     * other: 500. */
    int (*record_open)(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                       struct board_replay_source *out);

    /* Takes one picture. Returns immediately; the JPEG or the error follows within 10 s as a BOARD_SNAPSHOT event with
     * this snapshot_id. A later event, or one with another number, is ignored. Several may be pending. */
    int (*snapshot)(struct board *b, const struct board_channel *ch, uint32_t snapshot_id);

    /* Installs the completely downloaded file `path`, version `firmware`. Called for the board of the first channel.
     * Returns immediately. 0: being written; the board then restarts the system or reports BOARD_UPGRADED, and until
     * then the file stays. -EBADMSG: the file is damaged; other errors: the device failed; the file is deleted. After a
     * restart, success is judged by the version from info() or the config. */
    int (*upgrade)(struct board *b, const char *path, const char *firmware);

    /* Both or neither. event_fd: called once after open(); readable while event_read() has an event; negative: the
     * board has no events. event_read: called until it returns -EAGAIN, at most 32 times per loop iteration; after any
     * other error the daemon reads no more events from this board. */
    int (*event_fd)(struct board *b);
    int (*event_read)(struct board *b, struct board_event *out);

    /* The state of an alarm input, by its ID (type 134): 1 active, 0 inactive, -ENOENT: not an input of this board.
     * Called for DeviceStatus and `gbagentctl`, for all inputs in a row, so return the last known state; changes are
     * reported by event_read(). NULL: an input counts as active while its last alarm is latched. */
    int (*input)(struct board *b, const char *id);

    /* For `gbagentctl`, to test a platform without hardware; NULL for a real camera.
     * input_set: acts as if the contact had changed; a change to active is followed by an alarm from event_read().
     * -ENOENT: not an input of this board.
     * simulate: copies ev, a valid ALARM or a CHANNEL of this board; event_read() then returns it as if the camera had
     * detected it. -ENOBUFS: too many are pending. */
    int (*input_set)(struct board *b, const char *id, bool on);
    int (*simulate)(struct board *b, const struct board_event *ev);
};

/* The boards in this build (make BOARDS="..."), NULL terminated. Generated. */
extern const struct board_ops *const board_table[];

#endif
