/* Long calls: the GIL is free while they run. About ten times a second the library calls back on this same thread;
 * then the GIL is taken for a moment to let signal handlers run (Ctrl-C) and to tell the caller's callback. */
#include "native.h"

void native_watch_begin(native_watch *watch, PyObject *progress)
{
    watch->callable = progress == Py_None ? NULL : progress;
    watch->failed = 0;
    watch->thread = PyEval_SaveThread();
}

static int tell(PyObject *callable, const ms_progress *progress)
{
    PyObject *path = progress->path != NULL ? PyUnicode_DecodeFSDefault(progress->path) : Py_NewRef(Py_None);
    if (path == NULL) return 0;
    PyObject *answer = PyObject_CallFunction(
        callable, "sOLLLLdd", progress->phase, path, (long long)progress->files, (long long)progress->files_total,
        (long long)progress->bytes, (long long)progress->bytes_total, progress->bytes_per_second,
        progress->seconds_left);
    Py_DECREF(path);
    Py_XDECREF(answer);
    return answer != NULL;
}

int32_t native_watch_report(const ms_progress *progress, void *payload)
{
    native_watch *watch = payload;
    if (watch->failed) return 1;
    PyEval_RestoreThread(watch->thread);
    watch->failed = PyErr_CheckSignals() != 0 || (watch->callable != NULL && !tell(watch->callable, progress));
    watch->thread = PyEval_SaveThread();
    return watch->failed;
}

PyObject *native_watch_end(native_watch *watch, ms_status status, ms_string *text, ms_error *error)
{
    PyEval_RestoreThread(watch->thread);
    if (!watch->failed) return native_result(status, text, error);
    ms_string_free(text);
    ms_error_free(error);
    return NULL;
}
