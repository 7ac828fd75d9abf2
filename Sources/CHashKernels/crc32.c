// CRC-32: which kernel gets which bytes, and the arithmetic that joins two results.
#include "kernels.h"

/// The product of two polynomials modulo the CRC's, all reflected: the highest bit is x^0.
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b >> 1 ^ (b & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return product;
}

uint32_t shelf_crc32_power(uint64_t bytes) {
    uint32_t power = UINT32_C(1) << 31;
    uint32_t square = UINT32_C(1) << 23;
    for (; bytes > 0; bytes >>= 1) {
        if (bytes & 1) power = multiply(power, square);
        square = multiply(square, square);
    }
    return power;
}

uint32_t shelf_crc32_combine(uint32_t first, uint32_t second, uint64_t length) {
    return multiply(first, shelf_crc32_power(length)) ^ second;
}

uint32_t shelf_crc32(uint32_t crc, const void *data, size_t length) {
    if (length == 0) return crc;
    shelf_features use = shelf_features_in_use();
    const uint8_t *bytes = data;
    size_t taken = 0;
    crc = ~crc;
#if SHELF_X86
    if (use.vpclmul && length >= 256) {
        crc = shelf_crc32_vpclmul(crc, bytes, length, &taken);
    } else if (use.pclmul && length >= 64) {
        crc = shelf_crc32_pclmul(crc, bytes, length, &taken);
    }
#endif
#if SHELF_ARM
    if (use.crc) return ~shelf_crc32_crc(crc, bytes, length);
#endif
    (void)use;
    return ~shelf_crc32_table(crc, bytes + taken, length - taken);
}
