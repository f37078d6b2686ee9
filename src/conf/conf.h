/* SPDX-License-Identifier: MIT */
/* The config file. One table has every key with its type, bounds, default and help; it is used to parse the file,
 * and to print the commented example and the man page. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/agent.h"
#include "device/device.h"
#include "gbagent/board.h"
#include "util/addr.h"
#include "util/log.h"

#ifndef GBAGENT_SYSCONFDIR
#define GBAGENT_SYSCONFDIR "/etc"
#endif
#ifndef GBAGENT_RUNDIR
#define GBAGENT_RUNDIR "/run"
#endif
#ifndef GBAGENT_STATEDIR
#define GBAGENT_STATEDIR "/var/lib/gbagent"
#endif
#define CONF_DEFAULT_PATH GBAGENT_SYSCONFDIR "/gbagent.conf"

#define CONF_PLATFORMS_MAX 16u
#define CONF_ITEMS_MAX     4096u /* channels, alarm inputs and audio outputs */
#define CONF_SUBSTREAMS    3u    /* of a channel, in addition to the main stream */
#define CONF_SOURCE_SIZE   200u  /* limited by the length of a line */

/* Languages of the printed config and the man page; errors are in English. Without Chinese texts both are the same. */
#ifdef GBAGENT_ZH
enum conf_lang { CONF_EN, CONF_ZH, CONF_LANGS };
#else
enum conf_lang { CONF_EN, CONF_ZH = CONF_EN, CONF_LANGS };
#endif

struct conf_platform {
    struct agent_config agent; /* name is the section's */
    char server_host[128];     /* name or literal */
    uint16_t server_port;
    uint16_t local_port; /* 0 = chosen by the kernel */
    char interface[16];  /* "" any; bound with SO_BINDTODEVICE, or by its address */
};

struct conf_channel {
    char id[GBID_SIZE];                                /* index of the same item in device.item */
    char source[CONF_SOURCE_SIZE];                     /* "BOARD:text" */
    char substream[CONF_SUBSTREAMS][CONF_SOURCE_SIZE]; /* sub streams; "" = chosen by the board */
    char audio[CONF_SOURCE_SIZE];                      /* "" = none */
    unsigned fps, picture_timeout_s;
    unsigned line[CONF_SUBSTREAMS + 2u]; /* lines of source, source1 ... and audio; 0: missing */
};

/* [board NAME] of the board with the same index in board_table. */
struct conf_board {
    struct board_value *value; /* for each of its keys, texts owned; NULL without keys */
    unsigned line;             /* of the section; 0: missing */
};

/* ---- [http] ----------------------------------------------------------------------------- */

#define HTTP_ALLOW_MAX 16u
#define HTTP_HOST_SIZE 128u

/* Allowed hosts by name, and addresses by prefix. */
struct http_allow {
    struct cidr cidr[HTTP_ALLOW_MAX];
    char host[HTTP_ALLOW_MAX][HTTP_HOST_SIZE];
    unsigned ncidr, nhost;
};

enum http_upload { HTTP_UPLOAD_PUT, HTTP_UPLOAD_POST, HTTP_UPLOAD_MULTIPART };

struct http_conf {
    struct http_allow allow;
    enum http_upload upload;
    uint32_t stall_s;
    uint32_t upgrade_max_mb;
    char upgrade_dir[192];
    char upgrade_manufacturer[64]; /* "" = the device's own */
    char ca_file[192];             /* "" = the system's */
};

struct conf {
    struct conf_board *board;
    struct device_config device; /* its items are owned by the conf */
    struct device_item_config *item;
    struct conf_channel *channel; /* one per item; those that are not channels have source "" */
    struct conf_platform *platform;
    unsigned nplatforms;
    int utc_offset_s;
    bool utc_offset_system;
    struct {
        uint16_t port_min, port_max; /* 0 0: chosen by the kernel */
        unsigned max_sessions;
        /* Choices of conf_table.c: enum viewer_pacing, session_send, session_rtcp; tcp_framing 1: '$' framing. */
        unsigned pacing, send, rtcp, tcp_framing;
        unsigned dscp, max_session_time, report_timeout;
    } media;
    char settings_path[256]; /* "" = in memory only */
    struct http_conf http;
    char control_socket[108];
    enum log_level log_level;
    char log_target[256]; /* stderr, syslog, or a file */
};

/* Prints errors "FILE:LINE: TEXT" and warnings "warning: FILE:LINE: TEXT" to `errors` (NULL: nowhere). -EINVAL,
 * -errno of the file, -ENOMEM. */
int conf_load(const char *path, FILE *errors, struct conf **out);
/* The same for an open stream; `name` is used in messages. */
int conf_read(const char *name, FILE *in, FILE *errors, struct conf **out);
void conf_free(struct conf *c);
/* For --check-config: prints warnings where the config, read from path, does not fit the present state of this
 * machine. */
void conf_check(const struct conf *c, const char *path, FILE *out);
const struct board_ops *conf_board_ops(struct span source); /* of "NAME:text"; NULL: not in this build */
/* Calls board_ops.check; 0 without one. On errors, why is never empty. */
int conf_board_check(const struct conf *c, const struct board_ops *ops, const struct board_channel *ch,
                     enum board_part part, char why[BOARD_WHY_SIZE]);
/* The config of a board. Borrows from c; the caller frees the lists with conf_board_config_free(), also after an error.
 * -ENOMEM. */
int conf_board_config(const struct conf *c, const struct board_ops *ops, struct board_config *out);
void conf_board_config_free(struct board_config *cfg);
bool conf_board_same(const struct conf *a, const struct conf *b, const struct board_ops *ops); /* [board NAME] */
void conf_print_example(FILE *out, enum conf_lang lang); /* in English: packaging/gbagent.conf */
void conf_print_boards(FILE *out, enum conf_lang lang);  /* the boards of this build */
void conf_print_man(FILE *out, enum conf_lang lang);     /* the keys in man format, for gbagent.conf(5) */

#endif
