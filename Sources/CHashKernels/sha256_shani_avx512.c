// SHA-256 of several streams with the SHA extensions, where AVX-512 takes work off them: SHA256MSG1 runs on the unit
// that SHA256RNDS2 keeps busy, and ordinary vector instructions do the same on the others.
#include "kernels.h"

#if SHELF_X86
#include <immintrin.h>

#define SHANI SHELF_TARGET("avx512f,avx512vl,sha")

SHANI SHELF_INLINE __m128i message1(__m128i w16, __m128i w12) {
    __m128i w15 = _mm_alignr_epi8(w12, w16, 4);
    __m128i sigma0 = _mm_ternarylogic_epi32(_mm_ror_epi32(w15, 7), _mm_ror_epi32(w15, 18), _mm_srli_epi32(w15, 3), 0x96);
    return _mm_add_epi32(w16, sigma0);
}

#include "sha256_shani.h"

SHANI void shelf_sha256_blocks_shani2_avx512(const shelf_sha256_lane lanes[2], size_t blocks) {
    run(lanes, 2, blocks);
}

SHANI void shelf_sha256_blocks_shani3_avx512(const shelf_sha256_lane lanes[3], size_t blocks) {
    run(lanes, 3, blocks);
}

SHANI void shelf_sha256_blocks_shani4_avx512(const shelf_sha256_lane lanes[4], size_t blocks) {
    run(lanes, 4, blocks);
}
#endif
