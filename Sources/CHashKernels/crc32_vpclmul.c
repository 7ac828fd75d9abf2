// CRC-32 by folding 256 bytes at a step with VPCLMULQDQ on AVX-512.
#include "kernels.h"

#if SHELF_X86
#include "crc32_folding.h"

#include <immintrin.h>

#define TARGET SHELF_TARGET("avx512f,vpclmulqdq,pclmul")

/// Moves each quarter of `bytes` on by the distance of the constants `k` and adds `next`.
TARGET SHELF_INLINE __m512i fold(__m512i bytes, __m512i k, __m512i next) {
    __m512i first = _mm512_clmulepi64_epi128(bytes, k, 0x00), second = _mm512_clmulepi64_epi128(bytes, k, 0x11);
    return _mm512_ternarylogic_epi64(first, second, next, 0x96);
}

TARGET uint32_t shelf_crc32_vpclmul(uint32_t crc, const uint8_t *data, size_t length, size_t *taken) {
    const __m512i by2048 = _mm512_broadcast_i32x4(_mm_set_epi64x(SHELF_FOLD_2048_LOW, SHELF_FOLD_2048_HIGH));
    const __m512i by512 = _mm512_broadcast_i32x4(_mm_set_epi64x(SHELF_FOLD_512_LOW, SHELF_FOLD_512_HIGH));
    const __m128i by128 = _mm_set_epi64x(SHELF_FOLD_128_LOW, SHELF_FOLD_128_HIGH);
    size_t at = 256;
    __m512i a[4];
    for (size_t i = 0; i < 4; i++) a[i] = _mm512_loadu_si512(data + 64 * i);
    a[0] = _mm512_xor_si512(a[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)crc)));
    for (; length - at >= 256; at += 256) {
        for (size_t i = 0; i < 4; i++) a[i] = fold(a[i], by2048, _mm512_loadu_si512(data + at + 64 * i));
    }
    __m512i last = a[0];
    for (size_t i = 1; i < 4; i++) last = fold(last, by512, a[i]);
    for (; length - at >= 64; at += 64) last = fold(last, by512, _mm512_loadu_si512(data + at));
    *taken = at;
    __m128i quarters[4];
    _mm512_storeu_si512(quarters, last);
    __m128i sum = quarters[0];
    for (size_t i = 1; i < 4; i++) {
        __m128i first = _mm_clmulepi64_si128(sum, by128, 0x00), second = _mm_clmulepi64_si128(sum, by128, 0x11);
        sum = _mm_xor_si128(_mm_xor_si128(first, second), quarters[i]);
    }
    uint8_t bytes[16];
    _mm_storeu_si128((__m128i *)(void *)bytes, sum);
    return shelf_crc32_table(0, bytes, sizeof bytes);
}
#endif
