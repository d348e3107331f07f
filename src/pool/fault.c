/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/fault.h"

#ifdef PO_FAULTS
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/leave.h"

enum { ANY = -1 };

struct fault {
    char action[16];
    char stage[16]; /* "": any */
    int frame;
    int attempt;
};

static void nap(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

static void take_memory(void)
{
    const size_t step = (size_t)16 << 20;
    for (;;) {
        void *pages =
            mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED)
            raise(SIGKILL);
        else
            memset(pages, 1, step);
    }
}

/* Like a process stuck in the kernel: a tracer holds it at the door of its exit, where
 * SIGKILL has no effect (ptrace(2), PTRACE_O_TRACEEXIT). */
static void survive_sigkill(void)
{
    int held[2];
    char byte = 'n';
    pid_t victim = getpid();
    if (pipe(held) != 0)
        abort();
    pid_t tracer = fork();
    if (tracer == 0) {
        while (byte != 'y')
            byte = ptrace(PTRACE_SEIZE, victim, 0, PTRACE_O_TRACEEXIT) == 0 ? 'y' : 'n';
        (void)!write(held[1], &byte, 1);
        nap(60000);
        _exit(0);
    }
    (void)prctl(PR_SET_PTRACER, tracer);
    (void)!read(held[0], &byte, 1);
}

static bool opens(const char *path, int flags)
{
    int descriptor = path != NULL ? open(path, flags, 0600) : -1;
    if (descriptor >= 0)
        (void)close(descriptor);
    return descriptor >= 0;
}

/* What a decoder that somebody took over would try; true when it may. */
static bool escapes(const char *action)
{
    const char *target = getenv("PO_FAULT_TARGET");
    char *const nothing[] = {NULL};
    if (strcmp(action, "read") == 0)
        return opens(target, O_RDONLY);
    if (strcmp(action, "list") == 0)
        return opens(target, O_RDONLY | O_DIRECTORY);
    if (strcmp(action, "write") == 0)
        return opens(target, O_WRONLY | O_CREAT);
    if (strcmp(action, "remove") == 0)
        return target != NULL && unlink(target) == 0;
    if (strcmp(action, "socket") == 0)
        return socket(AF_INET, SOCK_STREAM, 0) >= 0;
    if (strcmp(action, "exec") == 0) /* fails for other reasons than EPERM if it may */
        return execve("/nonexistent", nothing, nothing) != 0 && errno != EPERM;
    if (strcmp(action, "ptrace") == 0)
        return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
    return false;
}

static void act(const char *action)
{
    coverage_keep();
    static const struct {
        const char *action;
        int signal;
    } signals[] = {{"segv", SIGSEGV}, {"bus", SIGBUS},   {"abort", SIGABRT},
                   {"fpe", SIGFPE},   {"kill", SIGKILL}, {"stop", SIGSTOP}};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (strcmp(action, signals[i].action) == 0) {
            if (signals[i].signal != SIGSTOP)
                (void)signal(signals[i].signal, SIG_DFL);
            (void)kill(getpid(), signals[i].signal);
            nap(5000);
        }
    if (strcmp(action, "exit") == 0)
        process_leave(0);
    if (strcmp(action, "slow") == 0)
        nap(500);
    if (strcmp(action, "memory") == 0)
        take_memory();
    if (strcmp(action, "survive") == 0)
        survive_sigkill();
    if (escapes(action))
        abort();
    while (strcmp(action, "hang") == 0 || strcmp(action, "survive") == 0)
        nap(1000);
}

/* One "action:key=value,key=value". */
static void parse_fault(char *text, struct fault *fault)
{
    *fault = (struct fault){.frame = ANY, .attempt = ANY};
    char *rest = NULL;
    const char *action = strtok_r(text, ":", &rest);
    (void)snprintf(fault->action, sizeof(fault->action), "%s",
                   action != NULL ? action : "");
    for (char *pair = strtok_r(NULL, ",", &rest); pair != NULL;
         pair = strtok_r(NULL, ",", &rest)) {
        if (strncmp(pair, "frame=", 6) == 0)
            fault->frame = (int)strtol(pair + 6, NULL, 10);
        else if (strncmp(pair, "attempt=", 8) == 0)
            fault->attempt = (int)strtol(pair + 8, NULL, 10);
        else if (strncmp(pair, "stage=", 6) == 0)
            (void)snprintf(fault->stage, sizeof(fault->stage), "%s", pair + 6);
    }
}

void fault_point(int frame, const char *stage, int attempt)
{
    const char *specification = getenv("PO_FAULT");
    if (specification == NULL)
        return;
    char *text = strdup(specification);
    char *rest = NULL;
    if (text == NULL)
        abort();
    for (char *one = strtok_r(text, ";", &rest); one != NULL;
         one = strtok_r(NULL, ";", &rest)) {
        struct fault fault;
        parse_fault(one, &fault);
        if ((fault.frame == ANY || fault.frame == frame) &&
            (fault.attempt == ANY || fault.attempt == attempt) &&
            (fault.stage[0] == '\0' || strcmp(fault.stage, stage) == 0))
            act(fault.action);
    }
    free(text);
}
#else
/* A release holds no fault switch. */
extern int fault_not_built;
#endif
