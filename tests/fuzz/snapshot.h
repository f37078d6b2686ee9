/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_SNAPSHOT_H
#define TESTS_FUZZ_SNAPSHOT_H

/*
 * Sets up a fixture once and restores it for each input. Allocations made while recording are saved with their contents
 * and restored at the same addresses. Until then, a freed one is poisoned rather than released, so that sanitizers
 * detect its use. Later allocations are not affected. Link with --wrap=malloc,calloc,realloc,strdup,free.
 */
struct snapshot;

/* Starts recording; NULL: out of memory. One at a time. */
struct snapshot *snapshot_record(void);
/* Stops recording and saves the state. 0, or -1: too many allocations or out of memory. */
int snapshot_keep(struct snapshot *s);
/* Restores the saved state. */
void snapshot_restore(struct snapshot *s);
/* Aborts if an allocation was not freed since then (a leak). */
void snapshot_check(const struct snapshot *s);

#endif
