// System calls that Swift can't reach: variadic ones, and those behind _GNU_SOURCE.

#ifndef CLINUX_H
#define CLINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Opens a descriptor for a process; it becomes readable when the process ends, and can't come to mean another one.
/// Answers -1 with errno.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal to the process of a descriptor. Answers -1 with errno; ESRCH says that it has ended.
int clinux_pidfd_send_signal(int pidfd, int signal);

/// How ``clinux_spawn`` sets a child up.
struct clinux_spawn_options {
    /// The program's file; it is not searched for.
    const char *executable;
    /// Both end with a null pointer.
    char *const *arguments;
    char *const *environment;
    /// Null keeps the parent's.
    const char *working_directory;
    /// Become the child's descriptors 0, 1 and 2. All others are closed.
    int standard_input;
    int standard_output;
    int standard_error;
    bool new_session;
};

/// Starts a child with an empty signal mask, default signal handlers, and no descriptors but the three given ones.
/// Answers 0, or an error number, also when the program could not be executed.
int clinux_spawn(const struct clinux_spawn_options *options, pid_t *pid);

/// The process at the other end of a connected Unix socket when it was connected; -1 with errno.
pid_t clinux_peer_pid(int socket);

/// The process that holds a POSIX lock which would hinder an exclusive lock of the whole file; 0 if none does, -1 with
/// errno; ESRCH says that a process holds it which can't be seen from here, as from inside a container.
pid_t clinux_lock_holder(int descriptor);

/// Makes a file at least `offset + length` bytes long and reserves those bytes, which read as zeros unless they were
/// written (`fallocate` without emulation). -1 with errno; EOPNOTSUPP where the file system can't.
int clinux_reserve(int descriptor, int64_t offset, int64_t length);

/// Opens the file of a descriptor once more, for reads and writes of whole blocks that pass the page cache by and are
/// durable when they return (O_DIRECT, O_DSYNC). -1 with errno; EINVAL where the file system can't.
int clinux_reopen_direct(int descriptor);

/// Continues a CRC-32C by the processor's instruction: `state` is the inverted checksum before, the answer the one
/// after. Only where ``clinux_has_crc32c`` says so.
uint32_t clinux_crc32c(uint32_t state, const void *bytes, size_t count);

/// Whether this processor has an instruction for CRC-32C (SSE 4.2, or the CRC32 extension of ARMv8).
bool clinux_has_crc32c(void);

/// Gives bytes of a file back to the file system without moving the rest; they read as zeros. -1 with errno.
int clinux_punch_hole(int descriptor, int64_t offset, int64_t length);

/// Opens a directory for nothing but to be named through `/proc/self/fd`; -1 with errno.
int clinux_open_place(const char *directory);

/// Opens a file by a path that is meant from a directory on, as a place only (`O_PATH`): nothing is asked of what lies
/// there, so it never waits. No part of the path leads out of the directory, and none is one of the kernel's own links
/// (`/proc/PID/fd`). -1 with errno: EXDEV for a path that leads out, ELOOP for a link that is not followed.
int clinux_open_beneath(int directory, const char *path);

/// The same part by part for kernels without `openat2`; it follows no link at all.
int clinux_open_beneath_by_parts(int directory, const char *path);

/// Opens the directory that a directory lies in, as a place only; the root lies in itself. -1 with errno.
int clinux_open_parent(int directory);

/// What kind of file system a file lies in (`linux/magic.h`); -1 with errno.
int64_t clinux_file_system_kind(int descriptor);

/// A file in memory, which needs no room on a disk; gone with its last descriptor. -1 with errno.
int clinux_memory_file(const char *name);

/// The offset of the first byte of a file that is no hole; -1 with errno, ENXIO if there is none.
int64_t clinux_first_data(int descriptor);

/// A new epoll descriptor; -1 with errno.
int clinux_epoll_create(void);

/// Reports `token` from now on whenever the descriptor can be read or its other end is closed; -1 with errno.
int clinux_epoll_add(int epoll, int descriptor, uint64_t token);

int clinux_epoll_remove(int epoll, int descriptor);

/// Waits without end for at most `capacity` tokens; answers how many there are, or -1 with errno.
int clinux_epoll_wait(int epoll, uint64_t *tokens, int capacity);

/// The processors that this program may use; at least 1.
int clinux_processor_count(void);

/// From now on memory of at least so many bytes is the system's again as soon as it is free; false if that is refused.
int clinux_return_memory_from(int bytes);

/// Names the calling thread, for `top -H` and debuggers; at most 15 bytes.
void clinux_name_thread(const char *name);

#endif
