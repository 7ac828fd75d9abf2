// CRC-32 by folding 64 bytes at a step with PCLMULQDQ.
#include "kernels.h"

#if SHELF_X86
#include "crc32_folding.h"

#include <immintrin.h>

#define TARGET SHELF_TARGET("pclmul,sse4.1")

/// Moves `bytes` on by the distance of the constants `k` and adds `next`.
TARGET SHELF_INLINE __m128i fold(__m128i bytes, __m128i k, __m128i next) {
    __m128i first = _mm_clmulepi64_si128(bytes, k, 0x00), second = _mm_clmulepi64_si128(bytes, k, 0x11);
    return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

TARGET SHELF_INLINE __m128i load(const uint8_t *data) { return _mm_loadu_si128((const __m128i *)(const void *)data); }

TARGET uint32_t shelf_crc32_pclmul(uint32_t crc, const uint8_t *data, size_t length, size_t *taken) {
    const __m128i by512 = _mm_set_epi64x(SHELF_FOLD_512_LOW, SHELF_FOLD_512_HIGH);
    const __m128i by128 = _mm_set_epi64x(SHELF_FOLD_128_LOW, SHELF_FOLD_128_HIGH);
    size_t at = 64;
    __m128i a[4];
    for (size_t i = 0; i < 4; i++) a[i] = load(data + 16 * i);
    a[0] = _mm_xor_si128(a[0], _mm_cvtsi32_si128((int)crc));
    for (; length - at >= 64; at += 64) {
        for (size_t i = 0; i < 4; i++) a[i] = fold(a[i], by512, load(data + at + 16 * i));
    }
    __m128i last = a[0];
    for (size_t i = 1; i < 4; i++) last = fold(last, by128, a[i]);
    for (; length - at >= 16; at += 16) last = fold(last, by128, load(data + at));
    *taken = at;
    uint8_t bytes[16];
    _mm_storeu_si128((__m128i *)(void *)bytes, last);
    return shelf_crc32_table(0, bytes, sizeof bytes);
}
#endif
