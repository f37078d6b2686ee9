/* SPDX-License-Identifier: MIT */
/* Inside a viewer: what is not the usual way of a unit, a line for each file. viewer_priv.h includes this. */
#ifndef MEDIA_VIEWER_RARE_H
#define MEDIA_VIEWER_RARE_H

#include "media/plan.h"
#include "media/viewer.h"
#include "sys/loop.h"

/* viewer_laggard.c: false: the unit is not for this viewer. */
bool viewer_admits(struct viewer *v, const struct plan *p);
/* viewer_life.c */
void viewer_finish(struct viewer *v, enum viewer_end why);
void viewer_tell_end(struct viewer *v);
/* viewer_wait.c; send: from the cursor on, all that was queued or what the socket takes of it. */
void viewer_send(struct viewer *v);
void viewer_socket_ready(struct loop_fd *w, unsigned ready, void *arg);
void viewer_wait_writable(struct viewer *v);
void viewer_wait_until(struct viewer *v, uint64_t when_us);
void viewer_wait_over(struct viewer *v);
/* viewer_stats.c */
void viewer_rate_roll(struct viewer *v);            /* when rate_next_us has come */
void viewer_count_dropped(struct viewer *v, const struct plan *p, unsigned from_packet);
/* viewer_pace.c: how many packets may go now of a unit of many; until the next burst. */
unsigned viewer_pace(struct viewer *v, const struct plan *p, const struct packets *k);
void viewer_pace_wait(struct viewer *v, const struct plan *p);
/* viewer_udp_way.c: false: no more for now. err is positive. */
void viewer_udp_init(struct viewer *v);
int viewer_udp_send_runs(struct viewer *v, struct packets *k, unsigned n);     /* by GSO, of a unit in several messages */
int viewer_udp_send_each(struct viewer *v, struct packets *k, unsigned n);     /* by sendmsg */
bool viewer_udp_failed(struct viewer *v, int err);
void viewer_udp_input(struct viewer *v);
/* viewer_ring.c: what was queued or lies in the ring; what viewer_tcp_write says of an errno, and what follows from it. */
void viewer_tcp_send(struct viewer *v);
int viewer_tcp_failed(struct viewer *v, int err);
void viewer_tcp_wait(struct viewer *v, int err);
void viewer_tcp_stash(struct viewer *v, struct plan *p, int err);   /* live: from the cursor on into the ring, or dropped */
void viewer_tcp_flush(struct viewer *v);
void viewer_tcp_ring_free(struct viewer *v);
void viewer_tcp_rtcp(struct viewer *v, const uint8_t *data, size_t len);
void viewer_tcp_input(struct viewer *v);

#endif
