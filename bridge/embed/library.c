/* Finds the functions of the stand-in for Python.h in the libpython that is loaded when the program runs. */
#include <Python.h>

#include <dlfcn.h>

#include "modelshelf_embed.h"
#include "host.h"

#define PYTHON_DEFINE(result, name, arguments) result(*name) arguments;
PYTHON_FUNCTIONS(PYTHON_DEFINE)
#undef PYTHON_DEFINE
#define PYTHON_DEFINE(name) PyObject *name;
PYTHON_EXCEPTIONS(PYTHON_DEFINE)
PyObject *python_none;

static void *library;
static char problem[1024];

static const struct {
    const char *name;
    void *place;
} functions[] = {
#define PYTHON_ENTRY(result, name, arguments) {#name, (void *)&name},
    PYTHON_FUNCTIONS(PYTHON_ENTRY)
#undef PYTHON_ENTRY
};

static const struct {
    const char *name;
    PyObject **place;
} exceptions[] = {
#define PYTHON_ENTRY(name) {#name, &name},
    PYTHON_EXCEPTIONS(PYTHON_ENTRY)
#undef PYTHON_ENTRY
};

static const char *missing(const char *path, const char *name)
{
    snprintf(problem, sizeof problem, "%s has no %s", path, name);
    return problem;
}

const char *embed_load(const char *path)
{
    /* For all: extension modules expect to find the functions of Python in the process. */
    void *loaded = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (loaded == NULL) {
        const char *why = dlerror();
        snprintf(problem, sizeof problem, "%s", why != NULL ? why : "it cannot be loaded");
        return problem;
    }
    for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
        void *address = dlsym(loaded, functions[index].name);
        if (address == NULL) return missing(path, functions[index].name);
        memcpy(functions[index].place, &address, sizeof address);
    }
    python_none = dlsym(loaded, "_Py_NoneStruct");
    if (python_none == NULL) return missing(path, "_Py_NoneStruct");
    library = loaded;
    return NULL;
}

const char *embed_version(void) { return library != NULL ? Py_GetVersion() : NULL; }

const char *embed_take_exceptions(void)
{
    for (size_t index = 0; index < sizeof exceptions / sizeof *exceptions; index++) {
        PyObject **address = dlsym(library, exceptions[index].name);
        if (address == NULL) return exceptions[index].name;
        *exceptions[index].place = *address;
    }
    return NULL;
}
