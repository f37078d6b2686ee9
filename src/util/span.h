/* SPDX-License-Identifier: MIT */
/* A borrowed view of bytes, not necessarily NUL terminated. */
#ifndef UTIL_SPAN_H
#define UTIL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *p;
    size_t n;
};

#define SPAN_LIT(s) ((struct span){ (s), sizeof(s) - 1 })

struct span span_of(const char *s);                  /* borrows a C string; empty for NULL */
struct span span_trim(struct span s);                /* without blanks, tabs, CR and LF at both ends */
struct span span_from(struct span s, size_t offset); /* from offset to the end; empty past the end */
bool span_eq(struct span a, struct span b);
bool span_eq_str(struct span a, const char *s);
bool span_case_eq(struct span a, struct span b); /* ASCII letters only */
bool span_case_eq_str(struct span a, const char *s);
bool span_case_prefix(struct span s, const char *prefix);
/* Index of the first c; s.n if there is none. */
size_t span_chr(struct span s, char c);
/* Removes the next line from *rest; *line is without its LF or CRLF, which the last line may lack. false at the end. */
bool span_line(struct span *rest, struct span *line);
/* A decimal number of digits only. 0, -EBADMSG (empty, or another character), -ERANGE (more than max). */
int span_u64(struct span s, uint64_t max, uint64_t *out);
/* Copies and NUL-terminates; false, and an empty string, if it does not fit into size bytes. */
bool span_copy(struct span s, char *dst, size_t size);
/* Copies UTF-8, truncated after the last whole character that fits. size > 0. */
void span_copy_cut(struct span s, char *dst, size_t size);

#endif
