// What the files of this target share. One kernel per file; features.c chooses, the other files ask it.
#ifndef SHELF_KERNELS_H
#define SHELF_KERNELS_H

#include "include/shelf_hash_kernels.h"

#include <stdbool.h>

#if defined(__x86_64__)
#define SHELF_X86 1
#else
#define SHELF_X86 0
#endif
#if defined(__aarch64__) && defined(__AARCH64EL__)
#define SHELF_ARM 1
#else
#define SHELF_ARM 0
#endif

/// A kernel's function is compiled for instructions that the rest of the program may not use.
#define SHELF_TARGET(features) __attribute__((target(features)))
#define SHELF_INLINE static inline __attribute__((always_inline))

typedef struct {
    bool sse41, avx2, avx512, shani, pclmul, vpclmul;
    bool neon, sha2, crc;
} shelf_features;

/// What this processor has and MODELSHELF_KERNELS allows.
shelf_features shelf_features_in_use(void);

// SHA-256: every kernel takes whole blocks.

extern const uint32_t shelf_sha256_k[64];

typedef struct {
    uint32_t *state;
    const uint8_t *data;
} shelf_sha256_lane;

void shelf_sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t blocks);
#if SHELF_X86
void shelf_sha256_blocks_shani(uint32_t state[8], const uint8_t *data, size_t blocks);
void shelf_sha256_blocks_shani2(const shelf_sha256_lane lanes[2], size_t blocks);
void shelf_sha256_blocks_shani3(const shelf_sha256_lane lanes[3], size_t blocks);
void shelf_sha256_blocks_shani4(const shelf_sha256_lane lanes[4], size_t blocks);
void shelf_sha256_blocks_shani2_avx512(const shelf_sha256_lane lanes[2], size_t blocks);
void shelf_sha256_blocks_shani3_avx512(const shelf_sha256_lane lanes[3], size_t blocks);
void shelf_sha256_blocks_shani4_avx512(const shelf_sha256_lane lanes[4], size_t blocks);
void shelf_sha256_blocks_avx2(const shelf_sha256_lane lanes[8], size_t blocks);
void shelf_sha256_blocks_avx512(const shelf_sha256_lane lanes[16], size_t blocks);
#endif
#if SHELF_ARM
void shelf_sha256_blocks_sha2(uint32_t state[8], const uint8_t *data, size_t blocks);
void shelf_sha256_blocks_sha2x2(const shelf_sha256_lane lanes[2], size_t blocks);
#endif

// BLAKE3: section and table numbers are those of the BLAKE3 paper.

enum {
    SHELF_BLAKE3_CHUNK_START = 1,
    SHELF_BLAKE3_CHUNK_END = 2,
    SHELF_BLAKE3_PARENT = 4,
    SHELF_BLAKE3_ROOT = 8,
};

/// The words that SHA-256 starts from (table 1).
__attribute__((unused)) static const uint32_t shelf_blake3_iv[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/// The order in which each round takes the message words: the permutation of table 2, applied again and again. Here and
/// not in one file, so that the compiler can work the indices out.
__attribute__((unused)) static const uint8_t shelf_blake3_order[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};

/// One compression; `value` becomes the new chaining value (the first half of the output, which is all we need).
void shelf_blake3_compress(uint32_t value[8], const uint8_t block[64], uint32_t length, uint64_t counter,
                           uint32_t flags);

/// What a kernel for several inputs at once is asked: as many runs of `blocks` blocks as it has lanes, each run
/// starting from the IV. Lane i has the counter `counter + i` if `counts`, else `counter`.
typedef struct {
    const uint8_t *const *inputs;
    size_t blocks;
    uint64_t counter;
    bool counts;
    uint32_t flags, first_flags, last_flags;
    /// Lanes wanted, at least 1; what the other lanes give is not stored.
    size_t count;
    uint8_t *output;
} shelf_blake3_job;

void shelf_blake3_lanes_portable(const shelf_blake3_job *job);
#if SHELF_X86
void shelf_blake3_lanes_sse41(const shelf_blake3_job *job);
void shelf_blake3_lanes_avx2(const shelf_blake3_job *job);
void shelf_blake3_lanes_avx512(const shelf_blake3_job *job);
#endif
#if SHELF_ARM
void shelf_blake3_lanes_neon(const shelf_blake3_job *job);
#endif

/// Fills `output` with the chaining values of `count` chunks that lie one after another in `data`.
void shelf_blake3_hash_chunks(const uint8_t *data, size_t count, uint64_t first, uint8_t *output);
/// Fills `output` with the chaining values of `count` parents, each of 64 bytes of `values`. They may be the same
/// place: a parent is stored where its children, already read, were.
void shelf_blake3_hash_parents(const uint8_t *values, size_t count, uint8_t *output);

// CRC-32: kernels work on the register before its final complement.

/// x^(8 * bytes) modulo the polynomial, reflected.
uint32_t shelf_crc32_power(uint64_t bytes);

uint32_t shelf_crc32_table(uint32_t crc, const uint8_t *data, size_t length);
#if SHELF_X86
/// Takes a part of `length` bytes, at least 64, and says how many in `taken`.
uint32_t shelf_crc32_pclmul(uint32_t crc, const uint8_t *data, size_t length, size_t *taken);
/// The same for at least 256 bytes.
uint32_t shelf_crc32_vpclmul(uint32_t crc, const uint8_t *data, size_t length, size_t *taken);
#endif
#if SHELF_ARM
uint32_t shelf_crc32_crc(uint32_t crc, const uint8_t *data, size_t length);
#endif

#endif
