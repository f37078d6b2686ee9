/* SPDX-License-Identifier: MIT */
/*
 * Snapshots for platforms (SnapShotConfig, 2022): taken by the board, named as the standard requires, uploaded one
 * after the other, and reported once by UploadSnapShotFinished with the names of the uploaded ones.
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
#define SNAPSHOT_PICTURE_MAX  (4u * 1024u * 1024u)
#define SNAPSHOT_BYTES_MAX    (16u * 1024u * 1024u) /* of pictures waiting for upload, all sessions together */
#define SNAPSHOT_BOARD_US     10000000u             /* timeout for the board to take a picture */
#define SNAPSHOT_UPLOAD_S     120u                  /* timeout for one upload */

struct snapshots;

struct snapshots_config {
    struct loop *loop;
    struct http *http; /* NULL: every request fails with -ENOTSUP */
    struct cameras *cameras;
    const struct device *device;
    void (*kick)(void *arg); /* an agent has packets or events to fetch */
    void *arg;
};

int snapshots_new(const struct snapshots_config *cfg, struct snapshots **out);
void snapshots_free(struct snapshots *s);                                    /* reports nothing; NULL is fine */
void snapshots_configure(struct snapshots *s, const struct http_conf *conf); /* copies; for later uploads */

/* Starts a session of that platform for a channel, "" = the device. Also 0 if the session is already running.
 * -ENOTSUP: no HTTP, or a board without snapshots; -ENOENT no such channel; -EBUSY too many sessions; -EINVAL,
 * -EPROTONOSUPPORT; -ENOMEM. */
int snapshots_start(struct snapshots *s, struct agent *a, const char *channel, const struct gb_snapshot *request);
void snapshots_picture(struct snapshots *s, const struct board_event *ev); /* BOARD_SNAPSHOT; copies the bytes */
void snapshots_drop_agent(struct snapshots *s, const struct agent *a);     /* the agent is about to be freed */
void snapshots_drop_camera(struct snapshots *s, const char *channel);      /* its outstanding pictures fail */

/* The URL for a PUT: the file name is added to the path, before the query. false: too long. */
bool snapshot_put_url(char *out, size_t size, const char *url, const char *name);

#endif
