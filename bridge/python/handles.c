/* The types: an open shelf, watched folders, a walk through the catalogue, and the switch that stops calls. */
#include "native.h"


typedef struct {
    PyObject_HEAD
    ms_shelf *shelf;
} shelf_object;

typedef struct {
    PyObject_HEAD
    ms_catalogue *catalogue;
} catalogue_object;

typedef struct {
    PyObject_HEAD
    ms_cancel_token *token;
} cancel_object;

typedef struct {
    PyObject_HEAD
    ms_watch *watch;
} watch_object;

static void release(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc end = (freefunc)PyType_GetSlot(type, Py_tp_free);
    end(self);
    Py_DECREF(type);
}

/* Shelf */

static void shelf_dealloc(PyObject *self)
{
    ms_shelf *shelf = ((shelf_object *)self)->shelf;
    Py_BEGIN_ALLOW_THREADS
    ms_close(shelf);
    Py_END_ALLOW_THREADS
    release(self);
}

static PyType_Slot shelf_slots[] = {
    {Py_tp_doc, (void *)"An open shelf; made by open()."},
    {Py_tp_dealloc, (void *)shelf_dealloc},
    {0, NULL},
};

static PyType_Spec shelf_spec = {
    .name = "modelshelf._native.Shelf",
    .basicsize = sizeof(shelf_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = shelf_slots,
};

int native_shelf(PyObject *module, PyObject *object, ms_shelf **shelf)
{
    native_state *state = PyModule_GetState(module);
    if (!PyObject_TypeCheck(object, state->shelf_type)) {
        PyErr_SetString(PyExc_TypeError, "expected an open shelf");
        return 0;
    }
    *shelf = ((shelf_object *)object)->shelf;
    return 1;
}

PyObject *native_shelf_new(PyObject *module, ms_shelf *shelf)
{
    native_state *state = PyModule_GetState(module);
    allocfunc allocate = (allocfunc)PyType_GetSlot(state->shelf_type, Py_tp_alloc);
    PyObject *self = allocate(state->shelf_type, 0);
    if (self == NULL) {
        ms_close(shelf);
        return NULL;
    }
    ((shelf_object *)self)->shelf = shelf;
    return self;
}

/* Catalogue */

static void catalogue_dealloc(PyObject *self)
{
    ms_catalogue_free(((catalogue_object *)self)->catalogue);
    release(self);
}

static PyType_Slot catalogue_slots[] = {
    {Py_tp_doc, (void *)"A walk through the catalogue; made by catalogue_open()."},
    {Py_tp_dealloc, (void *)catalogue_dealloc},
    {0, NULL},
};

static PyType_Spec catalogue_spec = {
    .name = "modelshelf._native.Catalogue",
    .basicsize = sizeof(catalogue_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = catalogue_slots,
};

int native_catalogue(PyObject *module, PyObject *object, ms_catalogue **catalogue)
{
    native_state *state = PyModule_GetState(module);
    if (!PyObject_TypeCheck(object, state->catalogue_type)) {
        PyErr_SetString(PyExc_TypeError, "expected a catalogue");
        return 0;
    }
    *catalogue = ((catalogue_object *)object)->catalogue;
    return 1;
}

PyObject *native_catalogue_new(PyObject *module, ms_catalogue *catalogue)
{
    native_state *state = PyModule_GetState(module);
    allocfunc allocate = (allocfunc)PyType_GetSlot(state->catalogue_type, Py_tp_alloc);
    PyObject *self = allocate(state->catalogue_type, 0);
    if (self == NULL) {
        ms_catalogue_free(catalogue);
        return NULL;
    }
    ((catalogue_object *)self)->catalogue = catalogue;
    return self;
}

/* Watch */

static void watch_dealloc(PyObject *self)
{
    ms_watch *watch = ((watch_object *)self)->watch;
    Py_BEGIN_ALLOW_THREADS
    ms_watch_free(watch);
    Py_END_ALLOW_THREADS
    release(self);
}

static PyType_Slot watch_slots[] = {
    {Py_tp_doc, (void *)"Folders that are being watched; made by watch_start()."},
    {Py_tp_dealloc, (void *)watch_dealloc},
    {0, NULL},
};

static PyType_Spec watch_spec = {
    .name = "modelshelf._native.Watch",
    .basicsize = sizeof(watch_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = watch_slots,
};

int native_folders(PyObject *module, PyObject *object, ms_watch **watch)
{
    native_state *state = PyModule_GetState(module);
    if (!PyObject_TypeCheck(object, state->watch_type)) {
        PyErr_SetString(PyExc_TypeError, "expected watched folders");
        return 0;
    }
    *watch = ((watch_object *)object)->watch;
    return 1;
}

PyObject *native_folders_new(PyObject *module, ms_watch *watch)
{
    native_state *state = PyModule_GetState(module);
    allocfunc allocate = (allocfunc)PyType_GetSlot(state->watch_type, Py_tp_alloc);
    PyObject *self = allocate(state->watch_type, 0);
    if (self == NULL) {
        ms_watch_free(watch);
        return NULL;
    }
    ((watch_object *)self)->watch = watch;
    return self;
}

/* Cancel */

static PyObject *cancel_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {NULL};
    ms_cancel_token *token = NULL;
    ms_error *error = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, ":Cancel", names)) return NULL;
    ms_status status = ms_cancel_new(&token, &error);
    if (status != MS_OK) return native_raise(status, error);
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self == NULL) {
        ms_cancel_free(token);
        return NULL;
    }
    ((cancel_object *)self)->token = token;
    return self;
}

static void cancel_dealloc(PyObject *self)
{
    ms_cancel_free(((cancel_object *)self)->token);
    release(self);
}

static PyObject *cancel_cancel(PyObject *self, PyObject *unused)
{
    (void)unused;
    ms_error *error = NULL;
    ms_status status = ms_cancel(((cancel_object *)self)->token, &error);
    return native_nothing(status, error);
}

static PyObject *cancel_cancelled(PyObject *self, void *unused)
{
    (void)unused;
    int32_t cancelled = 0;
    ms_error *error = NULL;
    ms_status status = ms_cancel_state(((cancel_object *)self)->token, &cancelled, &error);
    if (status != MS_OK) return native_raise(status, error);
    return PyBool_FromLong(cancelled);
}

static PyMethodDef cancel_methods[] = {
    {"cancel", cancel_cancel, METH_NOARGS, "Stops every call that was given this token. From any thread."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef cancel_properties[] = {
    {"cancelled", cancel_cancelled, NULL, "Whether cancel() was called.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot cancel_slots[] = {
    {Py_tp_doc, (void *)"A switch that stops long calls: give it as cancel=, and call cancel() from any thread."},
    {Py_tp_new, (void *)cancel_new},
    {Py_tp_dealloc, (void *)cancel_dealloc},
    {Py_tp_methods, cancel_methods},
    {Py_tp_getset, cancel_properties},
    {0, NULL},
};

static PyType_Spec cancel_spec = {
    .name = "modelshelf.Cancel",
    .basicsize = sizeof(cancel_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = cancel_slots,
};

int native_token(PyObject *module, PyObject *object, ms_cancel_token **token)
{
    native_state *state = PyModule_GetState(module);
    *token = NULL;
    if (object == Py_None) return 1;
    if (!PyObject_TypeCheck(object, state->cancel_type)) {
        PyErr_SetString(PyExc_TypeError, "cancel must be a modelshelf.Cancel");
        return 0;
    }
    *token = ((cancel_object *)object)->token;
    return 1;
}

int native_add_types(PyObject *module)
{
    native_state *state = PyModule_GetState(module);
    state->shelf_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &shelf_spec, NULL);
    if (state->shelf_type == NULL || PyModule_AddType(module, state->shelf_type) < 0) return -1;
    state->watch_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &watch_spec, NULL);
    if (state->watch_type == NULL || PyModule_AddType(module, state->watch_type) < 0) return -1;
    state->cancel_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &cancel_spec, NULL);
    if (state->cancel_type == NULL || PyModule_AddType(module, state->cancel_type) < 0) return -1;
    state->catalogue_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &catalogue_spec, NULL);
    if (state->catalogue_type == NULL || PyModule_AddType(module, state->catalogue_type) < 0) return -1;
    return 0;
}
