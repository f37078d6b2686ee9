/* SPDX-License-Identifier: MIT */
/* What platforms ask and only the board or the settings know (AGENT_QUERY). */
#ifndef APP_ANSWERS_H
#define APP_ANSWERS_H

#include "agent/agent.h"

struct parts;
struct platform;

/* Answers before it returns. What is not known here is left to the router, which answers ERROR. */
void answers_query(struct parts *p, struct platform *pf, const struct agent_event *ev);

#endif
