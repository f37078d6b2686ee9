/* SPDX-License-Identifier: MIT */
/* Changes the config of a running agent: reload and BasicParam. */
#include "agent/agent_impl.h"

#include <stdio.h>
#include <string.h>

static bool same_server(const struct agent_config *x, const struct agent_config *y)
{
    return strcmp(x->server_id, y->server_id) == 0 && strcmp(x->server_host, y->server_host) == 0 &&
           x->server_port == y->server_port && x->transport == y->transport;
}

static bool same_addr(const struct addr *x, const struct addr *y)
{
    return x->family == ADDR_NONE || y->family == ADDR_NONE ? x->family == y->family : addr_same(x, y);
}

static bool same_identity(const struct agent_config *x, const struct agent_config *y)
{
    return strcmp(x->domain, y->domain) == 0 && strcmp(x->username, y->username) == 0 &&
           strcmp(x->password, y->password) == 0 && x->sha256_only == y->sha256_only && x->expires_s == y->expires_s &&
           x->edition == y->edition && same_addr(&x->public_address, &y->public_address);
}

int agent_do_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now)
{
    struct agent_config old = a->ua.cfg;
    char old_id[GBID_SIZE];
    int renewed = 0;

    memcpy(old_id, a->ua.device_id, sizeof(old_id));
    memcpy(old.server_id, a->ua.configured.server_id, sizeof(old.server_id));
    old.edition = a->ua.configured.edition;
    ua_set_config(&a->ua, cfg);
    agent_rebuild_users(a);
    ua_sources_update(&a->ua);
    if (!same_server(&old, cfg) || strcmp(old_id, a->ua.device_id) != 0) {
        agent_on_registration(a, registration_relink(&a->reg, "server or device ID changed in the config"), now);
        renewed = 1;
    } else if (!same_identity(&old, cfg)) {
        agent_on_registration(a, registration_renew(&a->reg, now), now);
        renewed = 1;
    } else if (old.keepalive_interval_s != cfg->keepalive_interval_s) {
        keepalive_now(&a->keepalive, now);
    }
    memset(&old, 0, sizeof(old));
    return renewed;
}

void agent_do_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now)
{
    if (b->has_expiration) {
        a->ua.cfg.expires_s = b->expiration_s;
        registration_expires_changed(&a->reg);
    }
    if (b->has_count)
        a->ua.cfg.keepalive_count = b->count;
    if (b->has_interval) {
        a->ua.cfg.keepalive_interval_s = b->interval_s;
        keepalive_interval_changed(&a->keepalive, now);
    }
}
