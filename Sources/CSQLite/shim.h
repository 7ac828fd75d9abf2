// What Swift cannot reach of SQLite by itself: variadic functions and pointer-valued macros.
#ifndef MODELSHELF_CSQLITE_SHIM_H
#define MODELSHELF_CSQLITE_SHIM_H
#include <sqlite3.h>

static inline sqlite3_destructor_type shelf_sqlite_transient(void) { return SQLITE_TRANSIENT; }

// Double-quoted text is an identifier, never a string: a misspelt column is an error and not a constant.
static inline int shelf_sqlite_strict_quotes(sqlite3 *connection) {
    int ignored = 0;
    int code = sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, &ignored);
    if (code != SQLITE_OK) { return code; }
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, &ignored);
}

// Closing does nothing to the file: the log is left to the process that it belongs to.
static inline int shelf_sqlite_no_checkpoint_on_close(sqlite3 *connection) {
    int ignored = 0;
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &ignored);
}

#endif
