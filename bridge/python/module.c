/* modelshelf._native: the C library for Python. Values travel as JSON text; the package gives them a shape. */
#include "native.h"

static int native_exec(PyObject *module)
{
    PyMethodDef *const tables[] = {
        native_shelf_calls, native_record_calls, native_file_calls, native_civitai_calls,
        native_fetch_calls, native_queue_calls, native_log_calls, native_watch_calls, native_sidecar_calls,
    };
    if (ms_abi_version() < MS_ABI_VERSION) {
        PyErr_Format(PyExc_ImportError,
                     "the modelshelf library that is loaded has interface %d, this module needs %d; "
                     "install both in the same version",
                     (int)ms_abi_version(), MS_ABI_VERSION);
        return -1;
    }
    for (size_t index = 0; index < sizeof tables / sizeof *tables; index++) {
        if (PyModule_AddFunctions(module, tables[index]) < 0) return -1;
    }
    if (PyModule_AddStringConstant(module, "version", ms_version()) < 0) return -1;
    if (PyModule_AddIntConstant(module, "abi_version", ms_abi_version()) < 0) return -1;
    if (native_add_hasher(module) < 0) return -1;
    return native_add_types(module);
}

static int native_traverse(PyObject *module, visitproc visit, void *arg)
{
    native_state *state = PyModule_GetState(module);
    if (state == NULL) return 0;
    Py_VISIT(state->shelf_type);
    Py_VISIT(state->cancel_type);
    Py_VISIT(state->catalogue_type);
    Py_VISIT(state->watch_type);
    return 0;
}

static int native_clear(PyObject *module)
{
    native_state *state = PyModule_GetState(module);
    if (state == NULL) return 0;
    Py_CLEAR(state->shelf_type);
    Py_CLEAR(state->cancel_type);
    Py_CLEAR(state->catalogue_type);
    Py_CLEAR(state->watch_type);
    return 0;
}

static void native_free(void *module) { native_clear((PyObject *)module); }

static PyModuleDef_Slot native_slots[] = {
    {Py_mod_exec, (void *)native_exec},
    {0, NULL},
};

static PyModuleDef native_module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "modelshelf._native",
    .m_doc = "The C library of modelshelf. Private: use the modelshelf package.",
    .m_size = sizeof(native_state),
    .m_slots = native_slots,
    .m_traverse = native_traverse,
    .m_clear = native_clear,
    .m_free = native_free,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&native_module); }
