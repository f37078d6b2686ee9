/* SPDX-License-Identifier: MIT */
/*
 * MANSCDP Notify messages to one platform that need no subscription (2022 A.2.5). UploadSnapShotFinished and
 * DeviceUpgradeResult are queued, repeated until answered, and kept while the platform is offline; AGENT_NOTIFIED
 * reports the outcome. A VideoUploadNotify is sent once.
 */
#ifndef AGENT_NOTIFIER_H
#define AGENT_NOTIFIER_H

#include <stdint.h>

#include "util/span.h"
#include "util/walltime.h"

struct ua;
struct agent_snapshot_done;
struct agent_upgrade_done;
struct board_geo;

#define NOTIFIER_QUEUE_MAX 16u
#define NOTIFIER_TRIES_MAX 3u /* unanswered attempts, per registration */
#define NOTIFIER_RETRY_MS  5000u
#define NOTIFIER_KEEP_MS   600000u /* from queueing until it is dropped in any case */

struct notifier_entry;

struct notifier {
    struct ua *ua;
    struct notifier_entry *head; /* oldest first */
    unsigned count;
    uint32_t next_ref;
};

void notifier_init(struct notifier *n, struct ua *u);
void notifier_free(struct notifier *n);
void notifier_offline(struct notifier *n); /* one in flight will be sent again */
void notifier_tick(struct notifier *n, const struct gb_time *now);
uint64_t notifier_deadline(const struct notifier *n);

/* agent_notify_snapshot and agent_notify_upgrade of agent/agent.h. */
int notifier_snapshot(struct notifier *n, const struct agent_snapshot_done *done, const struct gb_time *now);
int notifier_upgrade(struct notifier *n, const struct agent_upgrade_done *done, uint32_t *token,
                     const struct gb_time *now);
/* A MESSAGE_QUEUED_NOTIFY ended. status: SIP status, 0 on timeout, a negative errno if the link was lost. */
void notifier_message_done(struct notifier *n, uint32_t ref, int status, const struct gb_time *now);

/* agent_video_upload of agent/agent.h. */
int notifier_video_upload(struct notifier *n, const char *id, const struct board_geo *geo, const struct gb_time *now);
/* A MESSAGE_VIDEO_UPLOAD ended, as above. */
void notifier_video_upload_done(const struct notifier *n, int status);

#endif
