// SHA-256 with the SHA extensions of x86 (Intel SDM, "SHA256RNDS2", "SHA256MSG1", "SHA256MSG2"), for one to four
// streams side by side. A template: the file that includes it defines SHANI, the attribute of its functions, and
// message1(w16, w12), which is w16 + sigma0 of the words one further on, as SHA256MSG1 gives it.

typedef struct {
    /// State words A B E F and C D G H, the first named in the highest lane, as the instructions want them.
    __m128i abef, cdgh;
    /// The last sixteen words of the message schedule.
    __m128i w[4];
} stream;

SHANI SHELF_INLINE void load_state(stream *s, const uint32_t state[8]) {
    s->abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
    s->cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
}

SHANI SHELF_INLINE void store_state(const stream *s, uint32_t state[8]) {
    state[0] = (uint32_t)_mm_extract_epi32(s->abef, 3);
    state[1] = (uint32_t)_mm_extract_epi32(s->abef, 2);
    state[2] = (uint32_t)_mm_extract_epi32(s->cdgh, 3);
    state[3] = (uint32_t)_mm_extract_epi32(s->cdgh, 2);
    state[4] = (uint32_t)_mm_extract_epi32(s->abef, 1);
    state[5] = (uint32_t)_mm_extract_epi32(s->abef, 0);
    state[6] = (uint32_t)_mm_extract_epi32(s->cdgh, 1);
    state[7] = (uint32_t)_mm_extract_epi32(s->cdgh, 0);
}

/// Four rounds, number 4 * `step` and on.
SHANI SHELF_INLINE void four_rounds(stream *s, int step) {
    __m128i k = _mm_load_si128((const __m128i *)(const void *)(shelf_sha256_k + 4 * step));
    __m128i wk = _mm_add_epi32(s->w[step & 3], k);
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

/// Replaces the four schedule words that `step` has used by those that step + 4 needs.
SHANI SHELF_INLINE void schedule(stream *s, int step) {
    __m128i *w = s->w;
    __m128i w16 = w[step & 3], w12 = w[(step + 1) & 3], w8 = w[(step + 2) & 3], w4 = w[(step + 3) & 3];
    __m128i sum = _mm_add_epi32(message1(w16, w12), _mm_alignr_epi8(w4, w8, 4));
    w[step & 3] = _mm_sha256msg2_epu32(sum, w4);
}

/// `count` is known where this is inlined, so that the loops over streams vanish.
SHANI SHELF_INLINE void run(const shelf_sha256_lane *lanes, const int count, size_t blocks) {
    const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    stream streams[4];
    const uint8_t *data[4];
    for (int i = 0; i < count; i++) {
        load_state(&streams[i], lanes[i].state);
        data[i] = lanes[i].data;
    }
    for (; blocks > 0; blocks--) {
        __m128i abef[4], cdgh[4];
        for (int i = 0; i < count; i++) {
            abef[i] = streams[i].abef;
            cdgh[i] = streams[i].cdgh;
        }
#pragma GCC unroll 16
        for (int step = 0; step < 16; step++) {
#pragma GCC unroll 4
            for (int i = 0; i < count; i++) {
                if (step < 4) {
                    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(data[i] + 16 * step));
                    streams[i].w[step] = _mm_shuffle_epi8(bytes, byte_order);
                }
                four_rounds(&streams[i], step);
                if (step >= 3 && step < 15) schedule(&streams[i], step - 3);
            }
        }
        for (int i = 0; i < count; i++) {
            streams[i].abef = _mm_add_epi32(streams[i].abef, abef[i]);
            streams[i].cdgh = _mm_add_epi32(streams[i].cdgh, cdgh[i]);
            data[i] += SHELF_SHA256_BLOCK;
        }
    }
    for (int i = 0; i < count; i++) store_state(&streams[i], lanes[i].state);
}
