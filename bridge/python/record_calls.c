/* Reading and editing the records of a shelf. */
#include "native.h"

static PyObject *call_get(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *what = NULL;
    ms_string *record = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("get", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_path(arguments[1], 0, &owner, &what)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_get(shelf, what, &record, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_result(status, record, error);
}

static PyObject *call_list(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *filter = NULL;
    ms_string *page = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("list", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 1, &filter)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_list(shelf, filter, &page, &error);
    Py_END_ALLOW_THREADS
    return native_lines(status, page, error);
}

static PyObject *call_count(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *filter = NULL;
    int64_t number = 0;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("count", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 1, &filter)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_count(shelf, filter, &number, &error);
    Py_END_ALLOW_THREADS
    if (status != MS_OK) return native_raise(status, error);
    return PyLong_FromLongLong(number);
}

static PyObject *call_search(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *text = NULL, *filter = NULL;
    ms_string *page = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("search", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 0, &text) || !native_text(arguments[2], 1, &filter)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_search(shelf, text, filter, &page, &error);
    Py_END_ALLOW_THREADS
    return native_lines(status, page, error);
}

static PyObject *call_stored_hash(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *path = NULL, *algorithm = NULL;
    char hash[MS_HASH_SIZE];
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("stored_hash", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[2], 0, &algorithm) || !native_path(arguments[1], 0, &owner, &path)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_stored_hash(shelf, path, algorithm, hash, sizeof hash, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    if (status != MS_OK) return native_raise(status, error);
    return hash[0] != 0 ? PyUnicode_FromString(hash) : Py_NewRef(Py_None);
}

static PyObject *call_update(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *what = NULL, *edits = NULL;
    ms_string *record = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("update", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[2], 0, &edits) || !native_path(arguments[1], 0, &owner, &what)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_update(shelf, what, edits, &record, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_result(status, record, error);
}

static PyObject *call_link(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *what = NULL;
    ms_string *record = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("link", count, 4) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    long long model = PyLong_AsLongLong(arguments[2]);
    long long version = PyErr_Occurred() ? 0 : PyLong_AsLongLong(arguments[3]);
    if (PyErr_Occurred() || !native_path(arguments[1], 0, &owner, &what)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_link(shelf, what, model, version, &record, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_result(status, record, error);
}

static PyObject *call_unlink(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    PyObject *owner = NULL;
    const char *what = NULL;
    ms_string *record = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("unlink", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_path(arguments[1], 0, &owner, &what)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_unlink(shelf, what, &record, &error);
    Py_END_ALLOW_THREADS
    Py_DECREF(owner);
    return native_result(status, record, error);
}

PyMethodDef native_record_calls[] = {
    NATIVE("get", call_get),
    NATIVE("list", call_list),
    NATIVE("count", call_count),
    NATIVE("search", call_search),
    NATIVE("stored_hash", call_stored_hash),
    NATIVE("update", call_update),
    NATIVE("link", call_link),
    NATIVE("unlink", call_unlink),
    {NULL, NULL, 0, NULL},
};
