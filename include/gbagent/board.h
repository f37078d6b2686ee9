/* SPDX-License-Identifier: MIT */
/*
 * What a board port gives gbagentd: streams of access units, controls, and what it knows.
 *
 * Rules for every operation, unless it says otherwise:
 *  - called on the one thread of the daemon's loop; must return within 10 ms. Work that takes longer goes on behind a
 *    descriptor (a thread is allowed there, and only there: board/README.md says what it may do) and is reported by board
 *    events;
 *  - returns 0 or a negative errno;
 *  - a NULL operation means "this board cannot", as does -ENOTSUP from one that is there: the platform is answered so;
 *  - strings are UTF-8, NUL terminated, borrowed for the call, never NULL unless said; a board copies what it keeps;
 *  - names end in their unit: _us are microseconds (since when is said there), _unix_s and unix_ms are UTC since 1970;
 *  - what an operation fills in is zero before (status: ok, encode and record are true, -1 and -1; head: zoom is 1),
 *    but for storage().
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
    GB_CODEC_H264,      /* Annex B, start codes included */
    GB_CODEC_H265,      /* Annex B */
    GB_CODEC_G711A,     /* 8 kHz mono */
    GB_CODEC_G711U,     /* the same */
    GB_CODEC_AAC,       /* ADTS frames */
    GB_CODEC_G7221,
};

struct gb_segment {
    const uint8_t *data;
    size_t len;
};

/* One access unit: a whole picture with the parameter sets before it, or one or more whole audio frames (AAC: one, for
 * all of a unit get its time). Its bytes are the segments in order (a ring that wraps gives two, an encoder with a pack per
 * NAL gives many; a start code may not be cut by a segment border). A key unit is an IDR (H.265: IRAP) whose parameter sets
 * are in the same unit. Codec and size may change at a key unit: viewers of PS go on, those of an elementary stream of the
 * old codec are ended. */
struct gb_unit {
    enum gb_kind kind;
    enum gb_codec codec;
    bool key;
    uint64_t pts_us;                /* capture time. Any zero will do, the same for video and audio; by CLOCK_MONOTONIC
                                     * sender reports tell the true time of capture. Sent as it is, whatever the frame
                                     * rate. Of a recording: microseconds of UTC since 1970; it may jump there
                                     * (record_open) */
    uint64_t dts_us;                /* decode time: rises from unit to unit of a kind, never after pts_us; equals it
                                     * where nothing is reordered (no B pictures). What jumps ahead of the time at which
                                     * it is read, steps back or stands still is evened out, and counted (clock jumps) */
    const struct gb_segment *seg;   /* the array as well as its bytes: borrowed until release */
    unsigned nseg;                  /* 1 .. GB_UNIT_SEGMENTS_MAX */
    uint32_t lost;                  /* pictures that should have come before this one and did not (the encoder's buffer
                                     * ran over), where that is known: counted, and a key picture is asked for */
    void *cookie;                   /* the source's own, handed back by release */
};

#define GB_UNIT_SEGMENTS_MAX 256u
#define GB_UNIT_BYTES_MAX (10u * 1024u * 1024u)     /* a larger unit, or one of more segments, is dropped and counted */

struct frame_source;

struct frame_source_ops {
    /* A descriptor that is readable when read() has something to say. Level triggered. Asked for once, right after
     * stream_open(): it stays the same until close(). It is not watched while all leases are out. */
    int (*fd)(struct frame_source *src);

    /* The next unit, leased to the caller until release(): its memory stays as it is that long.
     *   0         *unit is filled, every field;
     *   -EAGAIN   nothing after all (allowed although fd() was readable; read() is called until it says so, a few
     *             times in a turn of the loop). A live source that gives no picture for too long, with sound or without,
     *             is lost as by -EPIPE: after `picture_timeout` (10 s) or five times the longest interval of the last
     *             minute; its first picture has 20 s;
     *   -ENODATA  a source that is not live came to its end: close() follows when everything is sent;
     *   -EPIPE    lost: the daemon ends every lease, closes the source, reports the channel as VLOST (its main stream
     *             alone does so) and opens it again after 1, 2, 4 ... 30 s; one that is not live stays closed;
     *   other     treated as -EPIPE (of a live source -ENODATA, too). */
    int (*read)(struct frame_source *src, struct gb_unit *unit);

    /* Gives one leased unit back, with what read() filled in; leases end in any order. */
    void (*release)(struct frame_source *src, const struct gb_unit *unit);

    /* The next picture shall be a key picture. Already coalesced to one a second per source by the caller. May be
     * NULL: viewers then wait for the next one. An error is logged. */
    int (*request_idr)(struct frame_source *src);

    /* For recordings (record_open), NULL otherwise or where it cannot be done: 501. Called between two reads, while a
     * unit may be leased, also before the first read.
     * seek: the next read() gives the key unit at or before that UTC time; in a gap between two records, the first
     * one of the later record. -ERANGE: at or behind the end of what was opened; nothing has changed then.
     * scale: 1000 = the recording's own rate, 250 = slow motion; negative = backwards, the last group of pictures
     * first, the pictures of a group in their own order, or key pictures alone. The board paces accordingly
     * from where it is, and may give key pictures alone from four times the rate on. What it gives next follows on
     * what it gave last in the recording, or is a key unit. -ENOTSUP: not at that speed; nothing has changed then. */
    int (*seek)(struct frame_source *src, uint64_t utc_us);
    int (*scale)(struct frame_source *src, int permille);

    /* Ends the source; every lease has been given back and fd() has left the loop before. Frees src. */
    void (*close)(struct frame_source *src);
};

/* A board embeds this at the start of its own structure. */
struct frame_source {
    const struct frame_source_ops *ops;
    bool live;              /* true: overload drops to the next IDR. false: nothing may be lost, one viewer */
    unsigned max_leased;    /* >= 1: units that may be leased at one time; at most 64 are made use of */
    /* The sound that it is going to give, where that is known when it is opened: the first key picture declares it then.
     * NONE: the key picture after the first sound does. */
    enum gb_codec audio;
};

/* ---- the config of a board -------------------------------------------------------------- */

enum board_key_kind {
    BOARD_TEXT,                 /* of at most `max` bytes; 0: what a line holds (BOARD_TEXT_MAX) */
    BOARD_PATH,                 /* likewise, and begins with / */
    BOARD_NUMBER,               /* min to max */
    BOARD_YESNO,
    BOARD_CHOICE,               /* one of choice[] */
};

#define BOARD_KEYS_MAX 32u
#define BOARD_TEXT_MAX 199u

/* One key of the board's section, [board NAME]. The daemon reads the section by these rows and the board finds checked
 * values: what is wrong, missing, twice there or not among the rows is an error with file and line like any other, at a
 * start, a reload and --check-config, and --print-config shows the keys with their help. */
struct board_key {
    const char *key;            /* of a to z, digits and _ */
    enum board_key_kind kind;
    uint64_t min, max;
    const char *const *choice;  /* NULL terminated */
    const char *def;            /* "" = empty, or 0; NULL = must be given as soon as a channel uses the board */
    const char *help;           /* in one or two sentences; set by BOARD_HELP */
    const char *help_zh;        /* the same in Chinese; NULL: --print-config=zh shows help */
    bool secret;                /* a password: never echoed */
    /* What the kind does not say: false refuses a value that it allows. Looks at the text alone: no file, no network.
     * expect: what is asked for, after "expected"; NULL: what the kind says. */
    bool (*valid)(const char *value);
    const char *expect;
};

/* The help of a row in both languages; the Chinese one is left out with WITH_ZH=0. */
#ifdef GBAGENT_ZH
#define BOARD_HELP(en, zh) .help = en, .help_zh = zh
#else
#define BOARD_HELP(en, zh) .help = en
#endif

/* text: as written, or the default; never NULL. number: NUMBER; YESNO 0 or 1; CHOICE: index in choice[]. */
struct board_value {
    const char *text;
    uint64_t number;
};

/* A channel that names this board in `source =`, or an alarm input. */
struct board_item {
    const char *id, *name;
    const char *source;         /* the text after "BOARD:"; "" of an alarm input */
};

/* What the config says that concerns a board; borrowed for the call. */
struct board_config {
    const struct board_value *value;    /* for each row of board_ops.key, in its order */
    const struct board_item *channel;   /* in the config's order */
    unsigned nchannels;
    const struct board_item *input;     /* alarm inputs (type 134) of the device: all, whichever board has them */
    unsigned ninputs;
};

/* ---- channels, info, status ------------------------------------------------------------ */

/* A channel as the config describes it; borrowed for the call. */
struct board_channel {
    const char *id;         /* its 20-digit ID */
    const char *source;     /* the text after "BOARD:" in `source =`, may be "" */
    unsigned stream;        /* stream_open() only: 0 main, 1..3 sub streams; 0 elsewhere */
    bool own_source;        /* stream_open() of a sub stream: source is from its own key (`source1 =`). false: source is
                             * the main one's, and the board decides by `stream` whether it has a sub stream */
    const char *audio;      /* stream_open() and record_open() only: the text after "BOARD:" in `audio =`, what every stream of the
                             * channel gives as sound; never NULL, "" = none, and none may be given then. What cannot be
                             * had is logged by the board and left out: no error of either */
    unsigned fps;           /* configured frames a second, 0 = the board knows */
    bool has_position;      /* geo() only: the config says where it is, WGS-84 */
    double longitude, latitude;
};

/* "" = not known. The config goes before it. */
struct board_info {
    char manufacturer[64], model[64], firmware[64];
};

struct board_status {
    bool ok;                /* false: DeviceStatus says ERROR with reason. A lost picture is known without it */
    char reason[64];
    int encode;             /* 1 on, 0 off, -1 not known (left out of the answer) */
    int record;             /* the same */
};

/* ---- what the board knows ---------------------------------------------------------------- */

/* Where the head points (PTZPosition): degrees as in gb_control's precise. has_view: the last three are known. */
struct board_head {
    double pan, tilt, zoom;
    bool has_view;
    double horizontal_angle, vertical_angle;    /* degrees */
    double max_distance;                        /* m */
};

/* Where the camera is (MobilePosition), WGS-84. */
struct board_geo {
    double longitude, latitude;
    double speed;                   /* km/h */
    double direction;               /* degrees clockwise from north */
    double altitude;                /* m */
    int64_t unix_ms;                /* when it was measured; 0 = now */
};

enum board_card_state {
    BOARD_CARD_OK, BOARD_CARD_FORMATTING, BOARD_CARD_UNFORMATTED, BOARD_CARD_IDLE, BOARD_CARD_ERROR,
};

struct board_card {
    unsigned id;                    /* from 1, as FORMAT names it; platforms may see another (several boards' cards) */
    char name[32];                  /* "" = none */
    enum board_card_state state;
    int progress;                   /* of formatting, 0..100; -1 not known */
    uint64_t capacity_mb, free_mb;
};

#define BOARD_CARDS_MAX 8u

enum board_record_type { BOARD_RECORD_ALL, BOARD_RECORD_TIME, BOARD_RECORD_ALARM, BOARD_RECORD_MANUAL };

struct board_record_query {
    int64_t start_unix_s, end_unix_s;   /* records that overlap this span, start <= end */
    enum board_record_type type;        /* ALL: any */
    int stream;                         /* as in record's stream; -1 any */
    char path[128], address[64];        /* parts that must match, "" = any; never used to open a file */
    char recorder[24];                  /* who ordered the recording, "" = any */
    unsigned alarm_methods;             /* of alarm records: bit n = AlarmMethod n; 0 = any */
    unsigned alarm_type;                /* 0 = any */
};

/* name "": the channel's. The others "" = not said. What is played or downloaded later is asked for by channel and
 * times alone, never by path: what is listed must be found again by them. */
struct board_record {
    char name[128], path[128], address[64], recorder[24];
    int64_t start_unix_s, end_unix_s;   /* of one still being made: until now */
    enum board_record_type type;        /* not ALL */
    uint64_t bytes;                 /* 0 = not known */
    unsigned stream;
};

/* What is to be played back or downloaded. */
struct board_replay {
    int64_t start_unix_s, end_unix_s;   /* start < end */
    enum board_record_type type;        /* ALL: any */
    unsigned stream;
    /* 0: playback, which goes on at the recording's own rate until scale() says otherwise. Else a download: every
     * unit, at so many times that rate or as fast as it is read, whichever is slower. */
    unsigned speed;
};

struct board_replay_source {
    struct frame_source *src;           /* live is false */
    enum gb_codec video;                /* NONE: not known before it is read; such a one is served as PS alone */
    uint64_t bytes;                     /* of all units; 0 = not known */
};

/* ---- what the board reports -------------------------------------------------------------- */

enum board_event_kind {
    BOARD_ALARM,            /* an alarm input, motion, a fault */
    BOARD_SNAPSHOT,         /* a picture that snapshot() ordered, or why there is none */
    BOARD_UPGRADED,         /* upgrade() failed, or is done without a restart */
    BOARD_CHANNEL,          /* what became of a channel */
};

/* OFF: out of reach or switched off, as the camera behind a recorder. DEFECT: broken. Platforms are told, and what was
 * said holds until the board says another or the channel gets another source. That a picture is lost the daemon sees by
 * itself. */
enum board_channel_state { BOARD_CHANNEL_ON, BOARD_CHANNEL_OFF, BOARD_CHANNEL_DEFECT };

/* The codes of method and type are those of GB/T 28181 A.2.5 (AlarmMethod, AlarmType). */
struct board_event {
    enum board_event_kind kind;
    char id[24];            /* ALARM: alarm input (type 134) or channel, "" = the device; CHANNEL: the channel */
    enum board_channel_state state;     /* CHANNEL */
    /* ALARM: */
    unsigned method;        /* 1 telephone, 2 device (an input), 3 SMS, 4 GPS, 5 video, 6 fault, 7 other */
    unsigned type;          /* 0 = none. An alarm whose method, type and event do not go together in A.2.5 is dropped,
                             * with a line in the log */
    unsigned event_type;    /* with intrusion: 1 enters, 2 leaves; 0 = none */
    unsigned priority;      /* 1 the highest .. 4 */
    char description[128];  /* UTF-8, may be "" */
    int result;             /* SNAPSHOT, UPGRADED: 0 or a negative errno; -EBADMSG: the firmware is damaged */
    uint32_t snapshot_id;   /* SNAPSHOT: as given to snapshot() */
    const uint8_t *data;    /* SNAPSHOT: a JPEG of at most 4 MB, borrowed until the next event_read */
    size_t len;
};

/* ---- the board --------------------------------------------------------------------------- */

struct board;

enum board_part { BOARD_PICTURES, BOARD_SOUND };

#define BOARD_WHY_SIZE 768u             /* of check()'s why */

struct board_ops {
    const char *name;       /* the prefix of `source = NAME:...` */

    /* The keys of [board NAME]; NULL 0: it has none. source_text, audio_text: what the text after "NAME:" in `source =`
     * (and `source1 =` to `source3 =`) and in `audio =` may be: valid, expect, help and secret of a row count;
     * NULL: anything. */
    const struct board_key *key;
    unsigned nkeys;             /* at most BOARD_KEYS_MAX */
    const struct board_key *source_text, *audio_text;

    /* open, close and stream_open are required. open: once, when the first channel of the config names the board;
     * after an error its channels are DEFECT and the daemon runs without them, until a reload tries again. close: when the
     * daemon ends; not at a reload, not even at one after which no channel names the board. */
    int (*open)(const struct board_config *cfg, struct board **out);
    void (*close)(struct board *b);     /* every source is closed before */
    /* The config was read again: what it says now, changed or not. Sources of channels that are gone or have another
     * text are closed before. On an error the board goes on with what it had, and the log says so. NULL: when its section
     * changed, the log says that this needs a restart. */
    int (*reload)(struct board *b, const struct board_config *cfg);

    /* Called when a viewer wants a stream that is not open, and to see whether a lost one is back. The last viewer's
     * leaving closes it. Several streams of several channels may be open, each once. -ENOENT: no such source (of a
     * sub stream: the main stream serves instead); -EAGAIN: not ready yet, the platform is answered 480 and the
     * channel stays ON; any other error makes the channel VLOST. */
    int (*stream_open)(struct board *b, const struct board_channel *ch, struct frame_source **out);

    /* Everything below may be NULL; board/README.md has a table of what happens then. */

    /* Whether files that the config names can be played: 0, or a negative errno with one line in why[size] that says the
     * path, what is there, what was expected and what to do. Reads files (their first part) and touches nothing else:
     * no hardware, no network, no process, nothing of a board, which need not be open. Called at --check-config, at the
     * start and a reload for each channel and what it has of part; and again for pictures of the main stream while it
     * says no, and when a stream could not be opened. These make the channel OFF until 0 is said or it gives a picture;
     * what it says of sub streams (ch->stream, always with ch->own_source) and of sound is logged. ch is as for stream_open,
     * value as in struct board_config. A source that is no file is 0. */
    int (*check)(const struct board_value *value, const struct board_channel *ch, enum board_part part, char *why, size_t size);
    int (*info)(struct board *b, struct board_info *out);
    /* For DeviceStatus. ch is never NULL: a query for the device is about its first channel. On an error the defaults
     * are told. */
    int (*status)(struct board *b, const struct board_channel *ch, struct board_status *out);
    /* Orders; -ENOTSUP for the kinds it lacks, 0 when it is done or under way. Which kinds come with a channel as ch and
     * which with NULL is said at enum gb_control_kind.
     * GUARD, ALARM_RESET: what the guard silences and which alarms are latched is the daemon's, so -ENOTSUP is no error
     * here. The device's guard overrules what was said of single items before.
     * REBOOT comes when the platforms have been told: restart at once, or soon after returning. -EBUSY and the like: it
     * was refused, and the daemon registers again (as it does when nothing has happened a while after 0).
     * PTZ: a move goes on until PTZ_STOP or another move. Presets and cruises: the daemon keeps their names and which
     * exist, the board where they point. Not kept by the board: what is on guard, what records (RECORD) and the home
     * position (HOME): the daemon orders them again when it starts. */
    int (*control)(struct board *b, const struct board_channel *ch, const struct gb_control *c);
    /* Whether control() has any chance with that kind; ch as there. NULL: try it. Without control() nothing can.
     * REBOOT and FORMAT are refused by it before anything happens: a board that cannot restart must have it, or
     * platforms are told that it goes down. */
    bool (*can)(struct board *b, const struct board_channel *ch, enum gb_control_kind kind);

    /* Configuration blocks, but never BASIC and SNAPSHOT. get fills *s for s->block, the rest of which is zero.
     * -ENOTSUP: the board has no such thing; -ENODATA: it has, but cannot tell: what was set last is, and before that
     * that VideoRecordPlan, VideoAlarmRecord, PictureMask and FrameMirror are off (get NULL and set not: what was set
     * last, of every block; both NULL: -ENOTSUP). set takes effect at once. The daemon keeps the value over
     * restarts; at a start and after a reload it sets again what get does not tell to be so already, before any new
     * stream is opened. */
    int (*config_get)(struct board *b, const struct board_channel *ch, struct gb_setting *s);
    int (*config_set)(struct board *b, const struct board_channel *ch, const struct gb_setting *s);

    /* ch is never NULL: the device's ID means the first channel. Called on a query, and again and again while
     * somebody subscribes (at most once a second each). geo: on an error the config's place is told, where there is
     * one. */
    int (*head)(struct board *b, const struct board_channel *ch, struct board_head *out);
    int (*geo)(struct board *b, const struct board_channel *ch, struct board_geo *out);
    /* Fills out[0 .. max - 1] wholly; max is at most BOARD_CARDS_MAX. Returns how many, or a negative errno: ERROR, unless
     * another board has cards; -ENOTSUP is none. */
    int (*storage)(struct board *b, struct board_card *out, unsigned max);

    /* Records that fit, in rising order of start, from the `skip`-th on (from 0). *total: how many fit in all,
     * whatever skip and max are. Returns how many were filled in (at most max, 0 only past the last), or a negative
     * errno: the platform then hears ERROR, and of -ENOTSUP that there are no recordings. One list is read by several
     * calls a few milliseconds apart, max up to 32: when *total differs from the call before it is begun again, three
     * times at most: a record that is being made counts as one while it grows. */
    int (*record_find)(struct board *b, const struct board_channel *ch, const struct board_record_query *q,
                       unsigned skip, struct board_record *out, unsigned max, unsigned *total);

    /* Opens the records of that type and stream that overlap the span, as record_find lists them, for one viewer: their
     * units in order of time, from the key unit at or before `start` on (of a record that begins later, from its
     * first) up to `end`; gaps between records are left out, what two records have in common is given once. The
     * same span gives the same bytes each time. Several may be open at one time, also of one channel.
     * -ENOENT: nothing was recorded then (404); -EAGAIN: not ready (480); -EBUSY: no more readers (486); -ENOTSUP:
     * 488; other: 500.
     * The source paces itself behind its descriptor. When it was not read for a while (a pause, a slow receiver) it
     * goes on from where it was, at its rate: it does not catch up with more than a second. read() says -ENODATA at the
     * end of the span (going backwards: at its start), again and again; -EPIPE ends the session with BYE. One lease at
     * a time is made use of. */
    int (*record_open)(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                       struct board_replay_source *out);

    /* One picture now: returns at once, the picture (or its failure) comes as a BOARD_SNAPSHOT event with this snapshot_id
     * number within 10 s; what comes later or has another number is ignored. Several may be ordered at one time. */
    int (*snapshot)(struct board *b, const struct board_channel *ch, uint32_t snapshot_id);
    /* Firmware that was downloaded whole to `path`, for the version `firmware`. Called for the board of the first
     * channel. Returns at once: -EBADMSG it is damaged, other errors: the device failed, and the file is deleted. 0:
     * it is being written; the board restarts by itself afterwards, or says BOARD_UPGRADED. Only then may it forget
     * the file: its path is valid until one of them. A restart is judged by the version that info() or the config
     * then tells. */
    int (*upgrade)(struct board *b, const char *path, const char *firmware);

    /* Both or neither. event_fd: asked for once after open, readable when event_read has an event (negative: never).
     * event_read is called until it says -EAGAIN, at most 32 times in a turn of the loop; any other error ends
     * events for good. */
    int (*event_fd)(struct board *b);
    int (*event_read)(struct board *b, struct board_event *out);

    /* What the contact of an alarm input of the config says, by its ID (type 134): 1 on (there is an alarm), 0 off,
     * -ENOENT: none of this board's. Asked when somebody asks (DeviceStatus, `gbagentctl status`): that it changed is
     * reported by event_read. All inputs are asked in a row, so say at once what is known. NULL: an input is in alarm
     * only while its last alarm is latched. */
    int (*input)(struct board *b, const char *id);
    /* For `gbagentctl`, so that a platform can be tried without hardware; a camera leaves both NULL. input_set: as if
     * the contact had changed; from off to on an alarm follows by event_read. -ENOENT: none of this board's.
     * pretend: ev, an ALARM that A.2.5 has or a CHANNEL of this board's, copied, follows by event_read as if the camera
     * had seen it. -ENOBUFS: too many wait. */
    int (*input_set)(struct board *b, const char *id, bool on);
    int (*pretend)(struct board *b, const struct board_event *ev);
};

/* The boards that were built in (make BOARDS="..."), NULL terminated; generated. */
extern const struct board_ops *const board_table[];

#endif
