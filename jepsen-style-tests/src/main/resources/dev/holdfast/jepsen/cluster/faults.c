/*
 * Preloaded into a peer: makes its syncs slow, fail, hang or lie, fills its disk, moves its time of day, and writes down how far each
 * file is synced.
 * The monotonic clock is left alone: a JVM whose clocks disagree about how fast time passes spins.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* As in NativeFaults.java: 64-bit numbers in the file that HOLDFAST_FAULTS names. */
enum { FAIL_SYNCS, SLOW_SYNCS_MS, CLOCK_OFFSET_MS, SYNCS, LIE, FULL, HANG_LOG_SYNCS, FIELDS };

enum { PATH_BYTES = 4096 };

static volatile int64_t *control;
static int journal = -1;

/* The data folder, and a slash. */
static char folder[PATH_BYTES];

__attribute__((constructor)) static void open_files(void) {
    const char *path = getenv("HOLDFAST_FAULTS");
    if (path != NULL) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd >= 0 && ftruncate(fd, FIELDS * sizeof(int64_t)) == 0) {
            void *mapped = mmap(NULL, FIELDS * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (mapped != MAP_FAILED) {
                control = mapped;
            }
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    path = getenv("HOLDFAST_FOLDER");
    if (path != NULL) {
        snprintf(folder, sizeof folder, "%s/", path);
    }
    path = getenv("HOLDFAST_SYNCED");
    if (path != NULL) {
        journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
}

/* Writes the path of an open file, or nothing and 0. */
static int path_of(int fd, char path[PATH_BYTES]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_BYTES - 1);
    if (length <= 0) {
        return 0;
    }
    path[length] = 0;
    return 1;
}

/* Files are written from front to back, so the position before the sync is how far it reaches for certain. */
static void note(int fd, off_t end) {
    char path[PATH_BYTES], line[PATH_BYTES + 100];
    if (journal >= 0 && end >= 0 && path_of(fd, path)) {
        int n = snprintf(line, sizeof line, "%lld %s\n", (long long) end, path);
        if (write(journal, line, n) != n) {
            abort();
        }
    }
}

/* A folder is synced before entries are written to a log in it, and what is to hang is what comes after. */
static int is_log(int fd) {
    char path[PATH_BYTES];
    return path_of(fd, path) && strstr(path, "/log_inprogress_") != NULL;
}

static int sync_by(const char *name, int fd) {
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    if (control != NULL) {
        __sync_fetch_and_add(&control[SYNCS], 1);
        if (control[SLOW_SYNCS_MS] > 0) {
            usleep(control[SLOW_SYNCS_MS] * 1000);
        }
        while (control[HANG_LOG_SYNCS] && is_log(fd)) {
            usleep(1000);
        }
        if (control[FAIL_SYNCS]) {
            errno = EIO;
            return -1;
        }
        if (control[LIE]) {
            return 0;
        }
    }
    off_t end = lseek(fd, 0, SEEK_CUR);
    int result = real(fd);
    if (result == 0) {
        note(fd, end);
    }
    return result;
}

int fsync(int fd) {
    return sync_by("fsync", fd);
}

int fdatasync(int fd) {
    return sync_by("fdatasync", fd);
}

/* Whether the file is on the disk that is full: in the data folder, and not the process's log or output. */
static int is_full(int fd) {
    if (control == NULL || !control[FULL] || folder[0] == 0) {
        return 0;
    }
    char path[PATH_BYTES];
    return path_of(fd, path) && strncmp(path, folder, strlen(folder)) == 0;
}

#define WRITING(type, name, parameters, arguments)                            \
    type name parameters {                                                    \
        static type (*real) parameters;                                       \
        if (real == NULL) {                                                   \
            real = (type(*) parameters) dlsym(RTLD_NEXT, #name);              \
        }                                                                     \
        if (is_full(fd)) {                                                    \
            errno = ENOSPC;                                                   \
            return -1;                                                        \
        }                                                                     \
        return real arguments;                                                \
    }

WRITING(ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length))
WRITING(ssize_t, pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at))
WRITING(ssize_t, pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at))
WRITING(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))

int statvfs64(const char *restrict path, struct statvfs64 *restrict found) {
    static int (*real)(const char *restrict, struct statvfs64 *restrict);
    if (real == NULL) {
        real = (int (*)(const char *restrict, struct statvfs64 *restrict)) dlsym(RTLD_NEXT, "statvfs64");
    }
    int result = real(path, found);
    if (result == 0 && control != NULL && control[FULL]) {
        found->f_bavail = 0;
        found->f_bfree = 0;
    }
    return result;
}

static int64_t offset_ms(void) {
    return control == NULL ? 0 : control[CLOCK_OFFSET_MS];
}

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) {
        real = (int (*)(clockid_t, struct timespec *)) dlsym(RTLD_NEXT, "clock_gettime");
    }
    int result = real(id, now);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += offset_ms() / 1000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*real)(struct timeval *restrict, void *restrict);
    if (real == NULL) {
        real = (int (*)(struct timeval *restrict, void *restrict)) dlsym(RTLD_NEXT, "gettimeofday");
    }
    int result = real(now, zone);
    if (result == 0) {
        now->tv_sec += offset_ms() / 1000;
    }
    return result;
}

time_t time(time_t *now) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now != NULL) {
        *now = precise.tv_sec;
    }
    return precise.tv_sec;
}
