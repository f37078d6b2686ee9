/* SPDX-License-Identifier: MIT */
/* The editions of GB/T 28181. What is sent follows the link's edition; what is accepted follows none. */
#ifndef MANSCDP_EDITION_H
#define MANSCDP_EDITION_H

enum gb_edition { GB_2011, GB_2016, GB_2022 };

#endif
