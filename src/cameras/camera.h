/* SPDX-License-Identifier: MIT */
/*
 * The channels of the config and their boards: a board is opened once, a channel's stream when it is first needed.
 * Reports to the device model which channels lost their picture, are off or defective.
 */
#ifndef CAMERAS_CAMERA_H
#define CAMERAS_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "device/device.h"
#include "gbagent/board.h"
#include "media/stream.h"
#include "sys/loop.h"
#include "ua/event.h"
#include "util/hash.h"
#include "util/list.h"

#define CAMERA_STREAMS     (1u + CONF_SUBSTREAMS) /* main and sub streams */
#define CAMERA_RETRY_US    30000000u              /* between attempts to reopen a lost source without viewers */
#define CAMERA_CHECK_MAX_S 30u /* an unplayable file is checked again after 1, 2, 4 ... s, up to this interval */

struct cameras;

struct camera {
    struct list node;
    struct hash_node by_id;
    struct cameras *set;
    char id[GBID_SIZE];
    char source[CONF_SOURCE_SIZE]; /* as in the config, "BOARD:text" */
    char substream[CONF_SUBSTREAMS][CONF_SOURCE_SIZE];
    char audio[CONF_SOURCE_SIZE];
    unsigned fps, picture_timeout_s;
    const struct board_ops *ops; /* NULL: no such board, or it could not be opened */
    struct board *board;
    struct stream *stream[CAMERA_STREAMS];
    struct loop_timer retry;
    struct loop_timer check; /* armed while the board reports that its file is unplayable */
    unsigned check_s;        /* interval until the next check */
    bool unplayable;
    char *reason;                    /* why, as logged; NULL: not logged, or out of memory */
    enum device_item_state reported; /* by the board: ON, OFF or DEFECT */
    bool lost;                       /* video loss */
};

struct cameras_config {
    struct loop *loop;
    struct device *device;
    void (*event)(void *arg, const struct board_event *ev); /* from the loop; all but BOARD_CHANNEL */
    /* A camera is about to be removed, or its source changed: end everything that uses its streams, before
     * returning. */
    void (*gone)(void *arg, struct camera *c);
    void (*changed)(void *arg); /* a state in the device model changed; may be NULL */
    void *arg;
};

int cameras_new(const struct cameras_config *cfg, struct cameras **out); /* copies cfg; -ENOMEM */
void cameras_free(struct cameras *s);                                    /* all viewers must be gone; NULL is fine */
/* At start and reload; does not touch cameras whose sources, audio, fps and picture_timeout are unchanged. Borrows conf
 * until the next one is applied. -ENOMEM. */
int cameras_apply(struct cameras *s, const struct conf *conf);
/* Fills in manufacturer, model and firmware from the first board that has them, where the config is empty; and sets
 * whether any board reports positions. */
void cameras_fill_info(const struct cameras *s, struct device_config *cfg);
/* Applies the config, completed by cameras_fill_info, to the device model; errors as device_apply. */
int cameras_apply_device(struct cameras *s, const struct device_config *cfg);

/* The channel as passed to its board; borrows from c. */
struct board_channel camera_board_channel(const struct camera *c);
struct camera *cameras_find(struct cameras *s, const char *id); /* "" or the device ID: the first channel; NULL: none */
/* The stream of that number, ready for viewers; the main stream if the board does not have it. -EAGAIN: not ready yet;
 * -errno. */
int camera_stream(struct camera *c, unsigned number, struct stream **out);
void camera_request_idr(struct camera *c);
/* Passes a control command to the board of c. -ENOTSUP, or the board's error. */
int camera_control(struct camera *c, const struct gb_control *control);
/* Gets a configuration block from the board of c, or sets it; get: *s is zero except for its block. -ENODATA: the board
 * cannot report it; -ENOTSUP, or the board's error. */
int camera_config_get(struct camera *c, struct gb_setting *s);
int camera_config_set(struct camera *c, const struct gb_setting *s);
int camera_head(struct camera *c, struct board_head *out); /* -ENOTSUP, or the board's error */
/* The position of a channel, from its board. -ENOENT: unknown channel; -ENOTSUP, or the board's error. */
int cameras_geo(struct cameras *s, const char *id, struct board_geo *out);
/* The cards of all boards, BOARD_CARDS_MAX at most. If several boards have cards, each gets a number from 1 that it
 * keeps while the daemon runs; 0: no number left. Returns the count, or -errno if there are none and a board failed. */
int cameras_storage(struct cameras *s, struct board_card *out, unsigned max);
bool cameras_can(struct cameras *s, enum gb_control_kind kind); /* whether any board supports it */
/* Passes a control command to every board, without a channel: 0 if one of them accepted it. FORMAT of one card goes
 * only to its board, by the numbers of cameras_storage; -ENOENT: no such card. */
int cameras_control(struct cameras *s, const struct gb_control *control);
/* The contact of an alarm input: 1 on, 0 off; -ENOTSUP: unknown to all boards. */
int cameras_input(struct cameras *s, const char *id);
void cameras_read_inputs(struct cameras *s); /* of all alarm inputs, into the device model */
/* Simulate a contact change, or an event (on the board of ev->id, or the first that can). -ENOTSUP, or the board's
 * error. */
int cameras_input_set(struct cameras *s, const char *id, bool on);
bool cameras_can_simulate(struct cameras *s, const char *id); /* whether a board can simulate events */
int cameras_simulate(struct cameras *s, const struct board_event *ev);
/* Recordings of c, as board_ops.record_find; -ENOTSUP. */
int camera_records(const struct camera *c, const struct board_record_query *q, unsigned skip, struct board_record *out,
                   unsigned max, unsigned *total);
/* Opens the recordings of c in a time span, as board_ops.record_open; -ENOTSUP. */
int camera_record_open(const struct camera *c, const struct board_replay *what, struct board_replay_source *out);
void camera_totals(const struct camera *c, struct stream_stats *out);
void cameras_status(struct cameras *s, const char *id, struct agent_status_reply *out);

#endif
