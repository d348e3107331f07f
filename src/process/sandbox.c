/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/call_filter.h"
#include "process/landlock.h"

enum po_status sandbox_init(struct sandbox *sandbox, struct po_error *error)
{
    *sandbox = (struct sandbox){
        .made = true, .ruleset = -1, .held = SANDBOX_FILES | SANDBOX_CALLS};
    sandbox->abi = landlock_abi();
    if (sandbox->abi > 0)
        sandbox->ruleset = landlock_ruleset_create(sandbox->abi);
    if (sandbox->abi > 0 && sandbox->ruleset < 0)
        return po_fail(error, PO_IO, "cannot make a sandbox: %s",
                       strerror(-sandbox->ruleset));
    return call_filter_create(&sandbox->filter, error);
}

void sandbox_release(struct sandbox *sandbox)
{
    if (sandbox->made && sandbox->ruleset >= 0)
        (void)close(sandbox->ruleset);
    if (sandbox->made)
        call_filter_destroy(sandbox->filter);
    *sandbox = (struct sandbox){0};
}

enum po_status sandbox_allow(struct sandbox *sandbox, const char *path,
                             enum sandbox_access access, struct po_error *error)
{
    struct stat entry;
    if (!sandbox->made || sandbox->ruleset < 0)
        return PO_OK;
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return PO_OK; /* whoever needs it will say so */
    if (descriptor < 0)
        return po_fail(error, PO_IO, "%s: cannot open: %s", path, strerror(errno));
    int result = fstat(descriptor, &entry) == 0 ? 0 : -errno;
    if (result == 0)
        result = landlock_allow(sandbox->ruleset, sandbox->abi, descriptor,
                                S_ISDIR(entry.st_mode), access == SANDBOX_WRITE);
    (void)close(descriptor);
    if (result >= 0 || result == -EBADFD) /* a pipe lies nowhere */
        return PO_OK;
    return po_fail(error, result == -ENOMEM ? PO_OUT_OF_MEMORY : PO_IO,
                   "%s: cannot be let into the sandbox: %s; --no-sandbox does without",
                   path, strerror(-result));
}

/* Some containers refuse what their kernel has: that is no fence, and no error. */
static bool is_absent(int result)
{
    return result == -ENOSYS || result == -EOPNOTSUPP || result == -EINVAL ||
           result == -EPERM;
}

static enum po_status enter(int result, unsigned fence, unsigned *held,
                            struct po_error *error)
{
    if (result >= 0)
        *held |= fence;
    if (result >= 0 || is_absent(result))
        return PO_OK;
    return po_fail(error, result == -ENOMEM ? PO_OUT_OF_MEMORY : PO_IO,
                   "cannot enter the sandbox: %s; --no-sandbox does without",
                   strerror(-result));
}

enum po_status sandbox_enter(struct sandbox *sandbox, unsigned *held,
                             struct po_error *error)
{
    *held = 0;
    if (!sandbox->made || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return PO_OK;
    enum po_status status = PO_OK;
    /* Its own entry, and not another's, can only be named by the process itself. */
    if (sandbox->ruleset >= 0)
        status = sandbox_allow(sandbox, "/proc/self", SANDBOX_READ, error);
    if (status == PO_OK && sandbox->ruleset >= 0)
        status = enter(landlock_enter(sandbox->ruleset), SANDBOX_FILES, held, error);
    if (status == PO_OK)
        status = enter(call_filter_enter(sandbox->filter), SANDBOX_CALLS, held, error);
    if (sandbox->ruleset >= 0)
        (void)close(sandbox->ruleset);
    sandbox->ruleset = -1;
    return status;
}

void sandbox_note(struct sandbox *sandbox, unsigned held)
{
    sandbox->children++;
    sandbox->held &= held;
}
