/* SPDX-License-Identifier: MIT */
/* What the files camera*.c share: camera.c (which cameras there are, their streams), camera_ask.c (what the boards are asked
 * and told), camera_check.c (files that cannot be played). Nobody else includes this. */
#ifndef CAMERAS_CAMERA_PRIV_H
#define CAMERAS_CAMERA_PRIV_H

#include "cameras/camera.h"

struct open_board {
    struct list node;
    struct cameras *set;
    const struct board_ops *ops;
    struct board *board;
    struct loop_fd watch;
    bool fresh;                         /* opened since the last config */
};

/* A card as it was first seen. Its number among all of them is its place, for good: a card that is pulled must not make
 * an order to format reach its neighbour. */
struct card_place {
    const struct open_board *board;     /* NULL = free */
    unsigned id;                        /* on that board */
    bool present;                       /* when last looked at */
};

struct cameras {
    struct cameras_config cfg;
    const struct conf *conf;            /* applied last; its owner keeps it until the next one is */
    struct list list;                   /* struct camera, in the config's order */
    struct hash by_id;                  /* the same */
    struct list boards;                 /* struct open_board; a handful */
    struct list failed;                 /* the same, of those that could not be opened with this config */
    struct card_place card[BOARD_CARDS_MAX];
    struct log_gate refusals;           /* lines about sources that do not open for a viewer */
};

/* The text after "BOARD:"; a board may be named without one. */
const char *camera_text(const char *source);

void camera_show_state(struct camera *c);           /* camera.c */
void camera_look(struct camera *c);                 /* camera.c: whether a lost picture is back, now */

/* camera_check.c */
/* All that the channel plays, at the start and a reload: what cannot be is logged, pictures of the main stream that cannot
 * make it OFF. A stream that runs is not asked about. */
void camera_check_all(struct camera *c);
/* Pictures of the main stream, after they did not open. false: they cannot be played, and that was logged. */
bool camera_check_main(struct camera *c);
/* A want of ours, of memory or descriptors: it says nothing of what was opened. */
bool camera_shortage(int err);
void camera_playable(struct camera *c);             /* it gives pictures, or goes */

#endif
