/* Python arguments as the C library takes them. */
#include "native.h"

#include <string.h>

int native_count(const char *name, Py_ssize_t given, Py_ssize_t wanted)
{
    if (given == wanted) return 1;
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, %zd given", name, wanted, given);
    return 0;
}

int native_path(PyObject *object, int optional, PyObject **owner, const char **path)
{
    *owner = NULL;
    *path = NULL;
    if (optional && object == Py_None) return 1;
    /* str with surrogateescape, bytes or os.PathLike; refuses NUL. */
    if (!PyUnicode_FSConverter(object, owner)) return 0;
    *path = PyBytes_AsString(*owner);
    return *path != NULL;
}

int native_text(PyObject *object, int optional, const char **text)
{
    Py_ssize_t size = 0;
    *text = NULL;
    if (optional && object == Py_None) return 1;
    if (!PyUnicode_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "expected a str");
        return 0;
    }
    *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (*text == NULL) return 0;
    if (strlen(*text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return 0;
    }
    return 1;
}

int native_paths_get(PyObject *object, native_paths *paths)
{
    memset(paths, 0, sizeof *paths);
    if (!PyList_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "expected a list of paths");
        return 0;
    }
    Py_ssize_t count = PyList_Size(object);
    paths->owners = PyTuple_New(count);
    paths->items = PyMem_Calloc((size_t)count + 1, sizeof *paths->items);
    if (paths->owners == NULL || paths->items == NULL) goto failed;
    for (Py_ssize_t index = 0; index < count; index++) {
        PyObject *owner = NULL;
        /* Converting runs foreign code, which may shorten the list. */
        PyObject *item = PyList_GetItem(object, index);
        if (item == NULL) goto failed;
        Py_INCREF(item);
        int fits = native_path(item, 0, &owner, &paths->items[index]);
        Py_DECREF(item);
        if (!fits) goto failed;
        if (PyTuple_SetItem(paths->owners, index, owner) < 0) goto failed;
    }
    paths->count = (size_t)count;
    return 1;

failed:
    if (paths->items == NULL && !PyErr_Occurred()) PyErr_NoMemory();
    native_paths_free(paths);
    return 0;
}

void native_paths_free(native_paths *paths)
{
    PyMem_Free((void *)paths->items);
    Py_CLEAR(paths->owners);
    paths->items = NULL;
}
