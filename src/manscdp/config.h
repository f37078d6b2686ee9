/* SPDX-License-Identifier: MIT */
/* DeviceConfig and ConfigDownload (A.2.3.2, A.2.4.7, A.2.6): requests, answers, and stored blocks. */
#ifndef MANSCDP_CONFIG_H
#define MANSCDP_CONFIG_H

#include "gbagent/settings.h"
#include "manscdp/request.h"

/* Reads every known block of a DeviceConfig into u.config. 0; -ENOTSUP: no known block; the error of an invalid block
 * (see config_priv.h), which makes the whole request unusable; -ENOMEM. */
int config_decode(struct manscdp_request *r, const struct xml_node *root);
bool config_has_block(const struct xml_node *root); /* a known one */
/* Reads ConfigType into u.config.want; without one, BasicParam. 0, or -ENOTSUP: no known block. */
int config_download_decode(struct manscdp_request *r, const struct xml_node *root);

/* BasicParam in the answer to a ConfigDownload; texts are borrowed. */
struct config_basic {
    const char *name; /* of the requested ID */
    uint32_t expires_s, heartbeat_s, heartbeat_count;
    bool has_geo;               /* PositionCapability; before 2022 */
    bool has_position;          /* before 2022 */
    double longitude, latitude; /* degrees, WGS-84 */
};

/* Write the part of an answer after DeviceID: Result and the block. */
void config_basic_put(struct buf *b, enum gb_edition edition, const struct config_basic *basic);
void config_block_put(struct buf *b, const struct gb_setting *s);

const char *config_block_name(enum gb_block block);          /* as in ConfigType */
int config_block_find(struct span name, enum gb_block *out); /* 0, -ENOENT */

/* A block as one line of XML, for the settings file; not for BasicParam. */
void config_block_write(struct buf *b, const struct gb_setting *s);
int config_block_read(struct gb_setting *s, enum gb_block block, struct span text); /* as config_decode */

#endif
