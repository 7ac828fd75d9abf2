/* Messages of the library; the package hands them to logging. */
#include "native.h"

static PyObject *call_log_listen(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    ms_error *error = NULL;
    if (!native_count("log_listen", count, 1)) return NULL;
    long level = PyLong_AsLong(arguments[0]);
    if (PyErr_Occurred()) return NULL;
    ms_status status = ms_log_listen(level < -1 || level > MS_LOG_ERROR ? INT32_MAX : (int32_t)level, &error);
    return native_nothing(status, error);
}

static PyObject *call_log_next(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    (void)arguments;
    int32_t level = 0;
    ms_string *message = NULL;
    ms_error *error = NULL;
    if (!native_count("log_next", count, 0)) return NULL;
    ms_status status = ms_log_next(0, &level, &message, &error);
    if (status != MS_OK) return native_raise(status, error);
    if (message == NULL) return Py_NewRef(Py_None);
    PyObject *value = Py_BuildValue("is", (int)level, ms_string_data(message));
    ms_string_free(message);
    return value;
}

PyMethodDef native_log_calls[] = {
    NATIVE("log_listen", call_log_listen),
    NATIVE("log_next", call_log_next),
    {NULL, NULL, 0, NULL},
};
