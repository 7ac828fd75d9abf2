#define _GNU_SOURCE
#include "shelf_system.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

int shelf_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
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

/// cachestat(2), Linux 6.5, which the C library has no words for yet.
static long long cached_bytes(int descriptor, long long size) {
#if defined(__x86_64__) || defined(__aarch64__)
    struct { uint64_t offset, length; } range = {0, (uint64_t)size};
    struct { uint64_t cached, dirty, writeback, evicted, recently_evicted; } pages;
    long page = sysconf(_SC_PAGESIZE);
    if (page > 0 && syscall(451, descriptor, &range, &pages, 0) == 0) return (long long)pages.cached * page;
#endif
    return -1;
}

int shelf_is_cached(int descriptor, long long size) {
    if (size <= 0) return -1;
    long long cached = cached_bytes(descriptor, size);
    if (cached >= 0) return cached >= size / 2;
    // An older kernel: it is asked for single bytes all over the file, but only if it need not wait for a disk.
    enum { PROBES = 16 };
    int present = 0;
    for (int i = 0; i < PROBES; i++) {
        char byte;
        struct iovec place = {&byte, 1};
        ssize_t count = preadv2(descriptor, &place, 1, (off_t)(size / PROBES * i), RWF_NOWAIT);
        if (count < 0 && errno != EAGAIN) return -1;
        present += count > 0;
    }
    return present >= PROBES / 2;
}

void shelf_background_thread(void) {
    // Linux gives every thread a nice value of its own, in spite of POSIX.
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19);
    // ioprio_set(2): this thread (IOPRIO_WHO_PROCESS 1, 0), class "idle" (3).
    syscall(SYS_ioprio_set, 1, 0, 3 << 13);
}
