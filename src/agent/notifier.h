/* SPDX-License-Identifier: MIT */
/*
 * Notifies of one link that nobody subscribed to. Those that must arrive, UploadSnapShotFinished and DeviceUpgradeResult,
 * are tried again when nobody answers, kept while the link is away, told by AGENT_NOTIFIED how they ended. A
 * VideoUploadNotify is sent once.
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
#define NOTIFIER_TRIES_MAX 3u           /* of one that nobody answers, while the link is there */
#define NOTIFIER_RETRY_MS 5000u
#define NOTIFIER_KEEP_MS 600000u        /* then it is given up, whatever the reason */

struct notifier_entry;

struct notifier {
    struct ua *ua;
    struct notifier_entry *head;        /* in the order they came */
    unsigned count;
    uint32_t next_ref;
};

void notifier_init(struct notifier *n, struct ua *u);
void notifier_free(struct notifier *n);
void notifier_offline(struct notifier *n);              /* what is in flight will be sent again */
void notifier_tick(struct notifier *n, const struct gb_time *now);
uint64_t notifier_deadline(const struct notifier *n);

/* Queues a copy of a body that is already in the link's charset. *token: what AGENT_NOTIFIED will name; NULL is fine.
 * -ENOSPC too many, -ENOMEM. */
int notifier_add(struct notifier *n, struct span body, uint32_t *token, const struct gb_time *now);
/* agent_notify_snapshot and agent_notify_upgrade of agent/agent.h. */
int notifier_snapshot(struct notifier *n, const struct agent_snapshot_done *done, const struct gb_time *now);
int notifier_upgrade(struct notifier *n, const struct agent_upgrade_done *done, uint32_t *token, const struct gb_time *now);
/* A MESSAGE_NOTIFY ended. status: of SIP, 0 timeout, negative errno link lost. */
void notifier_message_done(struct notifier *n, uint32_t ref, int status, const struct gb_time *now);


/* agent_video_upload of agent/agent.h. */
int notifier_video_upload(struct notifier *n, const char *id, const struct board_geo *geo, const struct gb_time *now);
/* A MESSAGE_NOTICE ended, as above. */
void notifier_notice_done(const struct notifier *n, int status);

#endif
