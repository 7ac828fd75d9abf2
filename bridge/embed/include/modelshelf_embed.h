/* An interpreter of Python inside the program. libpython is found when the program runs; nothing links to it. */
#ifndef MODELSHELF_EMBED_H
#define MODELSHELF_EMBED_H

#include <stdint.h>

/* Loads libpython for the whole process. Gives NULL, or what is wrong; the text lives until the next call. */
const char *embed_load(const char *library);

/* The version of the loaded libpython, such as "3.12.1 (main, …"; NULL before it is loaded. */
const char *embed_version(void);

/* How the interpreter is to start. */
typedef struct {
    /* The words of python3's own command line; the first is the path of the interpreter, whose files are used. */
    int count;
    char *const *words;
    /* The folder that holds the Python files of the package; NULL to look for them as for any other package. */
    const char *package_folder;
    /* The database of get_manager(); NULL for the usual one. */
    const char *database;
    /* This program, to be named in messages. */
    const char *program;
} embed_launch;

/* Does what python3 does with these words, and gives its exit status. Once in a process, on its first thread. */
int embed_run(const embed_launch *launch);

/* Gives what happened since the last call as a JSON array from malloc(), waiting so long for the first event; NULL when
 * no more will come. */
typedef char *(*embed_events)(void *payload, int32_t milliseconds);

/* Calls the handlers that a file of Python defines, event by event. Gives an exit status: 0 when there are no more
 * events, 130 after Ctrl-C or SIGTERM, 1 when the file itself fails. Once in a process, on its first thread.
 * `words` are those of `python3 FILE`. `quiet_output` sends what handlers print to standard error. */
int embed_watch(const embed_launch *launch, embed_events next, void *payload, int quiet_output);

#endif
