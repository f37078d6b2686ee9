/* SPDX-License-Identifier: MIT */
/* Masking, and the stream of records that gbagentctl reads. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/mask.h"
#include "trace/pcap.h"
#include "trace/record.h"
#include "trace/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "oPeNsEsAmE"

/* Appended to the input, on lines of their own. */
static const char tail[] = "\r\nAuthorization: Digest username=\"a\", response=\"" SECRET
                           "\"\r\nNote: Digest nonce=\"" SECRET "\"\r\n"
                           "<A>ftp://user:" SECRET "@host/</A>\r\n<Password>" SECRET "</Password>\r\n";

/* Each byte is kept or becomes '*', blanks and line ends are kept, and no secret remains. Nothing follows the message
 * in memory. */
static void mask(const uint8_t *data, size_t size)
{
    const size_t n = size + sizeof(tail) - 1;
    char *copy = malloc(n);

    if (!copy)
        return;
    memcpy(copy, data, size);
    memcpy(copy + size, tail, n - size);
    mask_credentials(copy, n);
    for (size_t i = 0; i < n; i++) {
        const char was = i < size ? (char)data[i] : tail[i - size];

        if (copy[i] != was && (copy[i] != '*' || was == ' ' || was == '\t' || was == '\r' || was == '\n'))
            abort();
    }
    if (memmem(copy + size, n - size, SECRET, sizeof(SECRET) - 1))
        abort();
    free(copy);
}

static void check_text(struct span rest)
{
    char line[TRACE_TEXT_MAX];
    size_t before = rest.n;

    while (trace_text_line(&rest, line)) {
        if (rest.n >= before || strlen(line) >= sizeof(line))
            abort();
        before = rest.n;
        for (const char *p = line; *p; p++)
            if ((unsigned char)*p < 0x20 || *p == 0x7f)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t packets[PCAP_RECORD_MAX];
    static struct pcap pcap;
    struct trace_record r;
    char *copy = malloc(size ? size : 1), line[TRACE_TEXT_MAX], head[TRACE_HEAD_MAX];
    struct span rest = { copy, size };
    uint64_t lost;

    mask(data, size);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    check_text(rest);
    while (trace_record_next(&rest, &r, &lost) > 0) {
        if (lost)
            continue;
        if (r.message.n > TRACE_MESSAGE_MAX || pcap_record(&pcap, &r, packets) > sizeof(packets))
            abort();
        if (trace_record_head(&r, head) >= sizeof(head))
            abort();
        trace_text_head(&r, line);
        check_text(r.message);
    }
    free(copy);
    return 0;
}
