// What `open` answers to libdispatch in a process that has no descriptor left.
//
// While work waits for a thread, libdispatch looks once a second at the state of each thread of its pool, and ends the
// process with a trap if it can't open that thread's file (`_dispatch_workq_monitor_pools` in its event/workqueue.c).
// Swift's tasks run in that pool. So this program brings the `open` that libdispatch calls: the system's, except that
// a look at a thread for which there is no descriptor gets one that nothing can be read from. libdispatch takes the
// thread for one that waits then, and goes on.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// Whether this is `/proc/NUMBER/stat`, opened as libdispatch does and nothing else here.
static bool is_look_at_thread(const char *path, int flags) {
    static const char start[] = "/proc/";
    if (flags != (O_RDONLY | O_NONBLOCK) || strncmp(path, start, sizeof start - 1) != 0) return false;
    const char *number = path + sizeof start - 1;
    size_t digits = strspn(number, "0123456789");
    return digits > 0 && strcmp(number + digits, "/stat") == 0;
}

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & (O_CREAT | __O_TMPFILE)) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    int descriptor = openat(AT_FDCWD, path, flags, mode);
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE) && is_look_at_thread(path, flags)) {
        // No process has a descriptor of this number: reading and closing it fail.
        return INT_MAX;
    }
    return descriptor;
}
