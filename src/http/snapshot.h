/* SPDX-License-Identifier: MIT */
/*
 * Pictures that platforms order (SnapShotConfig of 2022): taken by the board, named as the standard says, uploaded one
 * after the other, reported once by UploadSnapShotFinished with the names of those that arrived.
 */
#ifndef HTTP_SNAPSHOT_H
#define HTTP_SNAPSHOT_H

#include "agent/agent.h"
#include "cameras/camera.h"
#include "gbagent/board.h"
#include "http/http.h"
#include "http/http_policy.h"
#include "sys/loop.h"

#define SNAPSHOT_SESSIONS_MAX 4u
#define SNAPSHOT_PICTURE_MAX (4u * 1024u * 1024u)
#define SNAPSHOT_BYTES_MAX (16u * 1024u * 1024u)    /* of pictures that wait for their upload, all sessions together */
#define SNAPSHOT_BOARD_US 10000000u                 /* the board gives a picture in that time, or it has failed */
#define SNAPSHOT_UPLOAD_S 120u                      /* for one upload */

struct snapshots;

struct snapshots_config {
    struct loop *loop;
    struct http *http;                  /* NULL: every order is answered -ENOTSUP */
    struct cameras *cameras;
    const struct device *device;
    void (*kick)(void *arg);            /* an agent was told something */
    void *arg;
};

int snapshots_new(const struct snapshots_config *cfg, struct snapshots **out);
void snapshots_free(struct snapshots *s);           /* nothing is reported any more; NULL is fine */
void snapshots_configure(struct snapshots *s, const struct http_conf *conf);    /* copies; for uploads from now on */

/* An order of that platform for a channel, "" the device. 0: taken, or the session runs already. -ENOTSUP: no HTTP, or
 * a board without pictures; -ENOENT no such channel; -EBUSY too many sessions; -EINVAL, -EPROTONOSUPPORT; -ENOMEM. */
int snapshots_order(struct snapshots *s, struct agent *a, const char *channel, const struct gb_snapshot *order);
void snapshots_picture(struct snapshots *s, const struct board_event *ev);      /* BOARD_SNAPSHOT; copies the bytes */
void snapshots_drop_agent(struct snapshots *s, const struct agent *a);          /* the link goes */
void snapshots_drop_camera(struct snapshots *s, const char *channel);           /* what is still due of it has failed */

/* The URL that a picture is put at: its name after the path, before a query. false: too long. */
bool snapshot_put_url(char *out, size_t size, const char *url, const char *name);

#endif
