// BLAKE3 of LANES independent inputs, one per 32-bit lane of a vector. A template: the file that includes it says what
// the vector is.
//
//   LANES, vector, TARGET      how many, the type, the attribute
//   ADD XOR ROTATE             word operations; ROTATE turns right by 16, 12, 8 or 7
//   BROADCAST(x)               one word in every lane
//   load_words(m, inputs, at)  the 64 bytes at `at` of every input, as 16 vectors of little-endian words
//   store_words(output, v)     8 vectors of words back to 32 bytes per lane
//   LANES_FUNCTION             the name of the function

#include <string.h>

/// Four quarter-rounds G (section 2.2 of the BLAKE3 paper) in every lane, step by step side by side: each is a chain in
/// which every step waits for the one before. `shift` turns rows into diagonals; `order` says which words they take.
TARGET SHELF_INLINE void mix(vector v[16], const vector m[16], const int shift, const uint8_t order[8]) {
    vector *a = v, *b = v + 4, *c = v + 8, *d = v + 12;
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) a[i] = ADD(a[i], m[order[2 * i + half]]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) a[i] = ADD(a[i], b[(i + shift) & 3]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) d[(i + 3 * shift) & 3] = XOR(d[(i + 3 * shift) & 3], a[i]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) d[(i + 3 * shift) & 3] = ROTATE(d[(i + 3 * shift) & 3], half ? 8 : 16);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) c[(i + 2 * shift) & 3] = ADD(c[(i + 2 * shift) & 3], d[(i + 3 * shift) & 3]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) b[(i + shift) & 3] = XOR(b[(i + shift) & 3], c[(i + 2 * shift) & 3]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) b[(i + shift) & 3] = ROTATE(b[(i + shift) & 3], half ? 7 : 12);
    }
}

TARGET SHELF_INLINE void lanes_round(vector v[16], const vector m[16], const int round) {
    mix(v, m, 0, shelf_blake3_order[round]);
    mix(v, m, 1, shelf_blake3_order[round] + 8);
}

TARGET void LANES_FUNCTION(const shelf_blake3_job *job) {
    uint32_t counters[2][LANES] __attribute__((aligned(64)));
    const uint8_t *inputs[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        uint64_t counter = job->counter + (job->counts ? lane : 0);
        counters[0][lane] = (uint32_t)counter;
        counters[1][lane] = (uint32_t)(counter >> 32);
        inputs[lane] = job->inputs[lane < job->count ? lane : 0];
    }
    vector low = *(const vector *)(const void *)counters[0], high = *(const vector *)(const void *)counters[1];
    vector value[8];
    for (int i = 0; i < 8; i++) value[i] = BROADCAST(shelf_blake3_iv[i]);
    for (size_t block = 0; block < job->blocks; block++) {
        uint32_t flags = job->flags;
        if (block == 0) flags |= job->first_flags;
        if (block + 1 == job->blocks) flags |= job->last_flags;
        vector m[16], v[16];
        load_words(m, inputs, 64 * block);
        for (int i = 0; i < 8; i++) v[i] = value[i];
        for (int i = 0; i < 4; i++) v[8 + i] = BROADCAST(shelf_blake3_iv[i]);
        v[12] = low;
        v[13] = high;
        v[14] = BROADCAST(64);
        v[15] = BROADCAST(flags);
        lanes_round(v, m, 0);
        lanes_round(v, m, 1);
        lanes_round(v, m, 2);
        lanes_round(v, m, 3);
        lanes_round(v, m, 4);
        lanes_round(v, m, 5);
        lanes_round(v, m, 6);
        for (int i = 0; i < 8; i++) value[i] = XOR(v[i], v[i + 8]);
    }
    if (job->count == LANES) {
        store_words(job->output, value);
        return;
    }
    uint8_t output[32 * LANES];
    store_words(output, value);
    memcpy(job->output, output, 32 * job->count);
}
