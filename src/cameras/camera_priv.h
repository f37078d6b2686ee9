/* SPDX-License-Identifier: MIT */
/* Shared by camera*.c; private to them: camera.c (the cameras and their streams), camera_board.c (requests to the
 * boards), camera_check.c (unplayable files). */
#ifndef CAMERAS_CAMERA_PRIV_H
#define CAMERAS_CAMERA_PRIV_H

#include "cameras/camera.h"

struct open_board {
    struct list node;
    struct cameras *set;
    const struct board_ops *ops;
    struct board *board;
    struct loop_fd watch;
    bool fresh; /* opened with the config being applied */
};

/* A card. Its number among the cards of all boards is its index, permanently: after a card was pulled, a command to
 * format it must not reach another. */
struct card_place {
    const struct open_board *board; /* NULL: unused */
    unsigned id;                    /* on that board */
    bool present;                   /* at the last query */
};

struct cameras {
    struct cameras_config cfg;
    const struct conf *conf; /* the one applied last; borrowed until the next is applied */
    struct list list;        /* struct camera, in the config's order */
    struct hash by_id;       /* the same */
    struct list boards;      /* struct open_board; a handful */
    struct list failed;      /* struct open_board that failed to open with this config */
    struct card_place card[BOARD_CARDS_MAX];
    struct log_gate refusals; /* source-failed */
};

/* The text after "BOARD:"; a board may be named without one. */
const char *camera_text(const char *source);

void camera_show_state(struct camera *c); /* camera.c */
void camera_retry_now(struct camera *c);  /* camera.c: reopens a lost source immediately */

/* camera_check.c */
/* At start and reload: logs all files of the channel that are unplayable; the channel is OFF if that includes the main
 * stream's pictures. Skips the main stream while it runs. */
void camera_check_all(struct camera *c);
/* After the main stream failed to open. false: its pictures are unplayable, which was logged. */
bool camera_check_main(struct camera *c);
/* Whether the daemon is out of memory or descriptors, which says nothing about the source. */
bool camera_shortage(int err);
void camera_set_playable(struct camera *c); /* clears `unplayable` and stops the checks */

#endif
