/* Downloads, previews and the walk through the catalogue. */
#include "native.h"

/* ms_download() or ms_preview(). */
typedef ms_status (*of_shelf)(ms_shelf *, const char *, ms_progress_fn, void *, ms_cancel_token *, ms_string **,
                              ms_error **);

static PyObject *ask_shelf(PyObject *module, PyObject *const *arguments, of_shelf ask)
{
    ms_shelf *shelf = NULL;
    const char *request = NULL;
    ms_cancel_token *token = NULL;
    ms_string *report = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_shelf(module, arguments[0], &shelf) || !native_text(arguments[1], 0, &request)) return NULL;
    if (!native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ask(shelf, request, native_watch_report, &watch, token, &report, &error);
    return native_watch_end(&watch, status, report, error);
}

static PyObject *call_download(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("download", count, 4)) return NULL;
    return ask_shelf(module, arguments, ms_download);
}

static PyObject *call_preview(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("preview", count, 4)) return NULL;
    return ask_shelf(module, arguments, ms_preview);
}

/* ms_civitai_download() or ms_civitai_picture(). */
typedef ms_status (*of_service)(const char *, const char *, ms_progress_fn, void *, ms_cancel_token *, ms_string **,
                                ms_error **);

static PyObject *ask_service(PyObject *module, PyObject *const *arguments, of_service ask)
{
    const char *request = NULL, *options = NULL;
    ms_cancel_token *token = NULL;
    ms_string *report = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_text(arguments[0], 0, &request) || !native_text(arguments[1], 1, &options)) return NULL;
    if (!native_token(module, arguments[3], &token)) return NULL;
    native_watch_begin(&watch, arguments[2]);
    ms_status status = ask(request, options, native_watch_report, &watch, token, &report, &error);
    return native_watch_end(&watch, status, report, error);
}

static PyObject *call_civitai_download(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("civitai_download", count, 4)) return NULL;
    return ask_service(module, arguments, ms_civitai_download);
}

static PyObject *call_civitai_picture(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (!native_count("civitai_picture", count, 4)) return NULL;
    return ask_service(module, arguments, ms_civitai_picture);
}

static PyObject *call_civitai_me(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    const char *options = NULL;
    ms_cancel_token *token = NULL;
    ms_string *result = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("civitai_me", count, 3) || !native_text(arguments[0], 1, &options)) return NULL;
    if (!native_token(module, arguments[2], &token)) return NULL;
    native_watch_begin(&watch, arguments[1]);
    ms_status status = ms_civitai_me(options, native_watch_report, &watch, token, &result, &error);
    return native_watch_end(&watch, status, result, error);
}

static PyObject *call_catalogue_open(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    const char *kind = NULL, *filters = NULL, *options = NULL;
    ms_catalogue *catalogue = NULL;
    ms_error *error = NULL;
    if (!native_count("catalogue_open", count, 3) || !native_text(arguments[0], 0, &kind)) return NULL;
    if (!native_text(arguments[1], 1, &filters) || !native_text(arguments[2], 1, &options)) return NULL;
    ms_status status = ms_catalogue_open(kind, filters, options, &catalogue, &error);
    if (status != MS_OK) return native_raise(status, error);
    return native_catalogue_new(module, catalogue);
}

static PyObject *call_catalogue_next(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    ms_catalogue *catalogue = NULL;
    ms_cancel_token *token = NULL;
    ms_string *items = NULL;
    ms_error *error = NULL;
    native_watch watch;
    if (!native_count("catalogue_next", count, 3)) return NULL;
    if (!native_catalogue(module, arguments[0], &catalogue) || !native_token(module, arguments[2], &token)) return NULL;
    native_watch_begin(&watch, arguments[1]);
    ms_status status = ms_catalogue_next(catalogue, native_watch_report, &watch, token, &items, &error);
    return native_watch_end(&watch, status, items, error);
}

static PyObject *call_image_url(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    const char *url = NULL;
    ms_string *result = NULL;
    ms_error *error = NULL;
    if (!native_count("image_url", count, 3) || !native_text(arguments[0], 0, &url)) return NULL;
    long width = PyLong_AsLong(arguments[1]);
    if (PyErr_Occurred()) return NULL;
    if (width < 0 || width > 1000000) {
        PyErr_SetString(PyExc_ValueError, "width must be from 0 to 1000000");
        return NULL;
    }
    int still = PyObject_IsTrue(arguments[2]);
    if (still < 0) return NULL;
    ms_status status = ms_image_url(url, (int32_t)width, still, &result, &error);
    return native_result(status, result, error);
}

PyMethodDef native_fetch_calls[] = {
    NATIVE("download", call_download),
    NATIVE("preview", call_preview),
    NATIVE("civitai_download", call_civitai_download),
    NATIVE("civitai_picture", call_civitai_picture),
    NATIVE("civitai_me", call_civitai_me),
    NATIVE("catalogue_open", call_catalogue_open),
    NATIVE("catalogue_next", call_catalogue_next),
    NATIVE("image_url", call_image_url),
    {NULL, NULL, 0, NULL},
};
