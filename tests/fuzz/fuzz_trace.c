/* SPDX-License-Identifier: MIT */
/* Masking, and a stream of records as gbagentctl reads it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/mask.h"
#include "trace/pcap.h"
#include "trace/record.h"
#include "trace/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes become '*' or stay; line ends and blanks stay; nothing is left to be masked. The message ends where memory does. */
static void mask(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1), *again = malloc(size ? size : 1);

    if (copy && again) {
        memcpy(copy, data, size);
        mask_credentials(copy, size);
        for (size_t i = 0; i < size; i++)
            if (copy[i] != (char)data[i] && (copy[i] != '*' || strchr(" \t\r\n", (char)data[i] ? (char)data[i] : 'x')))
                abort();
        memcpy(again, copy, size);
        mask_credentials(again, size);
        if (size && memcmp(again, copy, size) != 0)
            abort();
    }
    free(copy);
    free(again);
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
