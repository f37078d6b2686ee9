/* SPDX-License-Identifier: MIT */
/* What session.c and session_tcp.c share. Nobody else includes this. */
#ifndef SHELL_SESSION_PRIV_H
#define SHELL_SESSION_PRIV_H

#include "shell/session.h"

/* BYE, remembered with the reason, freed. */
void session_fail(struct session *s, const char *why);
/* s->fd is connected: a viewer takes it. May end the session. */
void session_run(struct session *s);

void session_connect(struct session *s);        /* active TCP, from the ACK on */
void session_listen(struct session *s);         /* passive TCP, from the answer on */
void session_accepted_start(struct session *s); /* passive TCP: the ACK came */

#endif
