// SHA-256 of eight streams with AVX2, for processors without the SHA extensions.
#include "kernels.h"

#if SHELF_X86
#include "transpose_x86.h"

#define LANES 8
#define LANES_FUNCTION shelf_sha256_blocks_avx2
#define TARGET SHELF_TARGET("avx2")
#define ADD _mm256_add_epi32
#define SHIFT _mm256_srli_epi32
#define ROTATE(x, n) _mm256_or_si256(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define BROADCAST(x) _mm256_set1_epi32((int)(x))
#define XOR3(a, b, c) _mm256_xor_si256(_mm256_xor_si256(a, b), c)
#define CHOICE(a, b, c) _mm256_xor_si256(c, _mm256_and_si256(a, _mm256_xor_si256(b, c)))
#define MAJORITY(a, b, c) _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)))

typedef __m256i vector;

TARGET SHELF_INLINE void load_words(vector w[16], const uint8_t *const data[8]) {
    const vector byte_order = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    shelf_load8(w, data, 0);
    for (int i = 0; i < 16; i++) w[i] = _mm256_shuffle_epi8(w[i], byte_order);
}

#include "sha256_lanes.h"
#endif
