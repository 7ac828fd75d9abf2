/* Errors of the library as exceptions. The classes are Python's own, in modelshelf.errors. */
#include "native.h"

PyObject *native_raise(ms_status status, ms_error *error)
{
    const char *code = error != NULL ? ms_error_code(error) : ms_status_name(status);
    const char *message = error != NULL ? ms_error_message(error) : "the call failed";
    const char *path = ms_error_path(error);
    PyObject *where = path != NULL ? PyUnicode_DecodeFSDefault(path) : Py_NewRef(Py_None);
    PyObject *errors = where != NULL ? PyImport_ImportModule("modelshelf.errors") : NULL;
    if (errors != NULL) {
        PyObject *exception = PyObject_CallMethod(errors, "from_native", "ssOzs", code, message, where,
                                                  ms_error_hint(error), ms_error_json(error));
        if (exception != NULL) {
            PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
            Py_DECREF(exception);
        }
        Py_DECREF(errors);
    }
    Py_XDECREF(where);
    ms_error_free(error);
    return NULL;
}
