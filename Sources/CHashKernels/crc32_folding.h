// Folding of CRC-32 by carry-less multiplication (the method of "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction", Intel 2009, worked out here for reflected bits).
//
// Sixteen bytes are a polynomial, the first bit of the first byte being its highest power. Bytes that come D bits later
// stay congruent when 16 bytes (the first eight h, the others l) are replaced by h * x^(D+64) + l * x^D, taken modulo the
// polynomial P and added to the bytes D bits further on. The product of two reflected numbers is one bit too low, which
// makes the exponents one less: the constants are (x^(D+63) mod P, x^(D-1) mod P), reflected, in the upper half of 64 bits.
#ifndef SHELF_CRC32_FOLDING_H
#define SHELF_CRC32_FOLDING_H

#include <stdint.h>

#define SHELF_FOLD_128_HIGH INT64_C(0x65673b4600000000)
#define SHELF_FOLD_128_LOW ((int64_t)UINT64_C(0x9ba54c6f00000000))
#define SHELF_FOLD_512_HIGH INT64_C(0x653d982200000000)
#define SHELF_FOLD_512_LOW ((int64_t)UINT64_C(0xcad38e8f00000000))
#define SHELF_FOLD_2048_HIGH INT64_C(0x7cc8e1e700000000)
#define SHELF_FOLD_2048_LOW INT64_C(0x03f9f86300000000)

#endif
