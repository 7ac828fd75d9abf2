// BLAKE3's compression function in plain C (the BLAKE3 paper, section 2.2).
#include "kernels.h"

#include <string.h>

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint32_t little_endian(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/// The quarter-round G.
SHELF_INLINE void mix(uint32_t v[16], int a, int b, int c, int d, uint32_t x, uint32_t y) {
    v[a] += v[b] + x;
    v[d] = rotate(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = rotate(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 7);
}

void shelf_blake3_compress(uint32_t value[8], const uint8_t block[64], uint32_t length, uint64_t counter,
                           uint32_t flags) {
    uint32_t m[16], v[16];
    for (int i = 0; i < 16; i++) m[i] = little_endian(block + 4 * i);
    memcpy(v, value, 32);
    memcpy(v + 8, shelf_blake3_iv, 16);
    v[12] = (uint32_t)counter;
    v[13] = (uint32_t)(counter >> 32);
    v[14] = length;
    v[15] = flags;
#pragma GCC unroll 7
    for (int round = 0; round < 7; round++) {
        const uint8_t *order = shelf_blake3_order[round];
        mix(v, 0, 4, 8, 12, m[order[0]], m[order[1]]);
        mix(v, 1, 5, 9, 13, m[order[2]], m[order[3]]);
        mix(v, 2, 6, 10, 14, m[order[4]], m[order[5]]);
        mix(v, 3, 7, 11, 15, m[order[6]], m[order[7]]);
        mix(v, 0, 5, 10, 15, m[order[8]], m[order[9]]);
        mix(v, 1, 6, 11, 12, m[order[10]], m[order[11]]);
        mix(v, 2, 7, 8, 13, m[order[12]], m[order[13]]);
        mix(v, 3, 4, 9, 14, m[order[14]], m[order[15]]);
    }
    for (int i = 0; i < 8; i++) value[i] = v[i] ^ v[i + 8];
}

void shelf_blake3_lanes_portable(const shelf_blake3_job *job) {
    for (size_t lane = 0; lane < job->count; lane++) {
        uint32_t value[8];
        memcpy(value, shelf_blake3_iv, sizeof value);
        for (size_t i = 0; i < job->blocks; i++) {
            uint32_t flags = job->flags;
            if (i == 0) flags |= job->first_flags;
            if (i + 1 == job->blocks) flags |= job->last_flags;
            uint64_t counter = job->counter + (job->counts ? lane : 0);
            shelf_blake3_compress(value, job->inputs[lane] + 64 * i, 64, counter, flags);
        }
        for (size_t i = 0; i < 32; i++) job->output[32 * lane + i] = (uint8_t)(value[i / 4] >> 8 * (i % 4));
    }
}
