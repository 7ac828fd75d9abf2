/* The queue of downloads. */
#include "native.h"

static PyObject *call_downloads_add(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *requests = NULL;
    ms_string *downloads = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("downloads_add", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 0, &requests)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_downloads_add(shelf, requests, &downloads, &error);
    Py_END_ALLOW_THREADS
    return native_result(status, downloads, error);
}

static PyObject *call_downloads_list(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    ms_string *downloads = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("downloads_list", count, 1) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_downloads_list(shelf, &downloads, &error);
    Py_END_ALLOW_THREADS
    return native_result(status, downloads, error);
}

/* ms_downloads_pause(), _resume() or _remove(). */
typedef ms_status (*of_download)(ms_shelf *, int64_t, ms_error **);

static PyObject *change(PyObject *module, PyObject *const *arguments, of_download call)
{
    ms_shelf *shelf = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_shelf(module, arguments[0], &shelf)) return NULL;
    long long id = PyLong_AsLongLong(arguments[1]);
    if (PyErr_Occurred()) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = call(shelf, (int64_t)id, &error);
    Py_END_ALLOW_THREADS
    return native_nothing(status, error);
}

static PyObject *call_downloads_pause(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("downloads_pause", count, 2)) return NULL;
    return change(module, arguments, ms_downloads_pause);
}

static PyObject *call_downloads_resume(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("downloads_resume", count, 2)) return NULL;
    return change(module, arguments, ms_downloads_resume);
}

static PyObject *call_downloads_remove(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("downloads_remove", count, 2)) return NULL;
    return change(module, arguments, ms_downloads_remove);
}

static PyObject *call_downloads_run(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    ms_cancel_token *token = NULL;
    ms_string *report = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("downloads_run", count, 3) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_token(module, arguments[2], &token)) return NULL;
    native_watch_begin(&watch, arguments[1]);
    ms_status status = ms_downloads_run(shelf, native_watch_report, &watch, token, &report, &error);
    return native_watch_end(&watch, status, report, error);
}

PyMethodDef native_queue_calls[] = {
    NATIVE("downloads_add", call_downloads_add),
    NATIVE("downloads_list", call_downloads_list),
    NATIVE("downloads_pause", call_downloads_pause),
    NATIVE("downloads_resume", call_downloads_resume),
    NATIVE("downloads_remove", call_downloads_remove),
    NATIVE("downloads_run", call_downloads_run),
    {NULL, NULL, 0, NULL},
};
