// Which BLAKE3 kernel gets which inputs.
#include "kernels.h"

/// The widest kernel's lanes.
#define WIDEST 16

typedef void (*kernel)(const shelf_blake3_job *);

/// The kernel for `count` inputs: the narrowest that takes them all at once, else the widest there is.
static kernel choose(shelf_features use, size_t count, size_t *width) {
    kernel found = shelf_blake3_lanes_portable;
    *width = 1;
#if SHELF_X86
    if (use.sse41 && count > *width) {
        found = shelf_blake3_lanes_sse41;
        *width = 4;
    }
    if (use.avx2 && count > *width) {
        found = shelf_blake3_lanes_avx2;
        *width = 8;
    }
    if (use.avx512 && count > *width) {
        found = shelf_blake3_lanes_avx512;
        *width = 16;
    }
#endif
#if SHELF_ARM
    if (use.neon && count > *width) {
        found = shelf_blake3_lanes_neon;
        *width = 4;
    }
#endif
    (void)use, (void)count;
    return found;
}

static void run(shelf_blake3_job job, const uint8_t *data, size_t stride, size_t count, uint8_t *output) {
    shelf_features use = shelf_features_in_use();
    const uint8_t *inputs[WIDEST];
    job.inputs = inputs;
    while (count > 0) {
        size_t width;
        kernel lanes = choose(use, count, &width);
        job.count = count < width ? count : width;
        job.output = output;
        for (size_t i = 0; i < job.count; i++) inputs[i] = data + stride * i;
        lanes(&job);
        if (job.counts) job.counter += job.count;
        data += stride * job.count;
        output += SHELF_BLAKE3_DIGEST * job.count;
        count -= job.count;
    }
}

void shelf_blake3_hash_chunks(const uint8_t *data, size_t count, uint64_t first, uint8_t *output) {
    shelf_blake3_job job = {
        .blocks = SHELF_BLAKE3_CHUNK / 64,
        .counter = first,
        .counts = true,
        .first_flags = SHELF_BLAKE3_CHUNK_START,
        .last_flags = SHELF_BLAKE3_CHUNK_END,
    };
    run(job, data, SHELF_BLAKE3_CHUNK, count, output);
}

void shelf_blake3_hash_parents(const uint8_t *values, size_t count, uint8_t *output) {
    shelf_blake3_job job = {.blocks = 1, .flags = SHELF_BLAKE3_PARENT};
    run(job, values, 64, count, output);
}
