/* What a call gives back to Python. */
#include "native.h"

#include <string.h>

PyObject *native_result(ms_status status, ms_string *text, ms_error *error)
{
    if (status != MS_OK) {
        ms_string_free(text);
        return native_raise(status, error);
    }
    if (text == NULL) return Py_NewRef(Py_None);
    PyObject *value = PyUnicode_FromStringAndSize(ms_string_data(text), (Py_ssize_t)ms_string_size(text));
    ms_string_free(text);
    return value;
}

/* After so many bytes other threads may have the GIL: a library of many models takes a while. */
enum { STRETCH = 128 * 1024 };

PyObject *native_lines(ms_status status, ms_string *text, ms_error *error)
{
    if (status != MS_OK || text == NULL) return native_result(status, text, error);
    const char *at = ms_string_data(text), *end = at + ms_string_size(text), *offered = at;
    PyObject *lines = PyList_New(0);
    while (lines != NULL && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        PyObject *line = PyUnicode_FromStringAndSize(at, (Py_ssize_t)(stop - at));
        if (line == NULL || PyList_Append(lines, line) != 0) {
            Py_DECREF(lines);
            lines = NULL;
        }
        Py_XDECREF(line);
        at = stop < end ? stop + 1 : end;
        if (at - offered > STRETCH) {
            offered = at;
            Py_BEGIN_ALLOW_THREADS
            Py_END_ALLOW_THREADS
        }
    }
    ms_string_free(text);
    return lines;
}

PyObject *native_nothing(ms_status status, ms_error *error)
{
    if (status != MS_OK) return native_raise(status, error);
    return Py_NewRef(Py_None);
}
