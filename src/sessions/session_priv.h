/* SPDX-License-Identifier: MIT */
/* What the files session*.c share. Nobody else includes this. */
#ifndef SESSIONS_SESSION_PRIV_H
#define SESSIONS_SESSION_PRIV_H

#include "sessions/session.h"

struct session *session_find(const struct sessions *ss, uint32_t call);
const char *session_platform(const struct agent *a);
void session_free(struct session *s);
/* Remembered with the reason, freed. */
void session_over(struct session *s, const char *why);
/* BYE, remembered with the reason, freed. */
void session_fail(struct session *s, const char *why);
/* s->fd is connected: a viewer takes it. May end the session. */
void session_run(struct session *s);

/* session_rtcp.c: from the viewer's birth to just before its end. */
void session_rtcp_start(struct session *s);
void session_rtcp_end(struct session *s);

void session_connect(struct session *s);        /* active TCP, from the ACK on */
void session_listen(struct session *s);         /* passive TCP, from the answer on */
void session_accepted_start(struct session *s); /* passive TCP: the ACK came */

#endif
