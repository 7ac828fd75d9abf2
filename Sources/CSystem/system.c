#define _GNU_SOURCE
#include "shelf_system.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int shelf_processor_count(void) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0) {
        return CPU_COUNT(&allowed);
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

long shelf_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

int shelf_rename_exclusively(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    // A file system that does not know the flag: a second link is as exclusive.
    if (link(from, to) == 0) return unlink(from);
    if (errno == EEXIST) return -1;
    // One that knows no links either (FAT, some network ones): looking first is all that can be done.
    struct stat status;
    if (lstat(to, &status) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

int shelf_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int shelf_has_holes(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) != 0 || status.st_size == 0) {
        return 0;
    }
    off_t hole = lseek(descriptor, 0, SEEK_HOLE);
    return hole >= 0 && hole < status.st_size;
}

int shelf_has_writer(int descriptor) {
    // A read lease is granted only while nobody has the file open for writing. It is given back at once; somebody who
    // opens the file in between is kept waiting for that moment, and the signal that tells us goes to this thread alone
    // and is one that does nothing.
    struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = (pid_t)syscall(SYS_gettid)};
    if (fcntl(descriptor, F_SETOWN_EX, &owner) != 0 || fcntl(descriptor, F_SETSIG, SIGURG) != 0) {
        return -1;
    }
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) {
        return errno == EAGAIN ? 1 : -1;
    }
    fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return 0;
}
