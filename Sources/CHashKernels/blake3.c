// BLAKE3's tree, fed piece by piece (the BLAKE3 paper, sections 2.1 and 5.1).
//
// The stack holds the chaining values of complete subtrees, one per bit of the number of chunks. Two subtrees of one
// size are merged only when something follows them: the last merge of all makes the root, which is flagged.
#include "kernels.h"

#include <string.h>

/// Chunks that are hashed in one go: enough that the narrow top of such a subtree costs little.
#define SUBTREE 256

static void store_words(uint8_t bytes[32], const uint32_t words[8]) {
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
}

static void start_chunk(shelf_blake3 *context) {
    memcpy(context->chunk_value, shelf_blake3_iv, sizeof shelf_blake3_iv);
    memset(context->block, 0, sizeof context->block);
    context->block_length = 0;
    context->blocks = 0;
}

void shelf_blake3_init(shelf_blake3 *context) {
    start_chunk(context);
    context->chunks = 0;
    context->depth = 0;
}

static size_t bytes_in_chunk(const shelf_blake3 *context) { return 64 * (size_t)context->blocks + context->block_length; }

static uint32_t start_flag(const shelf_blake3 *context) { return context->blocks == 0 ? SHELF_BLAKE3_CHUNK_START : 0; }

/// Merges subtrees until as many are left as `context->chunks` has one bits: done when something is sure to follow.
static void merge(shelf_blake3 *context) {
    size_t wanted = (size_t)__builtin_popcountll(context->chunks);
    while (context->depth > wanted) {
        uint8_t *left = context->stack[context->depth - 2];
        shelf_blake3_hash_parents(left, 1, left);
        context->depth--;
    }
}

static void push(shelf_blake3 *context, const uint8_t value[32], size_t chunks) {
    merge(context);
    memcpy(context->stack[context->depth++], value, 32);
    context->chunks += chunks;
}

/// Closes the chunk if it is full: called when more bytes follow.
static void close_chunk(shelf_blake3 *context) {
    if (bytes_in_chunk(context) < SHELF_BLAKE3_CHUNK) return;
    uint8_t value[32];
    shelf_blake3_compress(context->chunk_value, context->block, 64, context->chunks,
                          start_flag(context) | SHELF_BLAKE3_CHUNK_END);
    store_words(value, context->chunk_value);
    push(context, value, 1);
    start_chunk(context);
}

/// Fills the chunk that is begun, so that all before it can be merged. A full block waits until more comes: the last of a chunk is flagged.
static size_t fill_chunk(shelf_blake3 *context, const uint8_t *data, size_t length) {
    size_t taken = 0;
    merge(context);
    while (taken < length && bytes_in_chunk(context) < SHELF_BLAKE3_CHUNK) {
        if (context->block_length == 64) {
            shelf_blake3_compress(context->chunk_value, context->block, 64, context->chunks, start_flag(context));
            context->blocks++;
            context->block_length = 0;
            memset(context->block, 0, sizeof context->block);
        }
        size_t space = 64 - (size_t)context->block_length;
        size_t part = length - taken < space ? length - taken : space;
        memcpy(context->block + context->block_length, data + taken, part);
        context->block_length = (uint8_t)(context->block_length + part);
        taken += part;
    }
    return taken;
}

void shelf_blake3_subtree(const uint8_t *data, size_t chunks, uint64_t first, uint8_t halves[64]) {
    uint8_t values[32 * SUBTREE];
    size_t count = chunks;
    if (chunks <= SUBTREE) {
        shelf_blake3_hash_chunks(data, chunks, first, values);
    } else {
        // Each half is hashed on its own and then made one value; the depth of this is that of the tree.
        count = 2;
        for (size_t half = 0; half < 2; half++) {
            shelf_blake3_subtree(data + half * chunks / 2 * SHELF_BLAKE3_CHUNK, chunks / 2, first + half * chunks / 2,
                                 values + 64);
            shelf_blake3_hash_parents(values + 64, 1, values + 32 * half);
        }
    }
    for (; count > 2; count /= 2) shelf_blake3_hash_parents(values, count / 2, values);
    memcpy(halves, values, 64);
}

void shelf_blake3_add_subtree(shelf_blake3 *context, size_t chunks, const uint8_t halves[64]) {
    close_chunk(context);
    push(context, halves, chunks / 2);
    push(context, halves + 32, chunks / 2);
}

/// The largest subtree that may start at `chunk` and whose bytes are there, in chunks.
static size_t next_subtree(uint64_t chunk, size_t length) {
    size_t chunks = SUBTREE;
    while (chunks > length / SHELF_BLAKE3_CHUNK || chunk % chunks != 0) chunks /= 2;
    return chunks;
}

void shelf_blake3_update(shelf_blake3 *context, const void *data, size_t length) {
    const uint8_t *bytes = data;
    if (length == 0) return;
    close_chunk(context);
    if (bytes_in_chunk(context) > 0) {
        size_t taken = fill_chunk(context, bytes, length);
        bytes += taken;
        length -= taken;
        if (length == 0) return;
        close_chunk(context);
    }
    while (length >= 2 * SHELF_BLAKE3_CHUNK) {
        size_t chunks = next_subtree(context->chunks, length);
        if (chunks == 1) {
            uint8_t value[32];
            shelf_blake3_hash_chunks(bytes, 1, context->chunks, value);
            push(context, value, 1);
        } else {
            uint8_t halves[64];
            shelf_blake3_subtree(bytes, chunks, context->chunks, halves);
            shelf_blake3_add_subtree(context, chunks, halves);
        }
        bytes += chunks * SHELF_BLAKE3_CHUNK;
        length -= chunks * SHELF_BLAKE3_CHUNK;
    }
    while (length > 0) {
        close_chunk(context);
        size_t taken = fill_chunk(context, bytes, length);
        bytes += taken;
        length -= taken;
    }
}

void shelf_blake3_final(const shelf_blake3 *context, uint8_t digest[SHELF_BLAKE3_DIGEST]) {
    uint32_t value[8];
    uint8_t parent[64];
    size_t depth = context->depth;
    if (depth == 0 || bytes_in_chunk(context) > 0) {
        uint32_t flags = start_flag(context) | SHELF_BLAKE3_CHUNK_END | (depth == 0 ? SHELF_BLAKE3_ROOT : 0);
        memcpy(value, context->chunk_value, sizeof value);
        shelf_blake3_compress(value, context->block, context->block_length, context->chunks, flags);
        store_words(digest, value);
        if (depth == 0) return;
        memcpy(parent + 32, digest, 32);
    } else {
        memcpy(parent + 32, context->stack[--depth], 32);
    }
    while (depth > 0) {
        memcpy(parent, context->stack[--depth], 32);
        memcpy(value, shelf_blake3_iv, sizeof value);
        shelf_blake3_compress(value, parent, 64, 0, SHELF_BLAKE3_PARENT | (depth == 0 ? SHELF_BLAKE3_ROOT : 0));
        store_words(parent + 32, value);
    }
    memcpy(digest, parent + 32, 32);
}
