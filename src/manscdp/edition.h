/* SPDX-License-Identifier: MIT */
/* The editions of GB/T 28181. What is sent follows the link's edition; what is accepted follows none. */
#ifndef MANSCDP_EDITION_H
#define MANSCDP_EDITION_H

#include "codec/charset.h"

enum gb_edition { GB_2011, GB_2016, GB_2022 };

/* The charset of messages that an edition asks for. */
static inline enum charset gb_edition_charset(enum gb_edition e)
{
    return e == GB_2022 ? CHARSET_GB18030 : CHARSET_GB2312;
}

#endif
