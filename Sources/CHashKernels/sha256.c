// SHA-256: the contexts, and which kernel gets which streams. Padding is FIPS 180-4, section 5.1.1.
#include "kernels.h"

#include <string.h>

/// The first 32 bits of the fractional parts of the square roots of the first eight primes (section 5.3.3).
static const uint32_t initial_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/// Streams that are sorted together; more come in several groups.
#define GROUP 64
/// From so many streams on the sixteen lanes of AVX-512, some of them idle, beat the SHA extensions (measured).
#define AVX512_WORTH_IT 10
/// The same for eight lanes of AVX2 against plain C, one stream after another.
#define AVX2_WORTH_IT 2

typedef struct {
    shelf_sha256_lane lane;
    size_t blocks;
} work;

static void blocks_one(shelf_features use, uint32_t state[8], const uint8_t *data, size_t blocks) {
#if SHELF_X86
    if (use.shani) {
        shelf_sha256_blocks_shani(state, data, blocks);
        return;
    }
#endif
#if SHELF_ARM
    if (use.sha2) {
        shelf_sha256_blocks_sha2(state, data, blocks);
        return;
    }
#endif
    (void)use;
    shelf_sha256_blocks_portable(state, data, blocks);
}

#if SHELF_X86
/// Runs a kernel of `width` lanes for `count` streams: the other lanes repeat the first into a state nobody reads.
static void blocks_padded(void (*kernel)(const shelf_sha256_lane *, size_t), size_t width, const work *items,
                          size_t count, size_t blocks) {
    shelf_sha256_lane lanes[16];
    uint32_t unused[8] = {0};
    for (size_t i = 0; i < width; i++) {
        lanes[i] = i < count ? items[i].lane : (shelf_sha256_lane){unused, items[0].lane.data};
    }
    kernel(lanes, blocks);
}
#endif

/// Blocks that all of the first `count` streams have: `items` is sorted, so the last has the fewest.
static size_t common_blocks(const work *items, size_t count) { return items[count - 1].blocks; }

/// Works through the common blocks of the first streams of `items`, as many as one kernel takes; returns how many.
static size_t blocks_some(shelf_features use, const work *items, size_t count) {
#if SHELF_X86
    shelf_sha256_lane lanes[4];
    for (size_t i = 0; i < 4 && i < count; i++) lanes[i] = items[i].lane;
    if (use.avx512 && count >= (use.shani ? AVX512_WORTH_IT : AVX2_WORTH_IT)) {
        size_t width = count < 16 ? count : 16;
        blocks_padded(shelf_sha256_blocks_avx512, 16, items, width, common_blocks(items, width));
        return width;
    }
    if (use.shani && count >= 2) {
        static void (*const kernels[2][3])(const shelf_sha256_lane *, size_t) = {
            {shelf_sha256_blocks_shani2, shelf_sha256_blocks_shani3, shelf_sha256_blocks_shani4},
            {shelf_sha256_blocks_shani2_avx512, shelf_sha256_blocks_shani3_avx512, shelf_sha256_blocks_shani4_avx512},
        };
        size_t width = count < 4 ? count : 4;
        kernels[use.avx512][width - 2](lanes, common_blocks(items, width));
        return width;
    }
    if (use.avx2 && !use.shani && count >= AVX2_WORTH_IT) {
        size_t width = count < 8 ? count : 8;
        blocks_padded(shelf_sha256_blocks_avx2, 8, items, width, common_blocks(items, width));
        return width;
    }
#endif
#if SHELF_ARM
    if (use.sha2 && count >= 2) {
        shelf_sha256_blocks_sha2x2((shelf_sha256_lane[2]){items[0].lane, items[1].lane}, common_blocks(items, 2));
        return 2;
    }
#endif
    (void)count;
    blocks_one(use, items[0].lane.state, items[0].lane.data, common_blocks(items, 1));
    return 1;
}

/// Streams with the most blocks first, so that those which end last share a kernel as long as they can.
static void sort(work *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        work item = items[i];
        size_t j = i;
        for (; j > 0 && items[j - 1].blocks < item.blocks; j--) items[j] = items[j - 1];
        items[j] = item;
    }
}

static void blocks_many(shelf_features use, work *items, size_t count) {
    sort(items, count);
    while (count > 0 && items[count - 1].blocks == 0) count--;
    while (count > 0) {
        size_t lanes = blocks_some(use, items, count);
        size_t blocks = common_blocks(items, lanes);
        for (size_t i = 0; i < lanes; i++) {
            items[i].lane.data += blocks * SHELF_SHA256_BLOCK;
            items[i].blocks -= blocks;
        }
        sort(items, count);
        while (count > 0 && items[count - 1].blocks == 0) count--;
    }
}

void shelf_sha256_init(shelf_sha256 *context) {
    memcpy(context->state, initial_state, sizeof initial_state);
    context->length = 0;
}

/// Takes from `data` what completes the block in the buffer, and gives how many whole blocks follow it.
static work begin(shelf_features use, shelf_sha256 *context, const uint8_t *data, size_t length) {
    size_t held = context->length % SHELF_SHA256_BLOCK;
    context->length += length;
    if (held > 0) {
        size_t missing = SHELF_SHA256_BLOCK - held;
        size_t part = length < missing ? length : missing;
        memcpy(context->buffer + held, data, part);
        data += part;
        length -= part;
        if (part < missing) return (work){{context->state, data}, 0};
        blocks_one(use, context->state, context->buffer, 1);
    }
    memcpy(context->buffer, data + length - length % SHELF_SHA256_BLOCK, length % SHELF_SHA256_BLOCK);
    return (work){{context->state, data}, length / SHELF_SHA256_BLOCK};
}

void shelf_sha256_update(shelf_sha256 *context, const void *data, size_t length) {
    if (length == 0) return;
    shelf_features use = shelf_features_in_use();
    work item = begin(use, context, data, length);
    if (item.blocks > 0) blocks_one(use, context->state, item.lane.data, item.blocks);
}

void shelf_sha256_update_many(shelf_sha256 *const *contexts, const uint8_t *const *data, const size_t *lengths,
                              size_t count) {
    shelf_features use = shelf_features_in_use();
    work items[GROUP];
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > 0) items[filled++] = begin(use, contexts[i], data[i], lengths[i]);
        if (filled == GROUP || i + 1 == count) {
            blocks_many(use, items, filled);
            filled = 0;
        }
    }
}

void shelf_sha256_final(const shelf_sha256 *context, uint8_t digest[SHELF_SHA256_DIGEST]) {
    shelf_features use = shelf_features_in_use();
    uint32_t state[8];
    uint8_t end[2 * SHELF_SHA256_BLOCK] = {0};
    size_t held = context->length % SHELF_SHA256_BLOCK;
    size_t blocks = held + 9 <= SHELF_SHA256_BLOCK ? 1 : 2;
    uint64_t bits = context->length * 8;
    memcpy(state, context->state, sizeof state);
    memcpy(end, context->buffer, held);
    end[held] = 0x80;
    for (size_t i = 0; i < 8; i++) end[blocks * SHELF_SHA256_BLOCK - 1 - i] = (uint8_t)(bits >> 8 * i);
    blocks_one(use, state, end, blocks);
    for (size_t i = 0; i < SHELF_SHA256_DIGEST; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
