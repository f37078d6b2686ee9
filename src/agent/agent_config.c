/* SPDX-License-Identifier: MIT */
/* What an agent is configured to do, and what of it is in force. */
#include "agent/agent_impl.h"

#include <stdio.h>
#include <string.h>

void agent_put_in_force(struct agent *a)
{
    const struct redirect *to = &a->reg.redirect;
    struct agent_config *c = &a->cfg;

    snprintf(c->server_id, sizeof(c->server_id), "%s", to->active ? to->id : a->configured.server_id);
    c->edition = a->configured.edition;
    if (a->peer_known && a->peer_edition < c->edition)
        c->edition = a->peer_edition;
    c->charset = a->configured.charset;
    if (c->charset_by_edition && c->edition != a->configured.edition)
        c->charset = gb_edition_charset(c->edition);
    /* A configured domain is the redirecting server's. */
    if (c->domain[0] != '\0' && !to->active)
        snprintf(a->domain, sizeof(a->domain), "%s", c->domain);
    else
        gbid_domain(span_of(c->server_id), a->domain);
    if (a->domain[0] == '\0')
        snprintf(a->domain, sizeof(a->domain), "%s", c->server_host);
}

bool agent_is_platform(const struct agent *a, struct span id)
{
    return span_eq_str(id, a->cfg.server_id) || span_eq_str(id, a->configured.server_id);
}

void agent_take_config(struct agent *a, const struct agent_config *cfg)
{
    a->cfg = *cfg;
    memcpy(a->configured.server_id, cfg->server_id, sizeof(a->configured.server_id));
    a->configured.edition = cfg->edition;
    a->configured.charset = cfg->charset;
    snprintf(a->device_id, sizeof(a->device_id), "%s", device_config(a->dev)->id);
    agent_put_in_force(a);
}

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
           strcmp(x->password, y->password) == 0 && x->sha256_only == y->sha256_only &&
           x->expires_s == y->expires_s && x->edition == y->edition &&
           same_addr(&x->public_address, &y->public_address);
}

int agent_do_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now)
{
    struct agent_config old = a->cfg;
    char old_id[GBID_SIZE];
    int rc = 0;

    memcpy(old_id, a->device_id, sizeof(old_id));
    memcpy(old.server_id, a->configured.server_id, sizeof(old.server_id));
    old.edition = a->configured.edition;
    agent_take_config(a, cfg);
    agent_rebuild_users(a);
    agent_sources_update(a);
    if (!same_server(&old, cfg) || strcmp(old_id, a->device_id) != 0) {
        registration_relink(a, "the configuration names another server", now);
        rc = 1;
    } else if (!same_identity(&old, cfg)) {
        registration_renew(a, now);
        rc = 1;
    } else if (old.keepalive_interval_s != cfg->keepalive_interval_s) {
        keepalive_now(a, now);
    }
    memset(&old, 0, sizeof(old));
    return rc;
}

void agent_do_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now)
{
    if (b->has_expiration)
        a->reg.asked_s = a->cfg.expires_s = b->expiration_s;
    if (b->has_count)
        a->cfg.keepalive_count = b->count;
    if (b->has_interval) {
        a->cfg.keepalive_interval_s = b->interval_s;
        keepalive_interval_changed(a, now);
    }
}
