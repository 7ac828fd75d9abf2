// SHA-256 of sixteen streams with AVX-512. About 25 instructions per round on two ports for 16 streams: with rotations
// and three-input logic of its own, this beats the SHA extensions once there are enough streams.
#include "kernels.h"

#if SHELF_X86
#include "transpose_x86.h"

#define LANES 16
#define LANES_FUNCTION shelf_sha256_blocks_avx512
#define TARGET SHELF_TARGET("avx512f,avx512bw")
#define ADD _mm512_add_epi32
#define ROTATE _mm512_ror_epi32
#define SHIFT _mm512_srli_epi32
#define BROADCAST(x) _mm512_set1_epi32((int)(x))
// Truth tables: bit 4a + 2b + c of the constant is the result for the bits a, b, c.
#define XOR3(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define CHOICE(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)

typedef __m512i vector;

TARGET SHELF_INLINE void load_words(vector w[16], const uint8_t *const data[16]) {
    const vector byte_order = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    shelf_load16(w, data, 0);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) w[i] = _mm512_shuffle_epi8(w[i], byte_order);
}

#include "sha256_lanes.h"
#endif
