/* Sidecars: the metadata beside a model. */
#include "native.h"

/* The arguments that all of them begin with: shelf, model, gathering folder or None. */
typedef struct {
    ms_shelf *shelf;
    PyObject *model_owner;
    PyObject *folder_owner;
    const char *model;
    const char *folder;
} place;

static int place_get(PyObject *module, PyObject *const *arguments, place *where)
{
    where->model_owner = where->folder_owner = NULL;
    if (!native_shelf(module, arguments[0], &where->shelf)) return 0;
    if (!native_path(arguments[1], 0, &where->model_owner, &where->model)) return 0;
    if (native_path(arguments[2], 1, &where->folder_owner, &where->folder)) return 1;
    Py_CLEAR(where->model_owner);
    return 0;
}

static void place_free(place *where)
{
    Py_XDECREF(where->model_owner);
    Py_XDECREF(where->folder_owner);
}

static PyObject *call_sidecar_path(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    place where;
    ms_string *path = NULL;
    ms_error *error = NULL;
    if (!native_count("sidecar_path", count, 3) || !place_get(module, arguments, &where)) return NULL;
    ms_status status = ms_sidecar_path(where.shelf, where.model, where.folder, &path, &error);
    place_free(&where);
    if (status != MS_OK) return native_raise(status, error);
    PyObject *value = PyUnicode_DecodeFSDefaultAndSize(ms_string_data(path), (Py_ssize_t)ms_string_size(path));
    ms_string_free(path);
    return value;
}

static PyObject *call_sidecar_read(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    place where;
    ms_string *document = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("sidecar_read", count, 3) || !place_get(module, arguments, &where)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_sidecar_read(where.shelf, where.model, where.folder, &document, &error);
    Py_END_ALLOW_THREADS
    place_free(&where);
    return native_result(status, document, error);
}

static PyObject *call_sidecar_write(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    place where;
    const char *fields = NULL;
    ms_string *document = NULL;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("sidecar_write", count, 5) || !native_text(arguments[3], 0, &fields)) return NULL;
    int replace = PyObject_IsTrue(arguments[4]);
    if (replace < 0 || !place_get(module, arguments, &where)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_sidecar_write(where.shelf, where.model, where.folder, fields, replace, &document, &error);
    Py_END_ALLOW_THREADS
    place_free(&where);
    return native_result(status, document, error);
}

static PyObject *call_sidecar_delete(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    place where;
    int32_t deleted = 0;
    ms_error *error = NULL;
    ms_status status;
    if (!native_count("sidecar_delete", count, 3) || !place_get(module, arguments, &where)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = ms_sidecar_delete(where.shelf, where.model, where.folder, &deleted, &error);
    Py_END_ALLOW_THREADS
    place_free(&where);
    if (status != MS_OK) return native_raise(status, error);
    return PyBool_FromLong(deleted);
}

PyMethodDef native_sidecar_calls[] = {
    NATIVE("sidecar_path", call_sidecar_path),
    NATIVE("sidecar_read", call_sidecar_read),
    NATIVE("sidecar_write", call_sidecar_write),
    NATIVE("sidecar_delete", call_sidecar_delete),
    {NULL, NULL, 0, NULL},
};
