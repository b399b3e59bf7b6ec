#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

// Both numbers are the same on every architecture.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

// The same on every architecture, as is the form of its argument (linux/openat2.h).
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

struct how_to_open {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
static const uint64_t resolve_no_magic_links = 0x02;
static const uint64_t resolve_beneath = 0x08;

int clinux_open_beneath(int directory, const char *path) {
    struct how_to_open how = {
        .flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = resolve_beneath | resolve_no_magic_links};
    for (int tries = 0; tries < 16; tries++) {
        int found = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (found >= 0) return found;
        // The kernel says so when something was renamed meanwhile.
        if (errno == EAGAIN || errno == EINTR) continue;
        // Kernels before 5.6, and sandboxes that know no such call.
        if (errno == ENOSYS || errno == EPERM) return clinux_open_beneath_by_parts(directory, path);
        return -1;
    }
    return -1;
}

int clinux_open_beneath_by_parts(int directory, const char *path) {
    int place = fcntl(directory, F_DUPFD_CLOEXEC, 3);
    while (place >= 0) {
        while (*path == '/') path++;
        if (*path == 0) return place;
        size_t length = strcspn(path, "/");
        char name[256];
        int next = -1;
        if (length >= sizeof name) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, path, length);
            name[length] = 0;
            if (strcmp(name, "..") == 0) {
                errno = EXDEV;
            } else {
                next = openat(place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
            }
        }
        struct stat status;
        if (next >= 0 && (fstat(next, &status) != 0 || S_ISLNK(status.st_mode))) {
            close(next);
            next = -1;
            errno = ELOOP;
        }
        int code = errno;
        close(place);
        errno = code;
        place = next;
        path += length;
    }
    return -1;
}

int clinux_open_parent(int directory) {
    return openat(directory, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int64_t clinux_file_system_kind(int descriptor) {
    struct statfs system;
    if (fstatfs(descriptor, &system) != 0) return -1;
    return (int64_t)(uint32_t)system.f_type;
}

int clinux_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static int prepare_attributes(posix_spawnattr_t *attributes, bool new_session) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (new_session) flags |= POSIX_SPAWN_SETSID;
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setflags(attributes, flags);
    return error;
}

static int prepare_actions(posix_spawn_file_actions_t *actions, const struct clinux_spawn_options *options) {
    int error = posix_spawn_file_actions_adddup2(actions, options->standard_input, 0);
    if (error == 0) error = posix_spawn_file_actions_adddup2(actions, options->standard_output, 1);
    if (error == 0) error = posix_spawn_file_actions_adddup2(actions, options->standard_error, 2);
    if (error == 0 && options->working_directory)
        error = posix_spawn_file_actions_addchdir_np(actions, options->working_directory);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return error;
}

int clinux_spawn(const struct clinux_spawn_options *options, pid_t *pid) {
    // A source that is itself 0, 1 or 2 could be overwritten by an earlier dup2.
    if (options->standard_input < 3 || options->standard_output < 3 || options->standard_error < 3) return EINVAL;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) return error;
    error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        posix_spawnattr_destroy(&attributes);
        return error;
    }
    error = prepare_attributes(&attributes, options->new_session);
    if (error == 0) error = prepare_actions(&actions, options);
    if (error == 0)
        error = posix_spawn(
            pid, options->executable, &actions, &attributes, options->arguments, options->environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

pid_t clinux_peer_pid(int socket) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    return credentials.pid;
}

pid_t clinux_lock_holder(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    if (fcntl(descriptor, F_GETLK, &lock) != 0) return -1;
    if (lock.l_type == F_UNLCK) return 0;
    if (lock.l_pid > 0) return lock.l_pid;
    errno = ESRCH;
    return -1;
}

int clinux_reserve(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, 0, offset, length);
}

int clinux_reopen_direct(int descriptor) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return open(path, O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
}

int clinux_punch_hole(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_open_place(const char *directory) {
    return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int64_t clinux_first_data(int descriptor) {
    return lseek(descriptor, 0, SEEK_DATA);
}

int clinux_epoll_create(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int clinux_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int clinux_epoll_wait(int epoll, uint64_t *tokens, int capacity) {
    struct epoll_event events[64];
    if (capacity > 64) capacity = 64;
    int count = epoll_wait(epoll, events, capacity, -1);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}

int clinux_processor_count(void) {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
    int count = CPU_COUNT(&processors);
    return count > 0 ? count : 1;
}

int clinux_return_memory_from(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

void clinux_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
