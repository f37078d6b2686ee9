/* SPDX-License-Identifier: MIT */
/* Shared by conf*.c: conf.c (loading), conf_file.c (lines, inih), conf_section.c (sections and their keys),
 * conf_board.c (keys declared by boards), conf_table.c (the table of keys), conf_value.c and conf_commands.c (types
 * of values), conf_message.c (errors and warnings), conf_print.c (example and man page), conf_check.c (checks of
 * this machine). */
#ifndef CONF_CONF_PRIV_H
#define CONF_CONF_PRIV_H

#include "conf/conf.h"
#include "util/buf.h"
#include "util/span.h"

enum conf_section {
    CONF_DEVICE,
    CONF_PLATFORM,
    CONF_CHANNEL,
    CONF_ALARM,
    CONF_AUDIO,
    CONF_MEDIA,
    CONF_CONTROL,
    CONF_HTTP,
    CONF_LOG,
    CONF_BOARD,
    CONF_SECTIONS
};
enum conf_naming { CONF_UNNAMED, CONF_NAMED, CONF_BY_ID };

/* A row's help, and any other text that --print-config and the man pages have in both languages. */
#ifdef GBAGENT_ZH
#define HELP(en, zh)            .help = { en, zh }
#define CONF_TEXT(lang, en, zh) ((lang) == CONF_ZH ? (zh) : (en))
#else
#define HELP(en, zh)            .help = { en }
#define CONF_TEXT(lang, en, zh) ((lang) == CONF_EN ? (en) : (en))
#endif

struct conf_section_info {
    const char *name;
    enum conf_naming naming; /* CONF_UNNAMED sections are allowed once */
    const char *help[CONF_LANGS];
    const char *example; /* name or ID in the printed example */
    bool example_off;    /* commented out there */
};

/* Keys of [media] that are copied to every platform. */
struct conf_shared {
    uint32_t max_per_channel;
    struct cidr allow[AGENT_CIDRS_MAX];
    unsigned nallow;
};

enum conf_base { CONF_IN_CONF, CONF_IN_PLATFORM, CONF_IN_ITEM, CONF_IN_CHANNEL, CONF_IN_SHARED, CONF_BASES };

struct conf_key;

/* A type of values. set: 0, or -EINVAL if text does not match expect; base: the struct that offsets refer to.
 * expect: the valid values as text, for errors, example and man page. */
struct conf_type {
    int (*set)(const struct conf_key *k, char *base, struct span text);
    void (*expect)(const struct conf_key *k, enum conf_lang lang, struct buf *out);
};

struct conf_key {
    enum conf_section section;
    const char *key;
    const struct conf_type *type;
    enum conf_base base;
    size_t offset, size;
    size_t count_offset; /* lists: of their unsigned count */
    uint64_t min, max;
    const char *const *choice; /* NULL terminated, in the order of the enum */
    const char *def;           /* "" = empty, or as help says; NULL = required */
    const char *help[CONF_LANGS];
    const char *example; /* an active line in the printed example */
    const char *expect;  /* instead of the type's text; may be NULL */
    bool secret;         /* never printed */
};

extern const struct conf_section_info conf_section_table[CONF_SECTIONS];
extern const struct conf_key conf_key_table[];
extern const size_t conf_key_count;
#define CONF_KEYS_MAX 160u

extern const struct conf_type conf_commands; /* conf_commands.c: control_deny and config_deny of a conf_platform */
extern const struct conf_type conf_text, conf_word, conf_id, conf_uint, conf_code, conf_bool, conf_choice, conf_degrees,
    conf_cidrs, conf_address, conf_server, conf_zone, conf_latch, conf_charset, conf_level, conf_path, conf_maybe_path,
    conf_target, conf_source, conf_hosts;

#define CONF_LINE_MAX   199u /* bytes of a line without its end; inih's limit */
#define CONF_WORD_MAX   49u  /* bytes of section and key names; inih's limit */
#define CONF_BYTES_MAX  (16u * 1024u * 1024u)
#define CONF_ERRORS_MAX 50u /* reading stops after this many */

/* A file being read. */
struct conf_state {
    const char *file; /* for messages */
    FILE *in, *errors;
    unsigned line, nerrors;
    size_t bytes;
    bool end, no_memory; /* reading has stopped */
    struct conf *conf;
    struct conf_shared shared;
    unsigned nitems, items_cap, platforms_cap;
    /* The current section; NULL before the first one and in an invalid one. */
    const struct conf_section_info *section;
    bool any_section;
    unsigned section_line;
    unsigned once[CONF_SECTIONS]; /* line where that kind was first seen */
    char *base[CONF_BASES];
    unsigned key_line[CONF_KEYS_MAX]; /* 0: not in this section yet */
    unsigned platform_id_line[CONF_PLATFORMS_MAX];
    unsigned board;                      /* of [board NAME]: index in board_table */
    unsigned board_line[BOARD_KEYS_MAX]; /* as key_line */
};

/* conf_message.c */
void conf_error(struct conf_state *st, unsigned line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void conf_warn(struct conf_state *st, unsigned line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "KEY: expected ..., not GOT". Secrets are not printed. */
void conf_expected(struct conf_state *st, unsigned line, const struct conf_key *k, struct span got);
/* "KEY: missing, expected ..."; where: "" or " in ...". */
void conf_missing(struct conf_state *st, unsigned line, const struct conf_key *k, const char *where);
void conf_expect(const struct conf_key *k, enum conf_lang lang, struct buf *out); /* the valid values, as text */

/* conf_section.c */
void conf_set_defaults(struct conf_state *st, enum conf_section section);
void conf_value(struct conf_state *st, const char *key, struct span value);
int conf_section_begin(struct conf_state *st, struct span header); /* text between the brackets. -ENOMEM */
void conf_section_end(struct conf_state *st);

/* conf_board.c */
/* Target of conf_type.set for keys of boards, whose rows conf_board_key() converts to struct conf_key. */
struct conf_board_slot {
    uint64_t number;
    char text[CONF_SOURCE_SIZE];
};
void conf_board_key(const struct board_key *k, struct conf_key *out);
/* Allocates the values of all boards, with their defaults. -ENOMEM. */
int conf_boards_new(struct conf_state *st);
void conf_boards_free(struct conf *c);
void conf_board_unknown(struct conf_state *st, const char *key, struct span name);
int conf_board_begin(struct conf_state *st, struct span name); /* 1 begun, 0 invalid and reported */
void conf_board_value(struct conf_state *st, const char *key, struct span value);
void conf_board_end(struct conf_state *st);
/* Checks a `source =` or `audio =` of a board in this build. */
void conf_board_text(struct conf_state *st, unsigned line, const char *key, const char *source);
void conf_boards_finish(struct conf_state *st); /* reports missing sections */

/* conf_file.c: parses the whole file with inih, calling conf_section.c. 0 or -ENOMEM; errors are counted in st. */
int conf_file_parse(struct conf_state *st);

#endif
