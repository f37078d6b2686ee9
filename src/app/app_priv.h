/* SPDX-License-Identifier: MIT */
/* What the files of the app share. Nobody else includes this. */
#ifndef APP_APP_PRIV_H
#define APP_APP_PRIV_H

#include "app/app.h"

/* Sends what agents have to send and acts on their events, then sleeps until the next is due. */
void app_turn(struct app *a);
/* app_place.c */
struct link;
void app_answer_geo(struct app *a, struct link *k, const struct agent_event *ev);
int app_video_upload(void *arg, const char *channel, char *err, size_t size);   /* a ctl op */
/* Tells every agent when the device has changed since the last time. */
void app_device_changed(struct app *a);
/* app_alarm.c */
void app_board_alarm(struct app *a, const struct board_event *ev);
/* Asks the boards what the contacts of the alarm inputs say. */
void app_read_inputs(struct app *a);
int app_ctl_alarm(void *arg, const struct agent_alarm *al, char *err, size_t size);     /* ctl ops */
int app_ctl_input(void *arg, const char *id, enum ctl_input how, bool *on, char *err, size_t size);
int app_ctl_channel(void *arg, const char *id, enum board_channel_state state, char *err, size_t size);
/* answers.c */
void app_answer_status(struct app *a, struct link *k, const struct agent_event *ev);
void app_answer_head(struct app *a, struct link *k, const struct agent_event *ev);
void app_answer_storage(struct app *a, struct link *k, const struct agent_event *ev);
/* app_config.c */
struct link;
void app_config(struct app *a, struct link *k, const struct agent_event *ev);
void app_answer_setting(struct app *a, struct link *k, const struct agent_event *ev);
int app_take_device(struct app *a, const struct conf *conf);    /* names and the like: as device_apply */
/* app_http.c: snapshots and upgrades */
int app_http_open(struct app *a);
void app_http_close(struct app *a);
void app_http_configure(struct app *a, const struct conf *conf);
void app_http_drop_agent(struct app *a, const struct agent *agent);
bool app_http_event(struct app *a, const struct board_event *ev);       /* false: not its kind */
void app_notified(struct app *a, struct link *k, const struct agent_event *ev);
/* app_records.c: AGENT_QUERY_RECORDS */
void app_query_records(struct app *a, struct link *k, const struct agent_event *ev);
/* app_reload.c: makes everything but the device as conf says. -errno: some of it could not be had (logged). */
int app_take_conf(struct app *a, const struct conf *conf);

#endif
