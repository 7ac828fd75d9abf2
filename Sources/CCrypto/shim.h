#ifndef MODELSHELF_CCRYPTO_SHIM_H
#define MODELSHELF_CCRYPTO_SHIM_H
// The low-level SHA-256 is called deprecated since OpenSSL 3, but its context is a plain struct, and only such a one can
// be written down and taken up again later.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#endif
