// What Glibc's Swift overlay hides because it needs _GNU_SOURCE.
#ifndef MODELSHELF_CSYSTEM_H
#define MODELSHELF_CSYSTEM_H

/// Processors that this process may run on; at least 1.
int shelf_processor_count(void);

/// The kernel's number of a file system type by `statfs`, or -1.
long shelf_file_system_type(const char *path);

/// Gives a file a new name that nobody else has; -1 with errno EEXIST when somebody does.
int shelf_rename_exclusively(const char *from, const char *to);

#endif
