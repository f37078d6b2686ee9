/* SPDX-License-Identifier: MIT */
/* What the files of the app share. Nobody else includes this. */
#ifndef SHELL_APP_PRIV_H
#define SHELL_APP_PRIV_H

#include "shell/app.h"

/* Sends what agents have to send and acts on their events, then sleeps until the next is due. */
void app_turn(struct app *a);
/* app_reload.c: makes everything but the device as conf says. -errno: some of it could not be had (logged). */
int app_take_conf(struct app *a, const struct conf *conf);

#endif
