/* SPDX-License-Identifier: MIT */
/* A cryptographic random number generator seeded with 32 bytes: ChaCha20 with fast key erasure, so the state never
 * reveals earlier output. */
#ifndef UTIL_RNG_H
#define UTIL_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint32_t key[8];
    uint8_t block[64];
    size_t used; /* bytes of block already handed out */
};

void rng_init(struct rng *r, const uint8_t seed[32]);
void rng_bytes(struct rng *r, void *out, size_t n);
uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);
/* Uniform from low to high inclusive; low <= high. */
uint64_t rng_range(struct rng *r, uint64_t low, uint64_t high);
/* Writes n lower-case hex digits and NUL: n + 1 bytes. */
void rng_hex(struct rng *r, char *out, size_t n);

#endif
