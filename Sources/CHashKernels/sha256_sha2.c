// SHA-256 with the SHA-2 instructions of ARMv8 (Arm ARM, "SHA256H", "SHA256H2", "SHA256SU0", "SHA256SU1"), one stream
// or two side by side: one waits for its own last result most of the time.
#include "kernels.h"

#if SHELF_ARM
#include <arm_neon.h>

#if defined(__clang__)
#define TARGET SHELF_TARGET("sha2")
#else
#define TARGET SHELF_TARGET("+crypto")
#endif

typedef struct {
    uint32x4_t abcd, efgh;
    /// The last sixteen words of the message schedule.
    uint32x4_t w[4];
} stream;

/// `count` is known where this is inlined, so that the loops over streams vanish.
TARGET SHELF_INLINE void run(const shelf_sha256_lane *lanes, const int count, size_t blocks) {
    stream streams[2];
    const uint8_t *data[2];
    for (int i = 0; i < count; i++) {
        streams[i].abcd = vld1q_u32(lanes[i].state);
        streams[i].efgh = vld1q_u32(lanes[i].state + 4);
        data[i] = lanes[i].data;
    }
    for (; blocks > 0; blocks--) {
        uint32x4_t abcd[2], efgh[2];
        for (int i = 0; i < count; i++) {
            abcd[i] = streams[i].abcd;
            efgh[i] = streams[i].efgh;
            for (int j = 0; j < 4; j++) {
                streams[i].w[j] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data[i] + 16 * j)));
            }
            data[i] += SHELF_SHA256_BLOCK;
        }
#pragma GCC unroll 16
        for (int step = 0; step < 16; step++) {
            for (int i = 0; i < count; i++) {
                stream *s = &streams[i];
                uint32x4_t *w = s->w;
                uint32x4_t wk = vaddq_u32(w[step & 3], vld1q_u32(shelf_sha256_k + 4 * step));
                if (step < 12) {
                    uint32x4_t sum = vsha256su0q_u32(w[step & 3], w[(step + 1) & 3]);
                    w[step & 3] = vsha256su1q_u32(sum, w[(step + 2) & 3], w[(step + 3) & 3]);
                }
                uint32x4_t before = s->abcd;
                s->abcd = vsha256hq_u32(s->abcd, s->efgh, wk);
                s->efgh = vsha256h2q_u32(s->efgh, before, wk);
            }
        }
        for (int i = 0; i < count; i++) {
            streams[i].abcd = vaddq_u32(streams[i].abcd, abcd[i]);
            streams[i].efgh = vaddq_u32(streams[i].efgh, efgh[i]);
        }
    }
    for (int i = 0; i < count; i++) {
        vst1q_u32(lanes[i].state, streams[i].abcd);
        vst1q_u32(lanes[i].state + 4, streams[i].efgh);
    }
}

TARGET void shelf_sha256_blocks_sha2(uint32_t state[8], const uint8_t *data, size_t blocks) {
    run(&(shelf_sha256_lane){state, data}, 1, blocks);
}

TARGET void shelf_sha256_blocks_sha2x2(const shelf_sha256_lane lanes[2], size_t blocks) { run(lanes, 2, blocks); }
#endif
