/* SPDX-License-Identifier: MIT */
/* Where the modules of an agent find each other, so that each can be tested without the rest. */
#include "agent/agent_impl.h"

struct pager *agent_pager(struct agent *a)
{
    return &a->pager;
}

struct alarms *agent_alarms(struct agent *a)
{
    return &a->alarms;
}
