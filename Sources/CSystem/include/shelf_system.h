// What Glibc's Swift overlay hides because it needs _GNU_SOURCE.
#ifndef MODELSHELF_CSYSTEM_H
#define MODELSHELF_CSYSTEM_H

/// Processors that this process may run on; at least 1.
int shelf_processor_count(void);

/// The kernel's number of a file system type by `statfs`, or -1.
long shelf_file_system_type(const char *path);

/// Gives a file a new name that nobody else has; -1 with errno EEXIST when somebody does.
int shelf_rename_exclusively(const char *from, const char *to);

/// Lets two files take each other's name in one step; -1 with errno EINVAL or ENOSYS where that cannot be done.
int shelf_exchange(const char *one, const char *other);

/// A descriptor that becomes readable when another thread writes eight bytes to it, or -1 with `errno`.
int shelf_event_descriptor(void);

/// Whether parts of an open file were never written: 1 yes, 0 no or it cannot be told.
int shelf_has_holes(int descriptor);

/// Whether anybody has the file open for writing: 1 yes, 0 no, -1 it cannot be told. `descriptor` is open for reading.
int shelf_has_writer(int descriptor);

/// Whether at least half of an open file of `size` bytes is in the page cache: 1 yes, 0 no, -1 it cannot be told.
int shelf_is_cached(int descriptor, long long size);

/// Gives the calling thread the lowest priority for processor and disk. Other threads keep theirs.
void shelf_background_thread(void);

#endif
