/* SPDX-License-Identifier: MIT */
/* Queries that only the board or the settings can answer (AGENT_QUERY). */
#ifndef APP_ANSWERS_H
#define APP_ANSWERS_H

#include "agent/agent.h"

struct parts;
struct platform;

/* Answers before it returns. Queries of unknown kinds are left to the router, which answers ERROR. */
void answers_query(struct parts *p, struct platform *pf, const struct agent_event *ev);

#endif
