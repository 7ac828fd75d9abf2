#ifndef MODELSHELF_H
#define MODELSHELF_H
#endif
