#ifndef MODELSHELF_CZLIB_SHIM_H
#define MODELSHELF_CZLIB_SHIM_H
#include <zlib.h>
#endif
