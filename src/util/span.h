/* SPDX-License-Identifier: MIT */
/* A view of bytes that somebody else owns; never NUL terminated by promise. */
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

struct span span_of(const char *s);                     /* borrows a C string; NULL gives empty */
struct span span_trim(struct span s);                   /* blanks, tabs, CR, LF off both ends */
struct span span_from(struct span s, size_t offset);    /* the rest; empty past the end */
bool span_eq(struct span a, struct span b);
bool span_eq_str(struct span a, const char *s);
bool span_case_eq(struct span a, struct span b);        /* ASCII */
bool span_case_eq_str(struct span a, const char *s);
bool span_case_prefix(struct span s, const char *prefix);
/* Index of the first c, or s.n. */
size_t span_chr(struct span s, char c);
/* Cuts the next line (LF or CRLF ended, last one may lack it) off *rest. false at the end. */
bool span_line(struct span *rest, struct span *line);
/* Strict unsigned decimal: only digits, no sign, no overflow past max. 0, -EBADMSG, -ERANGE. */
int span_u64(struct span s, uint64_t max, uint64_t *out);
/* Copies and terminates; false (and an empty string) when it does not fit in size. */
bool span_copy(struct span s, char *dst, size_t size);
/* The same of UTF-8, cut behind the last whole character that fits. size > 0. */
void span_copy_cut(struct span s, char *dst, size_t size);

#endif
