/* SPDX-License-Identifier: MIT */
/*
 * The channels of the config and the boards behind them: a board is opened once, a channel's stream when somebody first
 * asks for it. Tells the device model which channels have lost their picture, are off or defect.
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

#define CAMERA_STREAMS (1u + CONF_SUBSTREAMS)   /* main and sub streams */
#define CAMERA_RETRY_US 30000000u       /* a lost source that nobody watches is looked at so often */
#define CAMERA_CHECK_MAX_S 30u          /* a file that cannot be played is looked at after 1, 2, 4 ... s, then so often */

struct cameras;

struct camera {
    struct list node;
    struct hash_node by_id;
    struct cameras *set;
    char id[GBID_SIZE];
    char source[CONF_SOURCE_SIZE];      /* as in the config, "BOARD:text" */
    char substream[CONF_SUBSTREAMS][CONF_SOURCE_SIZE];
    char audio[CONF_SOURCE_SIZE];
    unsigned fps, picture_timeout_s;
    const struct board_ops *ops;        /* NULL: no such board, or it could not be opened */
    struct board *board;
    struct stream *stream[CAMERA_STREAMS];
    struct loop_timer retry;
    struct loop_timer check;            /* armed while the board says that its file cannot be played */
    unsigned check_s;                   /* until it is asked again */
    bool unplayable;
    char *why;                          /* what was logged of it; NULL: nothing, or no memory */
    enum device_item_state said;        /* by the board: ON, OFF or DEFECT */
    bool lost;                          /* its picture */
};

struct cameras_config {
    struct loop *loop;
    struct device *device;
    void (*event)(void *arg, const struct board_event *ev);     /* from the loop; CHANNEL never: that is for here */
    /* A camera goes, or its source changed: end what uses its streams, now. */
    void (*gone)(void *arg, struct camera *c);
    void (*changed)(void *arg);         /* the device model has another state; may be NULL */
    void *arg;
};

int cameras_new(const struct cameras_config *cfg, struct cameras **out);        /* copies cfg; -ENOMEM */
void cameras_free(struct cameras *s);           /* every viewer is gone; NULL is fine */
/* Start and reload: cameras whose sources, audio, fps and picture_timeout stay are left alone. conf stays where it is until
 * the next one was applied. -ENOMEM. */
int cameras_apply(struct cameras *s, const struct conf *conf);
/* What the config left empty of manufacturer, model and firmware, as the first board that knows tells it; whether one can
 * tell where it is. */
void cameras_fill_info(const struct cameras *s, struct device_config *cfg);
/* The device model as the config says (names and the like) and the boards complete it; as device_apply. */
int cameras_apply_device(struct cameras *s, const struct device_config *cfg);

/* The channel as its board knows it; borrows from c. */
struct board_channel camera_board_channel(const struct camera *c);
struct camera *cameras_find(struct cameras *s, const char *id);        /* "" and the device ID: the first channel; NULL none */
/* The stream of that number, ready for viewers. One that the board does not have is answered with the main stream.
 * -EAGAIN: not ready yet; -errno. */
int camera_stream(struct camera *c, unsigned number, struct stream **out);
void camera_request_idr(struct camera *c);
/* An order to the board of c; -ENOTSUP, or what the board says. */
int camera_control(struct camera *c, const struct gb_control *control);
/* A configuration block from or to the board of c; get: *s is zero but for its block. -ENODATA: the board leaves it to
 * the daemon to know; -ENOTSUP, or what the board says. */
int camera_config_get(struct camera *c, struct gb_setting *s);
int camera_config_set(struct camera *c, const struct gb_setting *s);
int camera_head(struct camera *c, struct board_head *out);     /* -ENOTSUP, or what the board says */
/* Where a channel is: its board knows, or the config. -ENOENT no such channel, -ENOTSUP, or what the board says. */
int cameras_geo(struct cameras *s, const char *id, struct board_geo *out);
/* The cards of every board, BOARD_CARDS_MAX at most. Where several boards have cards each gets a number from 1 that it
 * keeps while the daemon runs; 0: there is none left for it. Returns how many, or a negative errno when there are none to
 * tell of and a board could not say. */
int cameras_storage(struct cameras *s, struct board_card *out, unsigned max);
bool cameras_can(struct cameras *s, enum gb_control_kind kind);        /* whether cameras_control has any chance */
/* The same to every board, without a channel: 0 when one of them took it. FORMAT of one card goes to the board that has
 * it, by the numbers of cameras_storage; -ENOENT: there is no such card. */
int cameras_control(struct cameras *s, const struct gb_control *control);
/* The contact of an alarm input: 1 on, 0 off; -ENOTSUP: no board knows it. */
int cameras_input(struct cameras *s, const char *id);
void cameras_read_inputs(struct cameras *s);            /* of every alarm input, into the device model */
/* As if the contact had changed, or (the board of ev->id, or the first that can) the camera had seen it. -ENOTSUP, or
 * what the board says. */
int cameras_input_set(struct cameras *s, const char *id, bool on);
bool cameras_can_pretend(struct cameras *s, const char *id);      /* whether there is such a board */
int cameras_pretend(struct cameras *s, const struct board_event *ev);
/* Recordings of c, as board_ops.record_find; -ENOTSUP. */
int camera_records(const struct camera *c, const struct board_record_query *q, unsigned skip, struct board_record *out,
                   unsigned max, unsigned *total);
/* The records of c in a span, as board_ops.record_open; -ENOTSUP. */
int camera_record_open(const struct camera *c, const struct board_replay *what, struct board_replay_source *out);
void camera_totals(const struct camera *c, struct stream_stats *out);
void cameras_status(struct cameras *s, const char *id, struct agent_status_reply *out);

#endif
