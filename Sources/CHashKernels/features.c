// What the processor has, what MODELSHELF_KERNELS leaves of it, and the words for both.
#include "kernels.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if SHELF_X86
#include <cpuid.h>
#elif SHELF_ARM && defined(__linux__)
#include <sys/auxv.h>
#endif

enum {
    FEATURE_SSE41 = 1,
    FEATURE_AVX2 = 2,
    FEATURE_AVX512 = 4,
    FEATURE_SHANI = 8,
    FEATURE_PCLMUL = 16,
    FEATURE_VPCLMUL = 32,
    FEATURE_NEON = 64,
    FEATURE_SHA2 = 128,
    FEATURE_CRC = 256,
    FEATURES_KNOWN = 1 << 30,
};

static const struct {
    const char *name;
    unsigned bit;
} feature_names[] = {
    {"sse41", FEATURE_SSE41},   {"avx2", FEATURE_AVX2},       {"avx512", FEATURE_AVX512},
    {"shani", FEATURE_SHANI},   {"pclmul", FEATURE_PCLMUL},   {"vpclmul", FEATURE_VPCLMUL},
    {"neon", FEATURE_NEON},     {"sha2", FEATURE_SHA2},       {"crc", FEATURE_CRC},
};

// Zero until somebody asks. Two threads that ask first at the same time find the same, so no lock is needed, and a
// forked child has nothing to wait for.
static _Atomic unsigned chosen;

#if SHELF_X86
static bool has_bits(unsigned value, unsigned bits) { return (value & bits) == bits; }

/// The registers that the operating system saves when it switches threads (XGETBV, register 0).
SHELF_TARGET("xsave") static unsigned saved_registers(void) { return (unsigned)__builtin_ia32_xgetbv(0); }

static unsigned detect(void) {
    unsigned a, b, c, d, found = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    bool sse41 = has_bits(c, bit_SSSE3 | bit_SSE4_1);
    bool pclmul = has_bits(c, bit_PCLMUL);
    unsigned saved = has_bits(c, bit_OSXSAVE | bit_AVX) ? saved_registers() : 0;
    bool saves_ymm = has_bits(saved, 0x06);
    bool saves_zmm = has_bits(saved, 0xe6);
    if (sse41) found |= FEATURE_SSE41;
    if (sse41 && pclmul) found |= FEATURE_PCLMUL;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    if (sse41 && has_bits(b, bit_SHA)) found |= FEATURE_SHANI;
    if (saves_ymm && has_bits(b, bit_AVX2)) found |= FEATURE_AVX2;
    if (saves_zmm && has_bits(b, bit_AVX2 | bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL)) {
        found |= FEATURE_AVX512;
        if (pclmul && has_bits(c, bit_VPCLMULQDQ)) found |= FEATURE_VPCLMUL;
    }
    return found;
}
#elif SHELF_ARM
static unsigned detect(void) {
#if defined(__linux__)
    // Bits of AT_HWCAP, from the kernel's uapi/asm/hwcap.h: ASIMD 1, SHA2 6, CRC32 7.
    unsigned long capabilities = getauxval(AT_HWCAP);
    return (capabilities & 1UL << 1 ? FEATURE_NEON : 0) | (capabilities & 1UL << 6 ? FEATURE_SHA2 : 0)
        | (capabilities & 1UL << 7 ? FEATURE_CRC : 0);
#else
    return FEATURE_NEON;
#endif
}
#else
static unsigned detect(void) { return 0; }
#endif

/// The features that a comma list names; all of them for no list or an empty one. Unknown words allow nothing.
static unsigned allowed(const char *names) {
    if (names == NULL || *names == 0) return ~0u;
    unsigned bits = 0;
    while (*names != 0) {
        size_t length = strcspn(names, ",");
        for (size_t i = 0; i < sizeof feature_names / sizeof *feature_names; i++) {
            const char *name = feature_names[i].name;
            if (strlen(name) == length && memcmp(name, names, length) == 0) bits |= feature_names[i].bit;
        }
        names += length;
        if (*names == ',') names++;
    }
    return bits;
}

void shelf_hash_kernels_choose(const char *names) {
    if (names == NULL) names = getenv("MODELSHELF_KERNELS");
    atomic_store_explicit(&chosen, (detect() & allowed(names)) | FEATURES_KNOWN, memory_order_relaxed);
}

shelf_features shelf_features_in_use(void) {
    unsigned bits = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (bits == 0) {
        shelf_hash_kernels_choose(NULL);
        bits = atomic_load_explicit(&chosen, memory_order_relaxed);
    }
    return (shelf_features){
        .sse41 = bits & FEATURE_SSE41,
        .avx2 = bits & FEATURE_AVX2,
        .avx512 = bits & FEATURE_AVX512,
        .shani = bits & FEATURE_SHANI,
        .pclmul = bits & FEATURE_PCLMUL,
        .vpclmul = bits & FEATURE_VPCLMUL,
        .neon = bits & FEATURE_NEON,
        .sha2 = bits & FEATURE_SHA2,
        .crc = bits & FEATURE_CRC,
    };
}

const char *shelf_hash_kernels_description(void) {
    static _Thread_local char text[96];
    shelf_features use = shelf_features_in_use();
    const char *one = use.shani ? "shani" : use.sha2 ? "sha2" : "";
    const char *many = use.avx512 ? "avx512" : use.avx2 ? "avx2" : "";
    const char *sha256 = *one || *many ? "" : "portable";
    const char *blake3 = use.avx512 ? "avx512"
        : use.avx2                  ? "avx2"
        : use.sse41                 ? "sse41"
        : use.neon                  ? "neon"
                                    : "portable";
    const char *crc32 = use.vpclmul ? "vpclmul" : use.pclmul ? "pclmul" : use.crc ? "crc" : "portable";
    snprintf(text, sizeof text, "sha256=%s%s%s%s blake3=%s crc32=%s", sha256, one, *one && *many ? "+" : "", many,
             blake3, crc32);
    return text;
}
