/* SPDX-License-Identifier: MIT */
/* SDP offer and Subject of an INVITE: checks the offer, and ends the calls that it replaces. */
#include "agent/call.h"

#include <errno.h>
#include <string.h>

#include "agent/call_priv.h"
#include "util/log.h"

/* Other sessions are refused with 488. */
static const bool session_supported[] = {
    [SDP_PLAY] = true,
    [SDP_PLAYBACK] = true,
    [SDP_DOWNLOAD] = true,
    [SDP_TALK] = false,
};

static bool is_history(const struct sdp_offer *offer)
{
    return offer->session == SDP_PLAYBACK || offer->session == SDP_DOWNLOAD;
}

static bool media_allowed(const struct calls *cs, const struct addr *media)
{
    for (unsigned i = 0; i < cs->ua->cfg.nmedia_allow; i++)
        if (cidr_has(&cs->ua->cfg.media_allow[i], media))
            return true;
    return false;
}

/* Media servers often have another address than the platform, so any unicast address is allowed; loopback, link-local
 * and our own only if the INVITE came from such an address. */
static bool destination_ok(const struct calls *cs, const struct sdp_offer *offer, const struct sip_origin *o)
{
    enum addr_class class = addr_classify(&offer->media);
    bool listens = offer->tcp && offer->setup == SDP_SETUP_ACTIVE;

    if (class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST || class == ADDR_BROADCAST)
        return false;
    if (!listens && offer->media.port < 1024)
        return false;
    if (media_allowed(cs, &offer->media))
        return true;
    /* The family must match as well: a platform on 127.0.0.1 cannot mean ::1. */
    if (class == ADDR_LOOPBACK || class == ADDR_LINK_LOCAL)
        return addr_classify(&o->from) == class && addr_family(&o->from) == addr_family(&offer->media);
    if (addr_same_ip(&offer->media, &cs->ua->local))
        return addr_same_ip(&o->from, &cs->ua->local);
    return true;
}

bool call_names_ssrc(const struct sdp_offer *offer)
{
    return offer->has_ssrc && offer->ssrc != 0;
}

void call_fill_ssrc(struct calls *cs, struct sdp_offer *offer)
{
    uint64_t ssrc = 0;

    if (call_names_ssrc(offer))
        return;
    sdp_ssrc_make(offer->ssrc_text, is_history(offer), span_of(cs->ua->cfg.server_id), 1 + ua_random(cs->ua) % 9999u);
    span_u64(span_of(offer->ssrc_text), UINT32_MAX, &ssrc);
    offer->ssrc = (uint32_t)ssrc;
    offer->has_ssrc = true;
}

/* The first part of Subject: "sender:sequence". */
static struct span subject_sender(const struct sip_scan *s)
{
    struct span value = { 0 };

    if (!sip_scan_header(s, "Subject", 0, &value))
        return value;
    value.n = span_chr(value, ',');
    return span_trim(value);
}

/* The stream number of live video if the SDP has none: a one-digit sequence of the sender. Longer ones are SSRCs or
 * record numbers. */
static int subject_stream(const struct sip_scan *s)
{
    struct span sender = subject_sender(s), sequence = span_trim(span_from(sender, span_chr(sender, ':') + 1));

    return sequence.n == 1 && sequence.p[0] >= '0' && sequence.p[0] <= '9' ? sequence.p[0] - '0' : -1;
}

unsigned call_check_offer(struct calls *cs, const struct sip_scan *s, const struct sip_origin *o,
                          struct sdp_offer *offer, char channel[GBID_SIZE], const struct gb_time *now)
{
    const struct device_item *item = device_channel_for(cs->ua->dev, s->target.user);
    int err;

    if (!item)
        item = device_channel_for(cs->ua->dev, s->to.user);
    if (!item)
        return 404;
    span_copy(span_of(item->cfg.id), channel, GBID_SIZE);
    if (s->body.n == 0)
        return 488;
    if (s->content_type.n > 0 && !span_case_eq_str(s->content_type, "application/sdp"))
        return 415;
    err = sdp_offer_parse(offer, s->body);
    if (err != 0) {
        if (is_history(offer))
            log_warn_gated(&cs->ua->refusals, now->mono_ms,
                           "%s: invite-refused channel=%s start=%llu stop=%llu reason=\"unsupported offer\"",
                           cs->ua->cfg.name, channel, (unsigned long long)offer->start,
                           (unsigned long long)offer->stop);
        return err == -EBADMSG ? 400 : 488;
    }
    /* u= names the channel of the recordings, even if the INVITE is addressed to the device. */
    item = is_history(offer) ? device_item_find(cs->ua->dev, span_of(offer->source)) : NULL;
    if (item && item->cfg.kind == DEVICE_CHANNEL)
        span_copy(span_of(item->cfg.id), channel, GBID_SIZE);
    if (offer->stream < 0 && offer->session == SDP_PLAY)
        offer->stream = subject_stream(s);
    if ((unsigned)offer->session >= sizeof(session_supported) || !session_supported[offer->session] || offer->audio ||
        (offer->format != SDP_FORMAT_PS && !offer->h264 && !offer->h265))
        return 488;
    if (!destination_ok(cs, offer, o)) {
        char text[ADDR_TEXT_MAX];
        addr_print(&offer->media, text);
        log_warn_gated(&cs->ua->refusals, now->mono_ms,
                       "%s: invite-refused channel=%s peer=%s reason=\"media destination not allowed\"",
                       cs->ua->cfg.name, channel, text);
        return 488;
    }
    return 0;
}

/* Subject: sender:sequence,receiver:sequence; 2016 annex M, 2022 annex K c. */
void call_subject_source(const struct sip_scan *s, char out[CALL_SOURCE_SIZE])
{
    struct span value = subject_sender(s), sequence = span_trim(span_from(value, span_chr(value, ':') + 1));
    bool zero = true;

    out[0] = '\0';
    for (size_t i = 0; i < sequence.n; i++)
        zero = zero && sequence.p[i] == '0';
    if (zero || span_chr(value, ':') == 0)
        return;
    span_copy(value, out, CALL_SOURCE_SIZE);
}

/* No number means the main stream. */
static int stream_number(const struct sdp_offer *offer)
{
    return offer->stream > 0 ? offer->stream : 0;
}

/* A media server may use one port for all viewers and tell them apart by SSRC. */
static bool same_ssrc(const struct call *c, const struct sdp_offer *offer)
{
    return c->any_ssrc || !call_names_ssrc(offer) || c->offer.ssrc == offer->ssrc;
}

/* c must be a call of the same channel. */
static bool same_content(const struct call *c, const struct sdp_offer *offer)
{
    return stream_number(&c->offer) == stream_number(offer) && c->offer.start == offer->start &&
           c->offer.stop == offer->stop && strcmp(c->offer.session_name, offer->session_name) == 0;
}

static bool same_stream(const struct call *c, const struct sdp_offer *offer)
{
    bool we_listen = offer->tcp && offer->setup == SDP_SETUP_ACTIVE;

    return !we_listen && same_content(c, offer) && c->offer.tcp == offer->tcp &&
           addr_same(&c->offer.media, &offer->media) && same_ssrc(c, offer);
}

/* The call was kept while the registration was in doubt; the platform may have lost it and call again. */
static bool is_kept(const struct call *c, const struct gb_time *now)
{
    return c->age <= c->calls->kept_age && now->mono_ms < c->calls->kept_until_ms;
}

void call_replace(struct calls *cs, const struct sdp_offer *offer, const char *channel, const char *source,
                  const struct gb_time *now)
{
    unsigned max = cs->ua->cfg.max_per_channel > 0 ? cs->ua->cfg.max_per_channel : 4, same = 0;
    struct call *oldest = NULL, *kept = NULL, *c, *next;
    bool replaced = false;

    while (source[0] != '\0' && (c = call_of_source(cs, source))) {
        call_stop(c, CALL_STOP_REPLACED, "new INVITE with the same Subject", now);
        replaced = true;
    }
    for (c = call_of_channel(cs, channel, NULL); c; c = next) {
        next = call_of_channel(cs, channel, c);
        if (same_stream(c, offer)) {
            call_stop(c, CALL_STOP_REPLACED, "new INVITE for the same stream", now);
            replaced = true;
            continue;
        }
        if (is_kept(c, now) && same_content(c, offer) && (!kept || c->age < kept->age))
            kept = c;
        same++;
        if (c->offer.session == SDP_PLAY && (!oldest || c->age < oldest->age))
            oldest = c;
    }
    if (kept && !replaced) {
        call_stop(kept, CALL_STOP_REPLACED, "new INVITE after an outage", now);
        return;
    }
    if (same < max || !oldest)
        return;
    call_refuse_pending(oldest, 486, now);
    call_hang_up(oldest, now);
    call_stop(oldest, CALL_STOP_REPLACED, "too many calls for the channel", now);
}
