/* SPDX-License-Identifier: MIT */
/* Our requests within a call: BYE, and MediaStatus at the end of a recording. */
#include "agent/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/call_priv.h"
#include "manscdp/media_status.h"
#include "sip/dialog.h"
#include "util/log.h"

#define BODY_MAX 512u

static int send_inside(struct call *c, enum sip_method method, struct client_tx_new *tx, struct span body,
                       const struct gb_time *now)
{
    struct calls *cs = c->calls;
    struct sip_dialog_request d;
    struct sip_origin o;
    struct sip_scan s;
    int err;

    if (call_rescan(c, &c->dialog, &s, &o) != 0)
        return -ENOENT;
    err = sip_dialog_request(&d, method, &s, c->local_tag, cs->ua->cfg.server_id, &c->peer);
    if (err)
        return err;
    d.r.cseq = ++c->local_cseq;
    d.r.content_type = MANSCDP_CONTENT_TYPE;
    d.r.body = body;
    tx->link = c->link;
    tx->to = c->peer;
    return ua_send_request(cs->ua, &d.r, tx, now);
}

void call_send_bye(struct call *c, const struct gb_time *now)
{
    struct client_tx_new tx = { .kind = CLIENT_TX_BYE };
    const int err = send_inside(c, SIP_BYE, &tx, (struct span){ 0 }, now);

    if (err)
        log_warn("%s: bye-failed call=%u channel=%s reason=\"%s\"", c->calls->ua->cfg.name, (unsigned)c->number,
                 c->channel, strerror(-err));
}

int call_eof(struct calls *cs, uint32_t call, const struct gb_time *now)
{
    struct client_tx_new tx = { .kind = CLIENT_TX_MESSAGE, .purpose = MESSAGE_MEDIA_STATUS, .ref = call };
    struct call *c = call_find(cs, call);
    char text[BODY_MAX];
    struct buf body;
    int err;

    if (!c || c->state != CALL_RUNNING)
        return -ENOENT;
    if (c->bye_ms != UINT64_MAX)
        return -EALREADY;
    buf_init(&body, text, sizeof(text));
    media_status_put(&body, cs->ua->cfg.charset, ua_next_sn(cs->ua), c->channel);
    /* ASCII only, the same in every charset. */
    err = send_inside(c, SIP_MESSAGE, &tx, buf_view(&body), now);
    if (err)
        log_warn("%s: media-status-failed call=%u channel=%s reason=\"%s\"", cs->ua->cfg.name, (unsigned)c->number,
                 c->channel, strerror(-err));
    c->bye_ms = err ? now->mono_ms : now->mono_ms + CALL_EOF_MS;
    return 0;
}

void call_media_status_done(const struct calls *cs, uint32_t call, int status)
{
    if (status / 100 != 2)
        log_info("%s: media-status-refused call=%u status=%d", cs->ua->cfg.name, (unsigned)call, status);
}
