/* The stable interface of CPython 3.10, for a program that finds libpython only when it runs.
 *
 * bridge/python is compiled twice: for the wheel with CPython's own header, and into the command line with this one.
 * Here each function is a pointer of the same name, hidden inside the program and filled by embed_load(). Names,
 * numbers and layouts are those that PEP 384 promises to keep. A name that is missing here does not compile: add it
 * to the list below. */
#ifndef MODELSHELF_STANDIN_PYTHON_H
#define MODELSHELF_STANDIN_PYTHON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

typedef ssize_t Py_ssize_t;
typedef struct _object PyObject;
typedef struct _typeobject PyTypeObject;
typedef struct _ts PyThreadState;

struct _object {
    Py_ssize_t ob_refcnt;
    PyTypeObject *ob_type;
};
#define PyObject_HEAD PyObject ob_base;

typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef int (*visitproc)(PyObject *, void *);
typedef int (*traverseproc)(PyObject *, visitproc, void *);
typedef int (*inquiry)(PyObject *);
typedef void (*freefunc)(void *);
typedef void (*destructor)(PyObject *);
typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);
typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
typedef PyObject *(*getter)(PyObject *, void *);
typedef int (*setter)(PyObject *, PyObject *, void *);

typedef struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;
    const char *ml_doc;
} PyMethodDef;

typedef struct PyGetSetDef {
    const char *name;
    getter get;
    setter set;
    const char *doc;
    void *closure;
} PyGetSetDef;

typedef struct {
    int slot;
    void *pfunc;
} PyType_Slot;

typedef struct {
    const char *name;
    int basicsize;
    int itemsize;
    unsigned int flags;
    PyType_Slot *slots;
} PyType_Spec;

typedef struct {
    PyObject ob_base;
    PyObject *(*m_init)(void);
    Py_ssize_t m_index;
    PyObject *m_copy;
} PyModuleDef_Base;

typedef struct {
    int slot;
    void *value;
} PyModuleDef_Slot;

typedef struct PyModuleDef {
    PyModuleDef_Base m_base;
    const char *m_name;
    const char *m_doc;
    Py_ssize_t m_size;
    PyMethodDef *m_methods;
    PyModuleDef_Slot *m_slots;
    traverseproc m_traverse;
    inquiry m_clear;
    freefunc m_free;
} PyModuleDef;

/* How starting the interpreter went. Not in the stable interface, but the same in all versions since 3.8. */
typedef struct {
    int _type;
    const char *func;
    const char *err_msg;
    int exitcode;
} PyStatus;
/* Its size differs between versions, so it is only ever held in room that is large enough. */
typedef struct PyConfig PyConfig;

#define METH_VARARGS 0x0001
#define METH_KEYWORDS 0x0002
#define METH_NOARGS 0x0004
#define METH_O 0x0008
#define METH_FASTCALL 0x0080

#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)
#define Py_TPFLAGS_BASETYPE (1UL << 10)
#define Py_TPFLAGS_HAVE_GC (1UL << 14)
#define Py_TPFLAGS_HAVE_VERSION_TAG (1UL << 18)
#define Py_TPFLAGS_LIST_SUBCLASS (1UL << 25)
#define Py_TPFLAGS_UNICODE_SUBCLASS (1UL << 28)
#define Py_TPFLAGS_DEFAULT Py_TPFLAGS_HAVE_VERSION_TAG

#define Py_tp_alloc 47
#define Py_tp_clear 51
#define Py_tp_dealloc 52
#define Py_tp_doc 56
#define Py_tp_iter 62
#define Py_tp_iternext 63
#define Py_tp_methods 64
#define Py_tp_new 65
#define Py_tp_repr 66
#define Py_tp_traverse 71
#define Py_tp_getset 73
#define Py_tp_free 74
#define Py_mod_exec 2

#define Py_file_input 257

/* Every function that is called: result, name, arguments. */
#define PYTHON_FUNCTIONS(F)                                                                                            \
    F(int, PyArg_ParseTupleAndKeywords, (PyObject *, PyObject *, const char *, char **, ...))                          \
    F(PyObject *, PyBool_FromLong, (long))                                                                             \
    F(PyObject *, Py_BuildValue, (const char *, ...))                                                                  \
    F(char *, PyBytes_AsString, (PyObject *))                                                                          \
    F(Py_ssize_t, PyBytes_Size, (PyObject *))                                                                          \
    F(PyObject *, PyBytes_FromStringAndSize, (const char *, Py_ssize_t))                                               \
    F(PyObject *, PyCFunction_NewEx, (PyMethodDef *, PyObject *, PyObject *))                                          \
    F(void, Py_DecRef, (PyObject *))                                                                                   \
    F(PyObject *, PyDict_New, (void))                                                                                  \
    F(PyObject *, PyDict_GetItemString, (PyObject *, const char *))                                                    \
    F(PyObject *, PyDict_Keys, (PyObject *))                                                                           \
    F(int, PyDict_SetItemString, (PyObject *, const char *, PyObject *))                                               \
    F(int, PyErr_CheckSignals, (void))                                                                                 \
    F(void, PyErr_Clear, (void))                                                                                       \
    F(int, PyErr_ExceptionMatches, (PyObject *))                                                                       \
    F(PyObject *, PyErr_Format, (PyObject *, const char *, ...))                                                       \
    F(PyObject *, PyErr_NoMemory, (void))                                                                              \
    F(PyObject *, PyErr_Occurred, (void))                                                                              \
    F(void, PyErr_Print, (void))                                                                                       \
    F(void, PyErr_SetObject, (PyObject *, PyObject *))                                                                 \
    F(void, PyErr_SetString, (PyObject *, const char *))                                                               \
    F(PyObject *, PyEval_EvalCode, (PyObject *, PyObject *, PyObject *))                                               \
    F(PyObject *, PyEval_GetBuiltins, (void))                                                                          \
    F(void, PyEval_RestoreThread, (PyThreadState *))                                                                   \
    F(PyThreadState *, PyEval_SaveThread, (void))                                                                      \
    F(int, Py_FinalizeEx, (void))                                                                                      \
    F(const char *, Py_GetVersion, (void))                                                                             \
    F(int, PyImport_AppendInittab, (const char *, PyObject *(*)(void)))                                                \
    F(PyObject *, PyImport_ImportModule, (const char *))                                                               \
    F(void, Py_IncRef, (PyObject *))                                                                                   \
    F(int, PyList_Append, (PyObject *, PyObject *))                                                                    \
    F(PyObject *, PyList_AsTuple, (PyObject *))                                                                        \
    F(PyObject *, PyList_GetItem, (PyObject *, Py_ssize_t))                                                            \
    F(PyObject *, PyList_New, (Py_ssize_t))                                                                            \
    F(Py_ssize_t, PyList_Size, (PyObject *))                                                                           \
    F(long, PyLong_AsLong, (PyObject *))                                                                               \
    F(long long, PyLong_AsLongLong, (PyObject *))                                                                      \
    F(PyObject *, PyLong_FromLongLong, (long long))                                                                    \
    F(void *, PyMem_Calloc, (size_t, size_t))                                                                          \
    F(void, PyMem_Free, (void *))                                                                                      \
    F(PyObject *, PyMemoryView_FromObject, (PyObject *))                                                               \
    F(int, PyModule_AddFunctions, (PyObject *, PyMethodDef *))                                                         \
    F(int, PyModule_AddIntConstant, (PyObject *, const char *, long))                                                  \
    F(int, PyModule_AddStringConstant, (PyObject *, const char *, const char *))                                       \
    F(int, PyModule_AddType, (PyObject *, PyTypeObject *))                                                             \
    F(void *, PyModule_GetState, (PyObject *))                                                                         \
    F(PyObject *, PyModuleDef_Init, (PyModuleDef *))                                                                   \
    F(PyObject *, Py_NewRef, (PyObject *))                                                                             \
    F(int, PyObject_AsReadBuffer, (PyObject *, const void **, Py_ssize_t *))                                           \
    F(PyObject *, PyObject_CallFunction, (PyObject *, const char *, ...))                                              \
    F(PyObject *, PyObject_CallMethod, (PyObject *, const char *, const char *, ...))                                  \
    F(PyObject *, PyObject_GetAttrString, (PyObject *, const char *))                                                  \
    F(int, PyObject_IsTrue, (PyObject *))                                                                              \
    F(PyObject *, PyTuple_GetItem, (PyObject *, Py_ssize_t))                                                           \
    F(PyObject *, PyTuple_New, (Py_ssize_t))                                                                           \
    F(int, PyTuple_SetItem, (PyObject *, Py_ssize_t, PyObject *))                                                      \
    F(Py_ssize_t, PyTuple_Size, (PyObject *))                                                                          \
    F(PyObject *, PyType_FromModuleAndSpec, (PyObject *, PyType_Spec *, PyObject *))                                   \
    F(unsigned long, PyType_GetFlags, (PyTypeObject *))                                                                \
    F(void *, PyType_GetSlot, (PyTypeObject *, int))                                                                   \
    F(int, PyType_IsSubtype, (PyTypeObject *, PyTypeObject *))                                                         \
    F(const char *, PyUnicode_AsUTF8AndSize, (PyObject *, Py_ssize_t *))                                               \
    F(PyObject *, PyUnicode_DecodeFSDefault, (const char *))                                                           \
    F(PyObject *, PyUnicode_DecodeFSDefaultAndSize, (const char *, Py_ssize_t))                                        \
    F(int, PyUnicode_FSConverter, (PyObject *, void *))                                                                \
    F(PyObject *, PyUnicode_FromString, (const char *))                                                                \
    F(PyObject *, PyUnicode_FromStringAndSize, (const char *, Py_ssize_t))                                             \
    F(PyObject *, PyUnicode_Join, (PyObject *, PyObject *))                                                            \
    /* Starting and ending the interpreter. */                                                                         \
    F(PyObject *, Py_CompileString, (const char *, const char *, int))                                                 \
    F(void, PyConfig_Clear, (PyConfig *))                                                                              \
    F(void, PyConfig_InitPythonConfig, (PyConfig *))                                                                   \
    F(PyStatus, PyConfig_SetBytesArgv, (PyConfig *, Py_ssize_t, char *const *))                                        \
    F(void, Py_ExitStatusException, (PyStatus))                                                                        \
    F(PyStatus, Py_InitializeFromConfig, (const PyConfig *))                                                           \
    F(int, Py_RunMain, (void))                                                                                         \
    F(int, PyStatus_Exception, (PyStatus))                                                                             \
    F(int, PyStatus_IsExit, (PyStatus))

/* Every exception class that is named. */
#define PYTHON_EXCEPTIONS(E)                                                                                           \
    E(PyExc_AttributeError)                                                                                            \
    E(PyExc_ImportError)                                                                                               \
    E(PyExc_KeyboardInterrupt)                                                                                         \
    E(PyExc_MemoryError)                                                                                               \
    E(PyExc_OverflowError)                                                                                             \
    E(PyExc_RuntimeError)                                                                                              \
    E(PyExc_TypeError)                                                                                                 \
    E(PyExc_ValueError)

#define PYTHON_HIDDEN extern __attribute__((visibility("hidden")))
#define PYTHON_DECLARE(result, name, arguments) PYTHON_HIDDEN result(*name) arguments;
PYTHON_FUNCTIONS(PYTHON_DECLARE)
#undef PYTHON_DECLARE
#define PYTHON_DECLARE(name) PYTHON_HIDDEN PyObject *name;
PYTHON_EXCEPTIONS(PYTHON_DECLARE)
#undef PYTHON_DECLARE
PYTHON_HIDDEN PyObject *python_none;

#define Py_None python_none
#define Py_INCREF(object) Py_IncRef((PyObject *)(object))
#define Py_XINCREF(object) Py_IncRef((PyObject *)(object))
#define Py_DECREF(object) Py_DecRef((PyObject *)(object))
#define Py_XDECREF(object) Py_DecRef((PyObject *)(object))
#define Py_CLEAR(place)                                                                                                \
    do {                                                                                                               \
        PyObject *python_old = (PyObject *)(place);                                                                    \
        (place) = NULL;                                                                                                \
        Py_DecRef(python_old);                                                                                         \
    } while (0)
#define Py_VISIT(object)                                                                                               \
    do {                                                                                                               \
        int python_found = (object) != NULL ? visit((PyObject *)(object), arg) : 0;                                    \
        if (python_found != 0) return python_found;                                                                    \
    } while (0)
#define Py_TYPE(object) (((PyObject *)(object))->ob_type)
#define PyObject_TypeCheck(object, type) (Py_TYPE(object) == (type) || PyType_IsSubtype(Py_TYPE(object), (type)))
#define PyUnicode_Check(object) ((PyType_GetFlags(Py_TYPE(object)) & Py_TPFLAGS_UNICODE_SUBCLASS) != 0)
#define PyList_Check(object) ((PyType_GetFlags(Py_TYPE(object)) & Py_TPFLAGS_LIST_SUBCLASS) != 0)
#define Py_BEGIN_ALLOW_THREADS { PyThreadState *python_thread = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS PyEval_RestoreThread(python_thread); }
#define PyModuleDef_HEAD_INIT {{1, NULL}, NULL, 0, NULL}
/* Not for others: the program hands its init function to the interpreter itself. */
#define PyMODINIT_FUNC __attribute__((visibility("hidden"))) PyObject *

#endif
