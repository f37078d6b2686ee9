/* SPDX-License-Identifier: MIT */
/* Where the modules of an agent find each other, so that each can be tested without the rest. */
#include "agent/agent_parts.h"

#include "agent/agent_impl.h"

struct pager *agent_pager(struct ua *u)
{
    return &agent_of(u)->pager;
}

struct alarms *agent_alarms(struct ua *u)
{
    return &agent_of(u)->alarms;
}
