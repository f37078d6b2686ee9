/* SPDX-License-Identifier: MIT */
/* Recordings: what a platform orders while one is played, and how it ends. */
#include "sessions/session_priv.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "util/log.h"

#define DRAIN_POLL_US 50000u

/* ---- the end ------------------------------------------------------------------------------------------------ */

static void on_drain(struct loop_timer *t, void *arg);

static void tell_end(struct session *s)
{
    struct sessions *ss = s->set;
    struct gb_time now;

    loop_time(ss->loop, &now);
    log_info("%s: session %u of channel %s: the recording was sent to its end", session_platform(s->agent), s->call,
             s->channel);
    /* The media stays as it is until CALL_STOP: the platform's BYE, or ours. */
    if (agent_call_eof(s->agent, s->call, &now) < 0)
        session_fail(s, "the recording ended");
    else
        ss->kick(ss->arg);
}

/* MediaStatus would overtake the last pictures of a slow TCP connection, and the BYE that follows cut them off. */
static void drain(struct session *s)
{
    struct loop *l = s->set->loop;
    uint64_t now = loop_now_us(l);
    int unsent = 0;

    if (ioctl(s->sent_fd, SIOCOUTQ, &unsent) < 0)
        unsent = 0;
    if (unsent != s->unsent)
        s->unsent_us = now;
    s->unsent = unsent;
    if (unsent > 0 && now - s->unsent_us >= SESSION_DRAIN_US)
        session_fail(s, viewer_end_name(VIEWER_END_BLOCKED));
    else if (unsent <= 0 || loop_timer_at(l, &s->timer, now + DRAIN_POLL_US, on_drain, s) < 0)
        tell_end(s);
}

static void on_drain(struct loop_timer *t, void *arg)
{
    (void)t;
    drain(arg);
}

void session_played(struct session *s)
{
    if (playback_lost(s->playback)) {
        session_fail(s, "the recording cannot be read on");
        return;
    }
    s->state = SESSION_OVER;
    s->unsent = -1;
    drain(s);
}

/* ---- control ------------------------------------------------------------------------------------------------ */

unsigned session_play_control(struct session *s, const struct mansrtsp *m)
{
    const bool pause = m->verb == MANSRTSP_PAUSE, changed = s->paused != pause;
    unsigned status;

    if (s->state == SESSION_OVER)
        return 455;
    status = m->verb == MANSRTSP_PLAY ? playback_play(s->playback, m) : 200;
    if (status != 200)
        return status;
    s->paused = pause;
    if (changed && s->state == SESSION_RUNNING)
        session_limit(s);
    if (s->viewer)
        viewer_pause(s->viewer, s->paused);
    return 200;
}
