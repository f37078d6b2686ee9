/* SPDX-License-Identifier: MIT */
/* Query ConfigDownload (A.2.4, A.2.6): BasicParam. */
#ifndef MANSCDP_CONFIG_H
#define MANSCDP_CONFIG_H

#include "manscdp/message.h"

/* No ConfigType at all counts as BasicParam. -ENOTSUP: none of the types asked for is known here. */
int config_download_decode(struct manscdp_request *r, const struct xml_node *root);
void config_download_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f);

#endif
