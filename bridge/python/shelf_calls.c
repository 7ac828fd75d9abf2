/* Opening, closing, scanning, and the folders of a shelf. */
#include "native.h"

static PyObject *call_open(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *owner = NULL;
    const char *database = NULL, *options = NULL;
    ms_shelf *shelf = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("open", count, 2)) return NULL;
    if (!native_text(arguments[1], 1, &options)) return NULL;
    if (!native_path(arguments[0], 1, &owner, &database)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_open(database, options, &shelf, &error);
    Py_END_ALLOW_THREADS
    Py_XDECREF(owner);
    if (status != MS_OK) return native_raise(status, error);
    return native_shelf_new(module, shelf);
}

static PyObject *call_close(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    if (!native_count("close", count, 1) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    ms_close(shelf);
    Py_END_ALLOW_THREADS
    return Py_NewRef(Py_None);
}

static PyObject *call_database(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    ms_string *path = NULL;
    ms_error *error = NULL;
    if (!native_count("database", count, 1) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    ms_status status = ms_database(shelf, &path, &error);
    if (status != MS_OK) return native_raise(status, error);
    PyObject *value = PyUnicode_DecodeFSDefaultAndSize(ms_string_data(path), (Py_ssize_t)ms_string_size(path));
    ms_string_free(path);
    return value;
}

static PyObject *call_scan(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *request = NULL;
    ms_cancel_token *token = NULL;
    ms_string *report = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("scan", count, 4) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 1, &request) || !native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ms_scan(shelf, request, native_watch_report, &watch, token, &report, &error);
    return native_watch_end(&watch, status, report, error);
}

static PyObject *call_doctor(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    ms_string *findings = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("doctor", count, 1) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_doctor(shelf, &findings, &error);
    Py_END_ALLOW_THREADS
    return native_result(status, findings, error);
}

static PyObject *call_roots(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    ms_string *roots = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("roots", count, 1) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_roots(shelf, &roots, &error);
    Py_END_ALLOW_THREADS
    return native_result(status, roots, error);
}

static PyObject *call_roots_add(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *path = NULL, *type = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("roots_add", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[2], 1, &type) || !native_path(arguments[1], 0, &owner, &path)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_roots_add(shelf, path, type, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_nothing(status, error);
}

static PyObject *call_roots_set(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *path = NULL, *settings = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("roots_set", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[2], 1, &settings) || !native_path(arguments[1], 0, &owner, &path)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_roots_set(shelf, path, settings, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_nothing(status, error);
}

static PyObject *call_roots_import(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *path = NULL;
    int dry_run;
    ms_string *report = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("roots_import", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    dry_run = PyObject_IsTrue(arguments[2]);
    if (dry_run < 0 || !native_path(arguments[1], 0, &owner, &path)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_roots_import(shelf, path, dry_run, &report, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_result(status, report, error);
}

static PyObject *call_roots_remove(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *path = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("roots_remove", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_path(arguments[1], 0, &owner, &path)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_roots_remove(shelf, path, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_nothing(status, error);
}

PyMethodDef native_shelf_calls[] = {
    NATIVE("open", call_open),
    NATIVE("close", call_close),
    NATIVE("database", call_database),
    NATIVE("scan", call_scan),
    NATIVE("doctor", call_doctor),
    NATIVE("roots", call_roots),
    NATIVE("roots_add", call_roots_add),
    NATIVE("roots_remove", call_roots_remove),
    {NULL, NULL, 0, NULL},
};
