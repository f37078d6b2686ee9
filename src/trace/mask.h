/* SPDX-License-Identifier: MIT */
/*
 * Credentials out of a SIP message that is shown to people: what proves that somebody knows a password, and passwords themselves.
 * Masked bytes become '*', so that every length stays true; blanks and line ends in them stay.
 *
 * - Authorization, Proxy-Authorization, Authentication-Info, Proxy-Authentication-Info: every parameter but username, realm, nonce,
 *   nextnonce, uri, algorithm, qop, nc and opaque; with a scheme other than Digest, everything behind the scheme
 * - Note (2016 annex H): every parameter but algorithm
 * - URLs: user:PASSWORD@host with any scheme, and values of secret query parameters
 * - XML: the content of elements and values of attributes with secret names
 *
 * A name is secret when it has passw, pwd, secret, token, signature or credential in it, or is pass or sign.
 */
#ifndef TRACE_MASK_H
#define TRACE_MASK_H

#include <stddef.h>

#define MASK_USERINFO_MAX 256u          /* of user:password as far as it is looked for behind characters that must not be in it */

/* In place, in time linear in n. Any bytes. */
void mask_credentials(char *message, size_t n);

#endif
