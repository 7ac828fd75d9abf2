// SHA-256, BLAKE3 and CRC-32 with the fastest instructions of the processor at hand, chosen when the program runs.
//
// Contexts hold no pointers: a copy by assignment is a second digest that goes its own way. Nothing here allocates,
// blocks or fails. A context is used by one thread at a time; the functions themselves are safe from any thread.
#ifndef MODELSHELF_HASH_KERNELS_H
#define MODELSHELF_HASH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// SHA-256 (FIPS 180-4).

#define SHELF_SHA256_BLOCK 64
#define SHELF_SHA256_DIGEST 32

typedef struct {
    uint32_t state[8];
    /// Bytes taken so far.
    uint64_t length;
    /// The last `length % 64` bytes, which do not fill a block yet.
    uint8_t buffer[SHELF_SHA256_BLOCK];
} shelf_sha256;

void shelf_sha256_init(shelf_sha256 *context);
void shelf_sha256_update(shelf_sha256 *context, const void *data, size_t length);

/// Feeds `count` different contexts at once, each its own bytes: far faster than one after another, because a single
/// SHA-256 waits for its own last result most of the time.
void shelf_sha256_update_many(shelf_sha256 *const *contexts, const uint8_t *const *data, const size_t *lengths,
                              size_t count);

/// The digest of what was taken so far. The context is left as it was.
void shelf_sha256_final(const shelf_sha256 *context, uint8_t digest[SHELF_SHA256_DIGEST]);

// BLAKE3 (256 bits of output, no key).

#define SHELF_BLAKE3_CHUNK 1024
#define SHELF_BLAKE3_DIGEST 32
/// 2^64 bytes are 2^54 chunks: the tree is never higher.
#define SHELF_BLAKE3_DEPTH 54

typedef struct {
    /// Chaining value of the chunk that is being filled.
    uint32_t chunk_value[8];
    /// Chunks that are complete and in the tree; also the number of the chunk that is being filled.
    uint64_t chunks;
    uint8_t block[64];
    uint8_t block_length;
    /// Blocks of the chunk that are compressed already.
    uint8_t blocks;
    /// Entries of `stack`.
    uint8_t depth;
    /// Chaining values of complete subtrees, the largest and leftmost first.
    uint8_t stack[SHELF_BLAKE3_DEPTH + 1][32];
} shelf_blake3;

void shelf_blake3_init(shelf_blake3 *context);
void shelf_blake3_update(shelf_blake3 *context, const void *data, size_t length);
/// The digest of what was taken so far. The context is left as it was.
void shelf_blake3_final(const shelf_blake3 *context, uint8_t digest[SHELF_BLAKE3_DIGEST]);

/// Hashes one subtree apart from the rest, on any thread: `chunks` (a power of two, at least 2) whole chunks of which
/// the first is number `first`, a multiple of `chunks`. Gives the chaining values of its left and right half.
void shelf_blake3_subtree(const uint8_t *data, size_t chunks, uint64_t first, uint8_t halves[64]);

/// Adds what `shelf_blake3_subtree` gave for the next `chunks` chunks. All bytes before must have been taken, and
/// their number must be a multiple of the subtree's size.
void shelf_blake3_add_subtree(shelf_blake3 *context, size_t chunks, const uint8_t halves[64]);

// CRC-32 of zlib, PNG and zip (CRC-32/ISO-HDLC).

/// The CRC of the bytes that `crc` is of, followed by `data`; start with 0.
uint32_t shelf_crc32(uint32_t crc, const void *data, size_t length);
/// The CRC of two runs of bytes one after the other; `length` is that of the second.
uint32_t shelf_crc32_combine(uint32_t first, uint32_t second, uint64_t length);

// The choice.

/// Names the chosen code in one line, like `sha256=shani+avx512 blake3=avx512 crc32=vpclmul`.
const char *shelf_hash_kernels_description(void);

/// For tests and benchmarks, before other threads hash: chooses anew, as if `MODELSHELF_KERNELS` were `names`; NULL
/// reads the variable itself. It names the features to use, separated by commas: `portable` for none of them,
/// otherwise any of `sse41 avx2 avx512 shani pclmul vpclmul neon sha2 crc` (a feature that the processor lacks stays
/// off). Unset or empty: all of them.
void shelf_hash_kernels_choose(const char *names);

#endif
