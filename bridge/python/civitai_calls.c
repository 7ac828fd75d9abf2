/* Questions to Civitai. */
#include "native.h"

static PyObject *call_lookup(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_shelf *shelf = NULL;
    const char *queries = NULL;
    ms_cancel_token *token = NULL;
    ms_string *results = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("lookup", count, 4) || !native_shelf(module, arguments[0], &shelf)) return NULL;
    if (!native_text(arguments[1], 0, &queries) || !native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ms_lookup(shelf, queries, native_watch_report, &watch, token, &results, &error);
    return native_watch_end(&watch, status, results, error);
}

static PyObject *call_civitai_lookup(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    const char *queries = NULL, *options = NULL;
    ms_cancel_token *token = NULL;
    ms_string *results = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("civitai_lookup", count, 4)) return NULL;
    if (!native_text(arguments[0], 0, &queries) || !native_text(arguments[1], 1, &options)) return NULL;
    if (!native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ms_civitai_lookup(queries, options, native_watch_report, &watch, token, &results, &error);
    return native_watch_end(&watch, status, results, error);
}

/* ms_civitai_model() or ms_civitai_version(). */
typedef ms_status (*by_id)(int64_t, const char *, ms_progress_fn, void *, ms_cancel_token *, ms_string **,
                           ms_error **);

static PyObject *ask_by_id(PyObject *module, PyObject *const *arguments, by_id ask)
{
    const char *options = NULL;
    ms_cancel_token *token = NULL;
    ms_string *result = NULL;
    ms_error *error = NULL;
    native_watch watch;
    long long number = PyLong_AsLongLong(arguments[0]);
    if (PyErr_Occurred()) return NULL;
    if (!native_text(arguments[1], 1, &options) || !native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ask(number, options, native_watch_report, &watch, token, &result, &error);
    return native_watch_end(&watch, status, result, error);
}

static PyObject *call_civitai_model(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("civitai_model", count, 4)) return NULL;
    return ask_by_id(module, arguments, ms_civitai_model);
}

static PyObject *call_civitai_version(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("civitai_version", count, 4)) return NULL;
    return ask_by_id(module, arguments, ms_civitai_version);
}

static PyObject *call_add_certificates(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    PyObject *owner = NULL;
    const char *path = NULL;
    ms_error *error = NULL;
    if (!native_count("add_certificates", count, 1) || !native_path(arguments[0], 0, &owner, &path)) return NULL;
    ms_status status = ms_certificates_add(path, &error);
    Py_DECREF(owner);
    return native_nothing(status, error);
}

static PyObject *call_civitai_reference(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    const char *text = NULL;
    ms_string *result = NULL;
    ms_error *error = NULL;
    if (!native_count("civitai_reference", count, 1) || !native_text(arguments[0], 0, &text)) return NULL;
    ms_status status = ms_civitai_reference(text, &result, &error);
    return native_result(status, result, error);
}

PyMethodDef native_civitai_calls[] = {
    NATIVE("civitai_reference", call_civitai_reference),
    NATIVE("lookup", call_lookup),
    NATIVE("civitai_lookup", call_civitai_lookup),
    NATIVE("civitai_model", call_civitai_model),
    NATIVE("civitai_version", call_civitai_version),
    NATIVE("add_certificates", call_add_certificates),
    {NULL, NULL, 0, NULL},
};
