// CRC-32 with the CRC32 instructions of ARMv8, which have zlib's polynomial built in.
#include "kernels.h"

#if SHELF_ARM
#include <arm_acle.h>
#include <string.h>

#if defined(__clang__)
#define TARGET SHELF_TARGET("crc")
#else
#define TARGET SHELF_TARGET("+crc")
#endif

TARGET uint32_t shelf_crc32_crc(uint32_t crc, const uint8_t *data, size_t length) {
    for (; length >= 8; data += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, data, sizeof word);
        crc = __crc32d(crc, word);
    }
    for (; length > 0; data++, length--) crc = __crc32b(crc, *data);
    return crc;
}
#endif
