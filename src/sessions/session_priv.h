/* SPDX-License-Identifier: MIT */
/* Shared by session*.c; private to them. */
#ifndef SESSIONS_SESSION_PRIV_H
#define SESSIONS_SESSION_PRIV_H

#include "sessions/session.h"

struct session *session_find(const struct sessions *ss, uint32_t call);
const char *session_platform(const struct agent *a);
void session_free(struct session *s);
/* Logs and records the reason, and frees s. */
void session_over(struct session *s, const char *reason);
/* The same, and sends BYE. */
void session_fail(struct session *s, const char *reason);
/* s->fd is connected: passes it to a viewer. May end the session. */
void session_run(struct session *s);

/* session_rtcp.c: after the viewer was created, and before it is removed. */
void session_rtcp_start(struct session *s);
void session_rtcp_end(struct session *s);

void session_connect(struct session *s);        /* active TCP, after the ACK */
void session_listen(struct session *s);         /* passive TCP, after the answer */
void session_accepted_start(struct session *s); /* passive TCP, after the ACK */

#endif
