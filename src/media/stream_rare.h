/* SPDX-License-Identifier: MIT */
/* Inside a stream: what is not the usual way of a unit, by file. stream_priv.h includes this. */
#ifndef MEDIA_STREAM_RARE_H
#define MEDIA_STREAM_RARE_H

#include <stdbool.h>

#include "media/stream.h"

struct gb_unit;
struct plan;

/* stream_source.c; lost and set_state call the owner: nothing may follow. attach: -EBUSY: a second viewer of a source that is
 * not live. detach: after its leases were given back. */
int stream_attach(struct stream *s, struct viewer *v);
void stream_detach(struct stream *s, struct viewer *v);
void stream_source_ended(struct stream *s);
void stream_source_lost(struct stream *s, int err);
void stream_set_state(struct stream *s, enum stream_state state);
/* stream_silence.c. A source was opened; it is closed. What ends it calls the owner, from the loop. */
void stream_silence_begin(struct stream *s);
void stream_silence_end(struct stream *s);
void stream_silence_full(struct stream *s);     /* all leases have been out since full_us: that is no silence */
/* stream_laggards.c. All leases are out: false when nobody would gain by taking one from another. */
bool stream_make_room(struct stream *s);
/* stream_plans.c */
struct plan *stream_new_plan(struct stream *s);     /* NULL: no memory */
void stream_trim_plans(struct stream *s);           /* what nobody needed since the last key unit, but one */
void stream_free_plans(struct stream *s);           /* all are spare */
/* stream_declare.c. declare: of a key unit; what the PSM in it says. */
void stream_forget_program(struct stream *s);      /* the source was opened anew */
void stream_declare(struct stream *s, const struct plan *p);
void stream_note_unpackable(struct stream *s, const struct gb_unit *u, int err);
/* stream_program.c */
void stream_note_codec(struct stream *s, const struct plan *p);
void stream_note_faults(struct stream *s, const struct plan *p);
bool stream_is_undeclared(const struct stream *s, const struct gb_unit *u);

#endif
