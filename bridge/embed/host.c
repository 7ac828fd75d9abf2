/* Starts the interpreter as python3 starts it, with the package inside. */
#include <Python.h>

#include <modelshelf.h>

#include "host.h"
#include "modelshelf_embed.h"

/* module.c of bridge/python. */
PyMODINIT_FUNC PyInit__native(void);

/* Room for the PyConfig of any version: those of 3.10 to 3.13 take 392 to 448 bytes. */
enum { CONFIG_ROOM = 16384 };

static PyObject *text_or_none(const char *bytes)
{
    return bytes != NULL ? PyUnicode_DecodeFSDefault(bytes) : Py_NewRef(Py_None);
}

/* Gives 0 with an exception set when the package cannot be made importable. */
static int install(const embed_launch *launch)
{
    int done = 0;
    PyObject *names = PyDict_New();
    PyObject *code = names != NULL ? Py_CompileString(embed_bootstrap, "<modelshelf>", Py_file_input) : NULL;
    if (code != NULL && PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) == 0) {
        PyObject *ran = PyEval_EvalCode(code, names, names);
        PyObject *call = ran != NULL ? PyDict_GetItemString(names, "install") : NULL;
        PyObject *folder = text_or_none(launch->package_folder);
        PyObject *program = text_or_none(launch->program);
        PyObject *database = text_or_none(launch->database);
        if (call != NULL && folder != NULL && program != NULL && database != NULL) {
            PyObject *answer = PyObject_CallFunction(call, "OOO", folder, program, database);
            done = answer != NULL;
            Py_XDECREF(answer);
        }
        Py_XDECREF(folder);
        Py_XDECREF(program);
        Py_XDECREF(database);
        Py_XDECREF(ran);
    }
    Py_XDECREF(code);
    Py_XDECREF(names);
    return done;
}

/* Gives 1 when the interpreter runs; else `status` is what the process is to end with. */
static int start(const embed_launch *launch, int *status)
{
    _Alignas(16) static unsigned char room[CONFIG_ROOM];
    PyConfig *config = (PyConfig *)room;
    *status = 1;
    if (PyImport_AppendInittab("modelshelf._native", PyInit__native) != 0) return 0;
    /* From here as python3 itself does it, so that options, variables and virtual environments mean the same. */
    PyConfig_InitPythonConfig(config);
    PyStatus result = PyConfig_SetBytesArgv(config, launch->count, launch->words);
    if (!PyStatus_Exception(result)) result = Py_InitializeFromConfig(config);
    PyConfig_Clear(config);
    if (PyStatus_IsExit(result)) {
        *status = result.exitcode;
        return 0;
    }
    if (PyStatus_Exception(result)) Py_ExitStatusException(result);
    const char *absent = embed_take_exceptions();
    if (absent != NULL) {
        fprintf(stderr, "modelshelf: this libpython has no %s\n", absent);
        return 0;
    }
    if (install(launch)) return 1;
    PyErr_Print();
    Py_FinalizeEx();
    return 0;
}

int embed_run(const embed_launch *launch)
{
    int status;
    return start(launch, &status) ? Py_RunMain() : status;
}

/* Handlers of a watch. */

static struct {
    embed_events next;
    void *payload;
} source;

static PyObject *next_events(PyObject *self, PyObject *milliseconds)
{
    (void)self;
    char *events;
    long wait = PyLong_AsLong(milliseconds);
    if (PyErr_Occurred()) return NULL;
    Py_BEGIN_ALLOW_THREADS
    events = source.next(source.payload, (int32_t)wait);
    Py_END_ALLOW_THREADS
    PyObject *text = events != NULL ? PyUnicode_FromString(events) : Py_NewRef(Py_None);
    free(events);
    return text;
}

static PyMethodDef next_method = {"next_events", next_events, METH_O, NULL};

int embed_watch(const embed_launch *launch, embed_events next, void *payload, int quiet_output)
{
    int status;
    if (!start(launch, &status)) return status;
    source.next = next;
    source.payload = payload;
    /* A use of our own: a handler that closes its manager must not close the shelf that is being watched. */
    ms_shelf *shelf = NULL;
    ms_open(launch->database, NULL, &shelf, NULL);
    PyObject *handlers = PyImport_ImportModule("modelshelf.handlers");
    PyObject *method = PyCFunction_NewEx(&next_method, NULL, NULL);
    PyObject *path = PyUnicode_DecodeFSDefault(launch->words[launch->count - 1]);
    PyObject *answer = NULL;
    if (handlers != NULL && method != NULL && path != NULL) {
        answer = PyObject_CallMethod(handlers, "run", "OOi", path, method, quiet_output);
    }
    status = answer != NULL ? (int)PyLong_AsLong(answer) : 1;
    /* As for any script: prints the traceback, or ends the process when it is SystemExit. */
    if (PyErr_Occurred()) PyErr_Print();
    Py_XDECREF(answer);
    Py_XDECREF(path);
    Py_XDECREF(method);
    Py_XDECREF(handlers);
    Py_FinalizeEx();
    ms_close(shelf);
    return status;
}
