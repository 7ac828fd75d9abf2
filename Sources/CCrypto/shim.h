#ifndef MODELSHELF_CCRYPTO_SHIM_H
#define MODELSHELF_CCRYPTO_SHIM_H
#include <openssl/evp.h>
#endif
