/* SPDX-License-Identifier: MIT */
/*
 * Masks credentials in a SIP message that is shown to people: passwords, and digests computed from them. Masked bytes
 * become '*', so lengths stay true; blanks and line ends are kept.
 *
 * - Authorization, Proxy-Authorization, Authentication-Info, Proxy-Authentication-Info: all parameters except
 *   username, realm, nonce, nextnonce, uri, algorithm, qop, nc and opaque; for schemes other than Digest, all that
 *   follows the scheme
 * - Note (2016 annex H): all parameters except algorithm
 * - URLs of any scheme: the password in user:password@host
 * - XML: the content of elements with a secret name
 * - anywhere: the value after a secret name and '=' or ':', such as an XML attribute, a parameter of a header field or
 *   URL, a line of SDP; also SDP's k= and inline:
 *
 * A name is secret if it contains passw, pwd, secret, token, signature, credential, apikey, accesskey, _key or -key, if
 * it ends with pass or sign, or if it is sig, in any case.
 */
#ifndef TRACE_MASK_H
#define TRACE_MASK_H

#include <stddef.h>

#define MASK_USERINFO_MAX 256u /* bytes searched for the '@' after an invalid '/', '?' or '#' in user:password */

/* Masks in place. The message may be malformed; the time is linear in n. */
void mask_credentials(char *message, size_t n);

#endif
