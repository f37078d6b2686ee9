/* SPDX-License-Identifier: MIT */
/* DeviceConfig and ConfigDownload (A.2.3.2, A.2.4.7, A.2.6): requests, answers, and the blocks on their own. */
#ifndef MANSCDP_CONFIG_H
#define MANSCDP_CONFIG_H

#include "gbagent/settings.h"
#include "manscdp/request.h"

/* Every block of a DeviceConfig, in u.config. -ENOTSUP: there is none that we know; the error of a block that cannot be
 * used: none of them is then. -ENOMEM. */
int config_decode(struct manscdp_request *r, const struct xml_node *root);
bool config_has_block(const struct xml_node *root);             /* one that we know */
/* u.config.want: the types asked for. No ConfigType at all counts as BasicParam. */
int config_download_decode(struct manscdp_request *r, const struct xml_node *root);

/* BasicParam as a ConfigDownload is answered with it; borrowed text. */
struct config_basic {
    const char *name;                   /* of the ID that was asked for */
    uint32_t expires_s, heartbeat_s, heartbeat_count;
    bool has_geo;                       /* older than 2022: PositionCapability, */
    bool has_position;                  /* and where it is */
    double longitude, latitude;
};

/* What follows DeviceID in the answer for a block: BasicParam is made of the link's own, any other is its setting. */
void config_basic_put(struct buf *b, enum gb_edition edition, const struct config_basic *basic);
void config_block_put(struct buf *b, const struct gb_setting *s);

const char *config_block_name(enum gb_block block);             /* as in ConfigType */
int config_block_find(struct span name, enum gb_block *out);    /* -ENOENT */

/* A block as one line of XML, as it is kept between starts. BasicParam is not. */
void config_block_write(struct buf *b, const struct gb_setting *s);
int config_block_read(struct gb_setting *s, enum gb_block block, struct span text);    /* as config_decode */

#endif
