/* Watching folders: events are pulled, with the GIL free meanwhile. */
#include "native.h"

static PyObject *call_watch_start(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *request = NULL;
    ms_watch *watch = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("watch_start", count, 2) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 1, &request)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_watch_start(shelf, request, &watch, &error);
    Py_END_ALLOW_THREADS
    if (status != MS_OK) return native_raise(status, error);
    return native_folders_new(module, watch);
}

/* How long the main thread waits before it lets signal handlers run; other threads run none. */
enum { SLICE = 200 };

/* The events as JSON, or None when the watch has ended. Waits in slices where Ctrl-C is to be noticed. */
static PyObject *call_events_next(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_watch *watch = NULL;
    if (!native_count("events_next", count, 3) || !native_folders(module, arguments[0], &watch)) return NULL;
    long wait = PyLong_AsLong(arguments[1]);
    if (PyErr_Occurred()) return NULL;
    int notices = PyObject_IsTrue(arguments[2]);
    if (notices < 0) return NULL;
    if (wait > INT32_MAX) wait = INT32_MAX;
    for (;;) {
        ms_string *events = NULL;
        ms_error *error = NULL;
        ms_status status;
        long slice = notices && (wait < 0 || wait > SLICE) ? SLICE : wait < 0 ? -1 : wait;
        Py_BEGIN_ALLOW_THREADS
        status = ms_events_next(watch, (int32_t)slice, &events, &error);
        Py_END_ALLOW_THREADS
        int is_last = wait >= 0 && wait <= slice;
        /* An empty array has two bytes. */
        if (status != MS_OK || events == NULL || is_last || ms_string_size(events) > 2) {
            return native_result(status, events, error);
        }
        ms_string_free(events);
        if (wait > 0) wait -= slice;
        if (PyErr_CheckSignals() != 0) return NULL;
    }
}

static PyObject *call_watch_stop(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_watch *watch = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("watch_stop", count, 1) || !native_folders(module, arguments[0], &watch)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_watch_stop(watch, &error);
    Py_END_ALLOW_THREADS
    return native_nothing(status, error);
}

PyMethodDef native_watch_calls[] = {
    NATIVE("watch_start", call_watch_start),
    NATIVE("events_next", call_events_next),
    NATIVE("watch_stop", call_watch_stop),
    {NULL, NULL, 0, NULL},
};
