/* SPDX-License-Identifier: MIT */
/* The editions of GB/T 28181. Messages are sent in the platform's edition and accepted in any. */
#ifndef MANSCDP_EDITION_H
#define MANSCDP_EDITION_H

#include "codec/charset.h"

enum gb_edition { GB_2011, GB_2016, GB_2022 };

/* The charset that an edition requires for messages. */
static inline enum charset gb_edition_charset(enum gb_edition e)
{
    return e == GB_2022 ? CHARSET_GB18030 : CHARSET_GB2312;
}

#endif
