/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lock_holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How the text of a lock begins that was given back. */
const char lock_released_text[] = "released\n";

/* False with errno when it cannot be read; `text` is "" then. */
static bool read_line(const char *path, char *text, size_t text_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, text_bytes - 1) : -1;
    int cause = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = cause;
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return got >= 0;
}

/* Letters that sscanf takes as one word. */
static void make_word(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
            *c = '_';
}

void lock_host(char *host, size_t host_bytes)
{
    if (gethostname(host, host_bytes - 1) != 0)
        (void)snprintf(host, host_bytes, "unknown");
    host[host_bytes - 1] = '\0';
    make_word(host);
}

bool process_start_find(int pid, unsigned long long *start)
{
    char path[64];
    char text[LOCK_TEXT_BYTES];
    char state = '\0';
    *start = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    if (!read_line(path, text, sizeof(text)))
        return errno == ENOENT || errno == ESRCH;
    errno = EIO;
    const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
    if (rest == NULL ||
        sscanf(rest + 1,
               " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
               "%*d %20llu",
               &state, start) != 2)
        return false;
    if (state == 'Z' || state == 'X')
        *start = 0;
    return true;
}

/* Systems without it, or that hide it, are no fault. */
static bool has_none(int cause)
{
    return cause == ENOENT || cause == ENOTDIR || cause == EACCES || cause == EPERM;
}

bool lock_holder_self(struct lock_holder *self)
{
    char boot[64];
    char space[64] = "";
    *self = (struct lock_holder){.pid = (int)getpid()};
    lock_host(self->host, sizeof(self->host));
    if (!read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) &&
        !has_none(errno))
        return false;
    ssize_t got = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
    if (got < 0 && !has_none(errno))
        return false;
    space[got > 0 ? got : 0] = '\0';
    (void)snprintf(self->machine, sizeof(self->machine), "%s/%s", boot, space);
    make_word(self->machine);
    return true;
}

bool lock_holders_share_machine(const struct lock_holder *a, const struct lock_holder *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->machine, b->machine) == 0;
}

void lock_holder_parse(const char *text, struct lock_holder *holder)
{
    *holder = (struct lock_holder){0};
    holder->is_gone = strncmp(text, lock_released_text, strlen(lock_released_text)) == 0;
    if (sscanf(text, "process %9d started %20llu on %127s machine %191s", &holder->pid,
               &holder->start, holder->host, holder->machine) != 4)
        *holder = (struct lock_holder){
            .is_gone = holder->is_gone, .pid = -1, .host = "an unknown machine"};
}

void lock_holder_print(const struct lock_holder *holder, char text[LOCK_TEXT_BYTES])
{
    (void)snprintf(text, LOCK_TEXT_BYTES, "process %d started %llu on %s machine %s\n",
                   holder->pid, holder->start, holder->host, holder->machine);
}

void lock_holder_name(const struct lock_holder *holder, char text[LOCK_NAME_BYTES])
{
    if (holder->pid > 0)
        (void)snprintf(text, LOCK_NAME_BYTES, "process %d on %s", holder->pid,
                       holder->host);
    else
        (void)snprintf(text, LOCK_NAME_BYTES, "a process on %s", holder->host);
}
