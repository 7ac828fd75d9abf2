/* The type Hasher: running hashes in the manner of hashlib. */
#include "native.h"

#include <string.h>

/* Below this size taking the GIL back costs more than others gain by having it. */
#define WORTH_RELEASING 2048

/* In the stable ABI of every version that we run on (PyObject_GetBuffer is since 3.11 only), but deprecated in old
 * headers and gone from new ones. It gives an address and pins nothing; the memoryview that it is asked for does. */
#ifndef MODELSHELF_STANDIN_PYTHON_H
PyAPI_FUNC(int) PyObject_AsReadBuffer(PyObject *object, const void **buffer, Py_ssize_t *size);
#endif
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

typedef struct {
    PyObject_HEAD
    ms_hasher *hasher;
    /* The names that it was made with, without doubles. */
    PyObject *algorithms;
    /* Calls that are in the library without the GIL: whoever would wait for them must not keep it either. */
    int busy;
} hasher_object;

/* Calls the library with the GIL free if that is `wanted` or if another thread is at the same hasher. */
#define CALL(self, wanted, call)                        \
    do {                                                \
        if ((wanted) || (self)->busy > 0) {             \
            (self)->busy++;                             \
            Py_BEGIN_ALLOW_THREADS                      \
            call;                                       \
            Py_END_ALLOW_THREADS                        \
            (self)->busy--;                             \
        } else {                                        \
            call;                                       \
        }                                               \
    } while (0)

/* "a,b" for "a", "a,b" and any iterable of str. */
static PyObject *joined(PyObject *algorithms)
{
    if (PyUnicode_Check(algorithms)) return Py_NewRef(algorithms);
    PyObject *comma = PyUnicode_FromString(",");
    if (comma == NULL) return NULL;
    PyObject *text = PyUnicode_Join(comma, algorithms);
    Py_DECREF(comma);
    return text;
}

/* The names of the hashes that the hasher gives, as a tuple. */
static PyObject *names_of(PyObject *hashes)
{
    PyObject *keys = PyDict_Keys(hashes);
    if (keys == NULL) return NULL;
    PyObject *names = PyList_AsTuple(keys);
    Py_DECREF(keys);
    return names;
}

/* All hashes by name: the library's JSON as a dict. */
static PyObject *all_hashes(hasher_object *self)
{
    ms_string *text = NULL;
    ms_error *error = NULL;
    ms_status status;
    CALL(self, 0, status = ms_hasher_digests(self->hasher, &text, &error));
    PyObject *document = native_result(status, text, error);
    if (document == NULL) return NULL;
    PyObject *json = PyImport_ImportModule("json");
    PyObject *hashes = json == NULL ? NULL : PyObject_CallMethod(json, "loads", "O", document);
    Py_XDECREF(json);
    Py_DECREF(document);
    return hashes;
}

static PyObject *wrap(PyTypeObject *type, ms_hasher *hasher, PyObject *algorithms)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self == NULL) {
        ms_hasher_free(hasher);
        return NULL;
    }
    ((hasher_object *)self)->hasher = hasher;
    ((hasher_object *)self)->algorithms = algorithms == NULL ? NULL : Py_NewRef(algorithms);
    return self;
}

static int update(hasher_object *self, PyObject *data)
{
    ms_error *error = NULL;
    ms_status status;
    const void *bytes = NULL;
    Py_ssize_t size = 0;
    if (PyUnicode_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "strings must be encoded before hashing");
        return 0;
    }
    /* While the view is there, a bytearray cannot be resized by another thread. */
    PyObject *view = PyMemoryView_FromObject(data);
    if (view == NULL) return 0;
    if (PyObject_AsReadBuffer(view, &bytes, &size) < 0) {
        Py_DECREF(view);
        return 0;
    }
    CALL(self, size >= WORTH_RELEASING, status = ms_hasher_update(self->hasher, bytes, (size_t)size, &error));
    Py_DECREF(view);
    if (status != MS_OK) {
        native_raise(status, error);
        return 0;
    }
    return 1;
}

static PyObject *hasher_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *keys[] = {"algorithms", "data", NULL};
    PyObject *algorithms = NULL, *data = NULL;
    ms_hasher *hasher = NULL;
    ms_error *error = NULL;
    const char *names = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|OO:Hasher", keys, &algorithms, &data)) return NULL;
    PyObject *text = algorithms == NULL ? PyUnicode_FromString("sha256") : joined(algorithms);
    if (text == NULL) return NULL;
    if (!native_text(text, 0, &names)) {
        Py_DECREF(text);
        return NULL;
    }
    ms_status status = ms_hasher_new(names, &hasher, &error);
    Py_DECREF(text);
    if (status != MS_OK) return native_raise(status, error);
    PyObject *self = wrap(type, hasher, NULL);
    if (self == NULL) return NULL;
    hasher_object *made = (hasher_object *)self;
    PyObject *hashes = all_hashes(made);
    if (hashes != NULL) {
        made->algorithms = names_of(hashes);
        Py_DECREF(hashes);
    }
    if (made->algorithms == NULL || (data != NULL && data != Py_None && !update(made, data))) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void hasher_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc end = (freefunc)PyType_GetSlot(type, Py_tp_free);
    ms_hasher_free(((hasher_object *)self)->hasher);
    Py_CLEAR(((hasher_object *)self)->algorithms);
    end(self);
    Py_DECREF(type);
}

static PyObject *hasher_update(PyObject *self, PyObject *data)
{
    if (!update((hasher_object *)self, data)) return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *hasher_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    ms_hasher *copy = NULL;
    ms_error *error = NULL;
    hasher_object *original = (hasher_object *)self;
    ms_status status;
    CALL(original, 0, status = ms_hasher_copy(original->hasher, &copy, &error));
    if (status != MS_OK) return native_raise(status, error);
    return wrap(Py_TYPE(self), copy, ((hasher_object *)self)->algorithms);
}

/* The name that was given, or the only one there is. */
static PyObject *chosen_name(PyObject *self, const char *call, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *algorithms = ((hasher_object *)self)->algorithms;
    if (count > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument, %zd given", call, count);
        return NULL;
    }
    if (count == 1 && arguments[0] != Py_None) return arguments[0];
    if (PyTuple_Size(algorithms) == 1) return PyTuple_GetItem(algorithms, 0);
    PyErr_Format(PyExc_TypeError, "%s() needs the name of one of the hasher's algorithms", call);
    return NULL;
}

static PyObject *hasher_hexdigest(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    char text[MS_HASH_SIZE];
    ms_error *error = NULL;
    const char *name = NULL;
    PyObject *chosen = chosen_name(self, "hexdigest", arguments, count);
    if (chosen == NULL || !native_text(chosen, 0, &name)) return NULL;
    hasher_object *hasher = (hasher_object *)self;
    ms_status status;
    CALL(hasher, 0, status = ms_hasher_digest(hasher->hasher, name, text, sizeof text, &error));
    if (status != MS_OK) return native_raise(status, error);
    if (text[0] == 0) return Py_NewRef(Py_None);
    return PyUnicode_FromString(text);
}

static PyObject *hasher_digest(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *text = hasher_hexdigest(self, arguments, count);
    if (text == NULL || text == Py_None) return text;
    /* InvokeAI's text begins with the name of what it is made by. */
    PyObject *parts = PyObject_CallMethod(text, "rpartition", "s", ":");
    PyObject *bytes = PyBytes_FromStringAndSize("", 0);
    PyObject *digest = parts == NULL || bytes == NULL
        ? NULL
        : PyObject_CallMethod(bytes, "fromhex", "O", PyTuple_GetItem(parts, 2));
    Py_XDECREF(bytes);
    Py_XDECREF(parts);
    Py_DECREF(text);
    return digest;
}

static PyObject *hasher_hexdigests(PyObject *self, PyObject *unused)
{
    (void)unused;
    return all_hashes((hasher_object *)self);
}

static PyObject *hasher_algorithms(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((hasher_object *)self)->algorithms);
}

static PyObject *hasher_name(PyObject *self, void *unused)
{
    (void)unused;
    PyObject *comma = PyUnicode_FromString(",");
    if (comma == NULL) return NULL;
    PyObject *name = PyUnicode_Join(comma, ((hasher_object *)self)->algorithms);
    Py_DECREF(comma);
    return name;
}

/* Bytes of the digests that are not of 32 bytes. */
static const struct {
    const char *name;
    long long size;
} short_digests[] = {
    {"autov1", 4}, {"autov2", 5}, {"autov3", 6}, {"crc32", 4}, {"crc32_civitai", 4}, {"a1111_legacy", 4},
};

static PyObject *hasher_digest_size(PyObject *self, void *unused)
{
    (void)unused;
    PyObject *algorithms = ((hasher_object *)self)->algorithms;
    const char *name = NULL;
    if (PyTuple_Size(algorithms) != 1) {
        PyErr_SetString(PyExc_AttributeError, "a hasher of several algorithms has no single digest_size");
        return NULL;
    }
    if (!native_text(PyTuple_GetItem(algorithms, 0), 0, &name)) return NULL;
    for (size_t i = 0; i < sizeof short_digests / sizeof *short_digests; i++) {
        if (strcmp(short_digests[i].name, name) == 0) return PyLong_FromLongLong(short_digests[i].size);
    }
    return PyLong_FromLongLong(32);
}

/* SHA-256 and BLAKE3 take 64 bytes at a time, and the others are made of them or do not care. */
static PyObject *hasher_block_size(PyObject *self, void *unused)
{
    (void)self, (void)unused;
    return PyLong_FromLongLong(64);
}

static PyMethodDef hasher_methods[] = {
    {"update", hasher_update, METH_O, "Takes the next bytes: any object with a contiguous buffer."},
    {"digest", (PyCFunction)(void (*)(void))hasher_digest, METH_FASTCALL,
     "digest(name=None)\n\nThe hash as bytes; None when such bytes have none. The name may be left out if there is one."},
    {"hexdigest", (PyCFunction)(void (*)(void))hasher_hexdigest, METH_FASTCALL,
     "hexdigest(name=None)\n\nThe hash as text, in the case and length that hash_file() gives it."},
    {"hexdigests", hasher_hexdigests, METH_NOARGS, "All hashes by name."},
    {"copy", hasher_copy, METH_NOARGS, "A second hasher that has seen the same bytes and goes its own way."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef hasher_properties[] = {
    {"block_size", hasher_block_size, NULL, "The bytes that a hash takes at a time.", NULL},
    {"digest_size", hasher_digest_size, NULL, "The bytes of the hash, if there is one algorithm.", NULL},
    {"algorithms", hasher_algorithms, NULL, "The names of its hashes.", NULL},
    {"name", hasher_name, NULL, "The names with commas between them.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot hasher_slots[] = {
    {Py_tp_doc, (void *)"Hasher(algorithms='sha256', data=None)\n\nHashes of bytes that come piece by piece, several at "
                        "once, used like those of hashlib."},
    {Py_tp_new, (void *)hasher_new},
    {Py_tp_dealloc, (void *)hasher_dealloc},
    {Py_tp_methods, hasher_methods},
    {Py_tp_getset, hasher_properties},
    {0, NULL},
};

static PyType_Spec hasher_spec = {
    .name = "modelshelf.Hasher",
    .basicsize = sizeof(hasher_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = hasher_slots,
};

int native_add_hasher(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &hasher_spec, NULL);
    if (type == NULL) return -1;
    int status = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return status;
}
