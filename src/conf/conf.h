/* SPDX-License-Identifier: MIT */
/* The config file: one table holds every key with type, bounds, default and help; it validates, prints the commented
 * example and feeds the man page. The only includer of inih. */
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
#define CONF_ITEMS_MAX 4096u        /* channels, alarm inputs and audio outputs */
#define CONF_SUBSTREAMS 3u          /* of a channel, beside its main stream */
#define CONF_SOURCE_SIZE 200u       /* a line holds no more */

/* Languages of the printed config and the man page; errors are in English. CONF_ZH: GBAGENT_ZH builds only. */
enum conf_lang { CONF_EN, CONF_ZH, CONF_LANGS };

struct conf_platform {
    struct agent_config agent;      /* name is the section's */
    char server_host[128];          /* name or literal */
    uint16_t server_port;
    uint16_t local_port;            /* 0 = the kernel chooses */
    char interface[16];             /* "" any; bound with SO_BINDTODEVICE, or by its address */
};

struct conf_channel {
    char id[GBID_SIZE];             /* index of the same item in device.item */
    char source[CONF_SOURCE_SIZE];  /* "BOARD:text" */
    char substream[CONF_SUBSTREAMS][CONF_SOURCE_SIZE];  /* the same of sub streams; "" = the board decides */
    char audio[CONF_SOURCE_SIZE];   /* the same of its sound; "" = none */
    unsigned fps, picture_timeout_s;
    unsigned line[CONF_SUBSTREAMS + 2u];    /* where source, source1 ... and audio stand; 0: nowhere */
};

/* [board NAME] of the board at the same place of board_table. */
struct conf_board {
    struct board_value *value;      /* for each of its keys, texts owned; NULL without keys */
    unsigned line;                  /* of the section; 0: it is not there */
};

/* ---- [http] ----------------------------------------------------------------------------- */

#define HTTP_ALLOW_MAX 16u
#define HTTP_HOST_SIZE 128u

/* Hosts by name and addresses by prefix. */
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
    char upgrade_manufacturer[64];      /* "" = the device's own */
    char ca_file[192];                  /* "" = the system's */
};

struct conf {
    struct conf_board *board;
    struct device_config device;    /* item is owned by the conf */
    struct device_item_config *item;
    struct conf_channel *channel;   /* one per item; the others have source "" */
    struct conf_platform *platform;
    unsigned nplatforms;
    int utc_offset_s;
    bool utc_offset_system;
    struct {
        uint16_t port_min, port_max;        /* 0 0: the kernel chooses */
        unsigned max_sessions;
        /* As the choices of conf_table.c: enum viewer_pacing, session_send, session_rtcp; 1 is '$' framing. */
        unsigned pacing, send, rtcp, tcp_framing;
        unsigned dscp, max_session_time, report_timeout;
    } media;
    char settings_path[256];        /* "" = in memory only */
    struct http_conf http;
    char control_socket[108];
    enum log_level log_level;
    char log_target[256];           /* stderr, syslog, or a file */
};

/* Messages "FILE:LINE: key: what was expected" go to `errors`, and "warning: FILE:LINE: ..." for what works but should
 * not be so. -EINVAL, -errno of the file, -ENOMEM. */
int conf_load(const char *path, FILE *errors, struct conf **out);
/* The same from an open stream; `name` stands for it in messages. */
int conf_read(const char *name, FILE *in, FILE *errors, struct conf **out);
void conf_free(struct conf *c);
/* For --check-config: "warning: FILE:LINE: KEY: ..." for what a config of that text, read from path, cannot do on this machine as
 * it is now. */
void conf_check(const struct conf *c, const char *path, FILE *out);
const struct board_ops *conf_board_ops(struct span source);     /* of "NAME:text"; NULL: it is not built in */
const struct board_value *conf_board_values(const struct conf *c, const struct board_ops *ops);    /* NULL: it has no keys */
/* board_ops.check, 0 without one. On an error why says something in any case. */
int conf_board_check(const struct conf *c, const struct board_ops *ops, const struct board_channel *ch, enum board_part part,
                     char why[BOARD_WHY_SIZE]);
/* What c tells the board `ops`, borrowing from c; the lists are the caller's to free by conf_board_config_free, also after an
 * error. -ENOMEM. */
int conf_board_config(const struct conf *c, const struct board_ops *ops, struct board_config *out);
void conf_board_config_free(struct board_config *cfg);
bool conf_board_same(const struct conf *a, const struct conf *b, const struct board_ops *ops);    /* their sections of it */
void conf_print_example(FILE *out, enum conf_lang lang);    /* in English: packaging/gbagent.conf */
void conf_print_boards(FILE *out, enum conf_lang lang);     /* what the boards of this program add to it */
void conf_print_man(FILE *out, enum conf_lang lang);        /* the keys in man format, for gbagent.conf(5) */

#endif
