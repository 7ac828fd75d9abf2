// Turns rows of words into columns: the words of several streams into vectors of one word of every stream.
//
// Each step exchanges pairs of elements twice as large as the step before: words, pairs, quarters, halves. Shuffles all
// run on one port, so what is loaded is put together from pieces of 16 bytes, which load units do on the way: a third
// less time for the 64 bytes of 16 streams than 64-byte loads and shuffles.
#ifndef SHELF_TRANSPOSE_X86_H
#define SHELF_TRANSPOSE_X86_H

#include "kernels.h"

#include <immintrin.h>

/// Row r, word c of a 4 x 4 square goes to row c, word r.
SHELF_TARGET("sse4.1") SHELF_INLINE void shelf_transpose4(__m128i r[4]) {
    __m128i ab_low = _mm_unpacklo_epi32(r[0], r[1]), ab_high = _mm_unpackhi_epi32(r[0], r[1]);
    __m128i cd_low = _mm_unpacklo_epi32(r[2], r[3]), cd_high = _mm_unpackhi_epi32(r[2], r[3]);
    r[0] = _mm_unpacklo_epi64(ab_low, cd_low);
    r[1] = _mm_unpackhi_epi64(ab_low, cd_low);
    r[2] = _mm_unpacklo_epi64(ab_high, cd_high);
    r[3] = _mm_unpackhi_epi64(ab_high, cd_high);
}

/// The same for 8 x 8.
SHELF_TARGET("avx2") SHELF_INLINE void shelf_transpose8(__m256i r[8]) {
    __m256i q[8];
    for (int i = 0; i < 8; i += 4) {
        __m256i ab_low = _mm256_unpacklo_epi32(r[i], r[i + 1]), ab_high = _mm256_unpackhi_epi32(r[i], r[i + 1]);
        __m256i cd_low = _mm256_unpacklo_epi32(r[i + 2], r[i + 3]);
        __m256i cd_high = _mm256_unpackhi_epi32(r[i + 2], r[i + 3]);
        q[i] = _mm256_unpacklo_epi64(ab_low, cd_low);
        q[i + 1] = _mm256_unpackhi_epi64(ab_low, cd_low);
        q[i + 2] = _mm256_unpacklo_epi64(ab_high, cd_high);
        q[i + 3] = _mm256_unpackhi_epi64(ab_high, cd_high);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2x128_si256(q[i], q[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(q[i], q[i + 4], 0x31);
    }
}

/// The 64 bytes at `at` of eight streams as sixteen vectors of one word of each.
SHELF_TARGET("avx2") SHELF_INLINE void shelf_load8(__m256i words[16], const uint8_t *const streams[8], size_t at) {
    for (int quarter = 0; quarter < 4; quarter++) {
        __m256i r[4];
        for (int i = 0; i < 4; i++) {
            const uint8_t *low = streams[i] + at + 16 * quarter, *high = streams[i + 4] + at + 16 * quarter;
            r[i] = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low));
            r[i] = _mm256_inserti128_si256(r[i], _mm_loadu_si128((const __m128i *)(const void *)high), 1);
        }
        __m256i ab_low = _mm256_unpacklo_epi32(r[0], r[1]), ab_high = _mm256_unpackhi_epi32(r[0], r[1]);
        __m256i cd_low = _mm256_unpacklo_epi32(r[2], r[3]), cd_high = _mm256_unpackhi_epi32(r[2], r[3]);
        words[4 * quarter] = _mm256_unpacklo_epi64(ab_low, cd_low);
        words[4 * quarter + 1] = _mm256_unpackhi_epi64(ab_low, cd_low);
        words[4 * quarter + 2] = _mm256_unpacklo_epi64(ab_high, cd_high);
        words[4 * quarter + 3] = _mm256_unpackhi_epi64(ab_high, cd_high);
    }
}

/// 16 bytes of each of four streams in one vector.
SHELF_TARGET("avx512f")
SHELF_INLINE __m512i shelf_load_quarters(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d) {
    __m512i row = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)a));
    row = _mm512_mask_broadcast_i32x4(row, 0x00f0, _mm_loadu_si128((const __m128i *)(const void *)b));
    row = _mm512_mask_broadcast_i32x4(row, 0x0f00, _mm_loadu_si128((const __m128i *)(const void *)c));
    return _mm512_mask_broadcast_i32x4(row, 0xf000, _mm_loadu_si128((const __m128i *)(const void *)d));
}

/// The 64 bytes at `at` of sixteen streams as sixteen vectors of one word of each.
SHELF_TARGET("avx512f") SHELF_INLINE void shelf_load16(__m512i words[16], const uint8_t *const streams[16], size_t at) {
#pragma GCC unroll 4
    for (int quarter = 0; quarter < 4; quarter++) {
        size_t from = at + 16 * (size_t)quarter;
        __m512i r[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            r[i] = shelf_load_quarters(streams[i] + from, streams[i + 4] + from, streams[i + 8] + from,
                                       streams[i + 12] + from);
        }
        __m512i ab_low = _mm512_unpacklo_epi32(r[0], r[1]), ab_high = _mm512_unpackhi_epi32(r[0], r[1]);
        __m512i cd_low = _mm512_unpacklo_epi32(r[2], r[3]), cd_high = _mm512_unpackhi_epi32(r[2], r[3]);
        words[4 * quarter] = _mm512_unpacklo_epi64(ab_low, cd_low);
        words[4 * quarter + 1] = _mm512_unpackhi_epi64(ab_low, cd_low);
        words[4 * quarter + 2] = _mm512_unpacklo_epi64(ab_high, cd_high);
        words[4 * quarter + 3] = _mm512_unpackhi_epi64(ab_high, cd_high);
    }
}

#endif
