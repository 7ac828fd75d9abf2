// libFuzzer's entry for programs that bring a main of their own.
#ifndef MODELSHELF_FUZZ_DRIVER_H
#define MODELSHELF_FUZZ_DRIVER_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*target)(const uint8_t *data, size_t size));

#endif
