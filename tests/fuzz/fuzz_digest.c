/* SPDX-License-Identifier: MIT */
/* A WWW-Authenticate value; the resulting Authorization must be a well-formed header of limited size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No control bytes, no unbalanced quotes, no password. */
static void check(const char *text, size_t n)
{
    bool quoted = false;

    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)text[i] < 0x20 && text[i] != '\t')
            abort();
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
    }
    if (quoted || memmem(text, n, "TopSecret", 9))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct digest_request r = { SPAN_LIT("34020000001320000001"), SPAN_LIT("TopSecret"), SPAN_LIT("REGISTER"),
                                      SPAN_LIT("sip:34020000002000000001@3402000000"), SPAN_LIT("0a4f113b") };
    static char mem[8 * DIGEST_VALUE_MAX];
    struct digest_challenge c;
    struct buf b;
    char *copy = malloc(size ? size : 1);

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    if (!memmem(data, size, "TopSecret", 9) && !digest_challenge_parse(&c, (struct span){ copy, size })) {
        buf_init(&b, mem, sizeof(mem));
        if (c.realm.n > DIGEST_VALUE_MAX || c.nonce.n > DIGEST_VALUE_MAX || c.opaque.n > DIGEST_VALUE_MAX)
            abort();
        if (digest_authorization(&b, &c, &r) == 0)
            check(b.data, b.len);
        else
            abort();
    }
    free(copy);
    return 0;
}
