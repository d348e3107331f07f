/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sandbox: what a child that decodes images of strangers may touch.
 *
 * Two fences, each where the kernel has it. Landlock (Linux 5.13) for files: only paths
 * that were allowed can be read or written. seccomp for calls: no sockets, no exec, no
 * ptrace, nothing that gets around the other fence. The supervisor makes it before its
 * children, a child enters it before it reads anything and cannot leave it.
 *
 * Invariant: `held` is what every child so far said it entered; a fence that the kernel
 * has and that does not close is an error, never an open gate. Ownership:
 * sandbox_release; zeroed or released it is no sandbox, and everything is allowed.
 */
#ifndef PROCESS_SANDBOX_H
#define PROCESS_SANDBOX_H

#include <stdbool.h>

#include "process_offline/status.h"

enum { SANDBOX_FILES = 1, SANDBOX_CALLS = 2 }; /* the fences */

enum sandbox_access {
    SANDBOX_READ,
    SANDBOX_WRITE, /* read as well, make and remove */
};

struct sandbox {
    bool made;
    int ruleset;  /* of Landlock; -1: the kernel has none */
    int abi;      /* its version */
    void *filter; /* of libseccomp */
    int children; /* that are ready */
    unsigned held;
};

PO_MUST_CHECK enum po_status sandbox_init(struct sandbox *sandbox,
                                          struct po_error *error);
void sandbox_release(struct sandbox *sandbox);

/* Allows a file, or a directory and all below; links are followed. What is not there
 * needs no rule. */
PO_MUST_CHECK enum po_status sandbox_allow(struct sandbox *sandbox, const char *path,
                                           enum sandbox_access access,
                                           struct po_error *error);

/* In the child, while it has one thread. *held says which fences closed. */
PO_MUST_CHECK enum po_status sandbox_enter(struct sandbox *sandbox, unsigned *held,
                                           struct po_error *error);

/* In the supervisor: what a child that is ready said. */
void sandbox_note(struct sandbox *sandbox, unsigned held);

#endif
