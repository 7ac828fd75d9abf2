/* Hashing and inspecting files without a database. */
#include "native.h"

static PyObject *call_hash_files(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    const char *options = NULL;
    ms_cancel_token *token = NULL;
    ms_string *result = NULL;
    ms_error *error = NULL;
    native_paths paths;
    native_watch watch;
    if (!native_count("hash_files", count, 4)) return NULL;
    if (!native_text(arguments[1], 1, &options) || !native_token(module, arguments[3], &token)) return NULL;
    if (!native_paths_get(arguments[0], &paths)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ms_hash(paths.items, paths.count, options, native_watch_report, &watch, token, &result, &error);
    PyObject *value = native_watch_end(&watch, status, result, error);
    native_paths_free(&paths);
    return value;
}

static PyObject *call_inspect(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    ms_string *result = NULL;
    ms_error *error = NULL;
    ms_status status;
    native_paths paths;
    if (!native_count("inspect", count, 1) || !native_paths_get(arguments[0], &paths)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_inspect(paths.items, paths.count, &result, &error);
    Py_END_ALLOW_THREADS
    native_paths_free(&paths);
    return native_result(status, result, error);
}

PyMethodDef native_file_calls[] = {
    NATIVE("hash_files", call_hash_files),
    NATIVE("inspect", call_inspect),
    {NULL, NULL, 0, NULL},
};
