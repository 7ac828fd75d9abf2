// BLAKE3 of sixteen inputs with AVX-512.
#include "kernels.h"

#if SHELF_X86
#include "transpose_x86.h"

#define LANES 16
#define LANES_FUNCTION shelf_blake3_lanes_avx512
#define TARGET SHELF_TARGET("avx512f")
#define ADD _mm512_add_epi32
#define XOR _mm512_xor_si512
#define ROTATE rotate
#define BROADCAST(x) _mm512_set1_epi32((int)(x))

typedef __m512i vector;

/// The instruction wants its count as a constant, even where nothing is optimised.
TARGET SHELF_INLINE vector rotate(vector x, const int n) {
    if (n == 16) return _mm512_ror_epi32(x, 16);
    if (n == 12) return _mm512_ror_epi32(x, 12);
    if (n == 8) return _mm512_ror_epi32(x, 8);
    return _mm512_ror_epi32(x, 7);
}

#define load_words shelf_load16

/// Vectors 0 to 3 become the first halves of the outputs, 4 to 7 the second ones; lane 4j + i is quarter j of row i.
TARGET SHELF_INLINE void store_words(uint8_t *output, const vector v[8]) {
    for (int half = 0; half < 2; half++) {
        const vector *r = v + 4 * half;
        vector ab_low = _mm512_unpacklo_epi32(r[0], r[1]), ab_high = _mm512_unpackhi_epi32(r[0], r[1]);
        vector cd_low = _mm512_unpacklo_epi32(r[2], r[3]), cd_high = _mm512_unpackhi_epi32(r[2], r[3]);
        vector rows[4] = {_mm512_unpacklo_epi64(ab_low, cd_low), _mm512_unpackhi_epi64(ab_low, cd_low),
                          _mm512_unpacklo_epi64(ab_high, cd_high), _mm512_unpackhi_epi64(ab_high, cd_high)};
        for (int i = 0; i < 4; i++) {
            uint8_t *to = output + 32 * i + 16 * half;
            _mm_storeu_si128((__m128i *)(void *)to, _mm512_castsi512_si128(rows[i]));
            _mm_storeu_si128((__m128i *)(void *)(to + 128), _mm512_extracti32x4_epi32(rows[i], 1));
            _mm_storeu_si128((__m128i *)(void *)(to + 256), _mm512_extracti32x4_epi32(rows[i], 2));
            _mm_storeu_si128((__m128i *)(void *)(to + 384), _mm512_extracti32x4_epi32(rows[i], 3));
        }
    }
}

#include "blake3_lanes.h"
#endif
