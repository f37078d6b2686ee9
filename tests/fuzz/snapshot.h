/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_SNAPSHOT_H
#define TESTS_FUZZ_SNAPSHOT_H

/*
 * A world that is set up once and is as new for every input. Whatever is allocated while one is recorded is remembered with
 * its contents, and put back at the same places. Until then a freed part is poisoned and not given back, so that a sanitizer
 * sees who uses it; what is allocated later is as ever. To be linked with --wrap=malloc,calloc,realloc,strdup,free.
 */
struct snapshot;

/* Begins to record; NULL when there is no memory. One at a time. */
struct snapshot *snapshot_record(void);
/* Ends it: this is how it shall be. -1 when it was too much to remember. */
int snapshot_keep(struct snapshot *s);
/* Everything is as it was kept. */
void snapshot_restore(struct snapshot *s);
/* Ends the process when a part was not freed since: that is a leak. */
void snapshot_check(const struct snapshot *s);

#endif
