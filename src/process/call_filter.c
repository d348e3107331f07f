/* SPDX-License-Identifier: Apache-2.0 */
#include "process/call_filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { LOAD_LIMIT_S = 5 };

/*
 * Refused with EPERM. The network; other programs; other processes; and what would get
 * around the fence of files or this one: io_uring makes calls that no filter sees, a
 * file handle opens by number, namespaces and mounts change what a path means.
 */
static const int refused[] = {
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(quotactl),
};

enum po_status call_filter_create(void **filter, struct po_error *error)
{
    *filter = NULL;
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    if (context == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a filter of calls");
    /* Against speculation no decoder needs a guard, and some kernels slow it down by one.
     */
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_SSB, 1);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int cause = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
        if (cause == 0 || cause == -EDOM) /* a call this architecture does not have */
            continue;
        seccomp_release(context);
        return po_fail(error, cause == -ENOMEM ? PO_OUT_OF_MEMORY : PO_INTERNAL,
                       "a filter of calls: %s", strerror(-cause));
    }
    *filter = context;
    return PO_OK;
}

void call_filter_destroy(void *filter)
{
    if (filter != NULL)
        seccomp_release(filter);
}

/* libseccomp 2.5 loops for ever where one of its allocations is refused: SIGALRM ends the
 * child then, and its frames are tried again. It takes a fraction of a millisecond. */
int call_filter_enter(void *filter)
{
    (void)alarm(LOAD_LIMIT_S);
    int result = seccomp_load(filter);
    (void)alarm(0);
    return result;
}
