// BLAKE3 of eight inputs with AVX2.
#include "kernels.h"

#if SHELF_X86
#include "transpose_x86.h"

#define LANES 8
#define LANES_FUNCTION shelf_blake3_lanes_avx2
#define TARGET SHELF_TARGET("avx2")
#define ADD _mm256_add_epi32
#define XOR _mm256_xor_si256
#define ROTATE rotate
#define BROADCAST(x) _mm256_set1_epi32((int)(x))

typedef __m256i vector;

/// Whole bytes turn by a shuffle, one instruction instead of three.
TARGET SHELF_INLINE vector rotate(vector x, const int n) {
    const __m128i by16 = _mm_set_epi64x(0x0d0c0f0e09080b0a, 0x0504070601000302);
    const __m128i by8 = _mm_set_epi64x(0x0c0f0e0d080b0a09, 0x0407060500030201);
    if (n == 16) return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(by16));
    if (n == 8) return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(by8));
    return _mm256_or_si256(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - n));
}

#define load_words shelf_load8

TARGET SHELF_INLINE void store_words(uint8_t *output, const vector v[8]) {
    vector rows[8];
    for (int i = 0; i < 8; i++) rows[i] = v[i];
    shelf_transpose8(rows);
    for (int i = 0; i < 8; i++) _mm256_storeu_si256((__m256i *)(void *)(output + 32 * i), rows[i]);
}

#include "blake3_lanes.h"
#endif
