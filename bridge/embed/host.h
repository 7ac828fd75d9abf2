/* What the parts of the embedded interpreter share. */
#ifndef MODELSHELF_EMBED_HOST_H
#define MODELSHELF_EMBED_HOST_H

/* library.c: takes the exception classes over, which are there once the interpreter runs. Gives the name of one that is
 * missing, or NULL. */
const char *embed_take_exceptions(void);

/* bootstrap.c: Python that makes the package importable. */
extern const char embed_bootstrap[];

#endif
