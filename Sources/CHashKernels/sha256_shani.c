// SHA-256 with the SHA extensions of x86, one stream or several.
//
// One stream is bound by latency: each of its 32 SHA256RNDS2 per block needs the result of the one before (4 cycles).
// Independent streams side by side are bound by the unit that runs it (3 cycles each on Intel, 2 on AMD).
#include "kernels.h"

#if SHELF_X86
#include <immintrin.h>

#define SHANI SHELF_TARGET("sse4.1,sha")

SHANI SHELF_INLINE __m128i message1(__m128i w16, __m128i w12) { return _mm_sha256msg1_epu32(w16, w12); }

#include "sha256_shani.h"

SHANI void shelf_sha256_blocks_shani(uint32_t state[8], const uint8_t *data, size_t blocks) {
    run(&(shelf_sha256_lane){state, data}, 1, blocks);
}

SHANI void shelf_sha256_blocks_shani2(const shelf_sha256_lane lanes[2], size_t blocks) { run(lanes, 2, blocks); }

SHANI void shelf_sha256_blocks_shani3(const shelf_sha256_lane lanes[3], size_t blocks) { run(lanes, 3, blocks); }

SHANI void shelf_sha256_blocks_shani4(const shelf_sha256_lane lanes[4], size_t blocks) { run(lanes, 4, blocks); }
#endif
