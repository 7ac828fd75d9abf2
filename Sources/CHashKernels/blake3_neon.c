// BLAKE3 of four inputs with NEON.
#include "kernels.h"

#if SHELF_ARM
#include <arm_neon.h>

#define LANES 4
#define LANES_FUNCTION shelf_blake3_lanes_neon
#define TARGET
#define ADD vaddq_u32
#define XOR veorq_u32
#define ROTATE rotate
#define BROADCAST(x) vdupq_n_u32(x)

typedef uint32x4_t vector;

SHELF_INLINE vector rotate(vector x, const int n) {
    if (n == 16) return vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(x)));
    if (n == 12) return vsriq_n_u32(vshlq_n_u32(x, 20), x, 12);
    if (n == 8) return vsriq_n_u32(vshlq_n_u32(x, 24), x, 8);
    return vsriq_n_u32(vshlq_n_u32(x, 25), x, 7);
}

/// Row r, word c of a 4 x 4 square goes to row c, word r.
SHELF_INLINE void transpose4(vector r[4]) {
    uint32x4x2_t ab = vtrnq_u32(r[0], r[1]), cd = vtrnq_u32(r[2], r[3]);
    r[0] = vcombine_u32(vget_low_u32(ab.val[0]), vget_low_u32(cd.val[0]));
    r[1] = vcombine_u32(vget_low_u32(ab.val[1]), vget_low_u32(cd.val[1]));
    r[2] = vcombine_u32(vget_high_u32(ab.val[0]), vget_high_u32(cd.val[0]));
    r[3] = vcombine_u32(vget_high_u32(ab.val[1]), vget_high_u32(cd.val[1]));
}

SHELF_INLINE void load_words(vector m[16], const uint8_t *const inputs[4], size_t at) {
    for (int quarter = 0; quarter < 4; quarter++) {
        for (int i = 0; i < 4; i++) {
            m[4 * quarter + i] = vreinterpretq_u32_u8(vld1q_u8(inputs[i] + at + 16 * (size_t)quarter));
        }
        transpose4(m + 4 * quarter);
    }
}

SHELF_INLINE void store_words(uint8_t *output, const vector v[8]) {
    for (int half = 0; half < 2; half++) {
        vector rows[4] = {v[4 * half], v[4 * half + 1], v[4 * half + 2], v[4 * half + 3]};
        transpose4(rows);
        for (int i = 0; i < 4; i++) vst1q_u8(output + 32 * i + 16 * half, vreinterpretq_u8_u32(rows[i]));
    }
}

#include "blake3_lanes.h"
#endif
