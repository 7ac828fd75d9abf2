/* What the parts of modelshelf._native share. */
#ifndef MODELSHELF_NATIVE_H
#define MODELSHELF_NATIVE_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030A0000
#endif
#include <Python.h>

#include <modelshelf.h>

/* What a module object owns; there is no static state, so every interpreter has its own. */
typedef struct {
    PyTypeObject *shelf_type;
    PyTypeObject *cancel_type;
    PyTypeObject *catalogue_type;
    PyTypeObject *watch_type;
} native_state;

/* A method table entry of a function that takes its arguments as an array. */
#define NATIVE(name, function) {name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL, NULL}

/* handles.c */
int native_add_types(PyObject *module);
/* An object that owns the handle. */
PyObject *native_shelf_new(PyObject *module, ms_shelf *shelf);
PyObject *native_catalogue_new(PyObject *module, ms_catalogue *catalogue);

/* hasher.c */
int native_add_hasher(PyObject *module);

PyObject *native_folders_new(PyObject *module, ms_watch *watch);

/* failure.c: sets the exception for an error and ends it; gives NULL. */
PyObject *native_raise(ms_status status, ms_error *error);

/* arguments.c: each gives 0 with an exception set when the argument does not fit. */
int native_count(const char *name, Py_ssize_t given, Py_ssize_t wanted);
int native_shelf(PyObject *module, PyObject *object, ms_shelf **shelf);
int native_catalogue(PyObject *module, PyObject *object, ms_catalogue **catalogue);
int native_folders(PyObject *module, PyObject *object, ms_watch **watch);
/* NULL for None. */
int native_token(PyObject *module, PyObject *object, ms_cancel_token **token);
/* A path as bytes; the reference in `owner` keeps them. `optional` takes None as NULL. */
int native_path(PyObject *object, int optional, PyObject **owner, const char **path);
/* A str as UTF-8 that lives as long as the str. `optional` takes None as NULL. */
int native_text(PyObject *object, int optional, const char **text);
/* A list of paths as an array; ended with native_paths_free(). */
typedef struct {
    PyObject *owners;
    const char **items;
    size_t count;
} native_paths;
int native_paths_get(PyObject *object, native_paths *paths);
void native_paths_free(native_paths *paths);

/* results.c: the value of a call that has ended; takes over text and error. */
PyObject *native_result(ms_status status, ms_string *text, ms_error *error);
/* A text of many lines as a list of them, without their ends. */
PyObject *native_lines(ms_status status, ms_string *text, ms_error *error);
PyObject *native_nothing(ms_status status, ms_error *error);

/* watched.c: a long call that releases the GIL and takes it back to report progress and to notice signals. */
typedef struct {
    PyObject *callable;
    PyThreadState *thread;
    int failed;
} native_watch;
void native_watch_begin(native_watch *watch, PyObject *progress);
int32_t native_watch_report(const ms_progress *progress, void *watch);
/* Takes the GIL back; as native_result(), but an exception of the callback comes first. */
PyObject *native_watch_end(native_watch *watch, ms_status status, ms_string *text, ms_error *error);

/* Method tables of the files that hold the calls. */
extern PyMethodDef native_shelf_calls[];
extern PyMethodDef native_record_calls[];
extern PyMethodDef native_file_calls[];
extern PyMethodDef native_civitai_calls[];
extern PyMethodDef native_fetch_calls[];
extern PyMethodDef native_queue_calls[];
extern PyMethodDef native_log_calls[];
extern PyMethodDef native_watch_calls[];
extern PyMethodDef native_sidecar_calls[];

#endif
