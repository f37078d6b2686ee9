/* SPDX-License-Identifier: MIT */
#include "util/rng.h"

#include <string.h>

static uint32_t rotl(uint32_t v, unsigned n)
{
    return (v << n) | (v >> (32u - n));
}

static void quarter(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
    s[a] += s[b];
    s[d] = rotl(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = rotl(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = rotl(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = rotl(s[b] ^ s[c], 7);
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

/* One ChaCha20 block (RFC 8439); counter and nonce can be zero because each block has a new key. */
static void refill(struct rng *r)
{
    uint32_t start[16] = { 0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u };
    uint32_t s[16];

    memcpy(&start[4], r->key, sizeof(r->key));
    memcpy(s, start, sizeof(s));
    for (unsigned i = 0; i < 10; i++) {
        quarter(s, 0, 4, 8, 12);
        quarter(s, 1, 5, 9, 13);
        quarter(s, 2, 6, 10, 14);
        quarter(s, 3, 7, 11, 15);
        quarter(s, 0, 5, 10, 15);
        quarter(s, 1, 6, 11, 12);
        quarter(s, 2, 7, 8, 13);
        quarter(s, 3, 4, 9, 14);
    }
    for (unsigned i = 0; i < 16; i++)
        store32(&r->block[4 * i], s[i] + start[i]);
    for (unsigned i = 0; i < 8; i++)
        r->key[i] = load32(&r->block[4 * i]);
    memset(r->block, 0, 32);
    r->used = 32;
}

void rng_init(struct rng *r, const uint8_t seed[32])
{
    memset(r, 0, sizeof(*r));
    for (unsigned i = 0; i < 8; i++)
        r->key[i] = load32(&seed[4 * i]);
    r->used = sizeof(r->block);
}

void rng_bytes(struct rng *r, void *out, size_t n)
{
    uint8_t *p = out;

    while (n > 0) {
        if (r->used == sizeof(r->block))
            refill(r);
        size_t take = sizeof(r->block) - r->used;
        if (take > n)
            take = n;
        memcpy(p, &r->block[r->used], take);
        memset(&r->block[r->used], 0, take);
        r->used += take;
        p += take;
        n -= take;
    }
}

uint32_t rng_u32(struct rng *r)
{
    uint8_t b[4];

    rng_bytes(r, b, sizeof(b));
    return load32(b);
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t high = rng_u32(r);

    return high << 32 | rng_u32(r);
}

uint64_t rng_range(struct rng *r, uint64_t low, uint64_t high)
{
    uint64_t span = high - low;

    if (span == UINT64_MAX)
        return rng_u64(r);
    /* Ranges are small, so the modulo bias is negligible. */
    return low + rng_u64(r) % (span + 1);
}

void rng_hex(struct rng *r, char *out, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t byte = 0;

    for (size_t i = 0; i < n; i++) {
        if ((i & 1) == 0)
            rng_bytes(r, &byte, 1);
        out[i] = digit[(i & 1) == 0 ? byte >> 4 : byte & 15];
    }
    out[n] = '\0';
}
