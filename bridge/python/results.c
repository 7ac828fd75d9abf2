/* What a call gives back to Python. */
#include "native.h"

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

PyObject *native_nothing(ms_status status, ms_error *error)
{
    if (status != MS_OK) return native_raise(status, error);
    return Py_NewRef(Py_None);
}
