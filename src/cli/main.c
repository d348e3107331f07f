/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "base/leave.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "process/read_guard.h"
#include "process/stack_limit.h"
#include "supervise/exit_status.h"

/* A caller may start the program with these closed; no file of ours takes their place,
 * where a line of the log would be written into it. */
static void hold_standard_descriptors(void)
{
    int descriptor = STDIN_FILENO;
    while (descriptor >= 0 && descriptor <= STDERR_FILENO)
        descriptor = open("/dev/null", O_RDWR);
    if (descriptor > STDERR_FILENO)
        (void)close(descriptor);
}

/* From here on it is the session that is read. */
static void guard_reads(const struct po_settings *settings, struct read_guard *guard)
{
    read_guard_set(guard, settings->run.frame_timeout_s, PO_EXIT_NO_FRAME,
                   settings->input.calibration);
}

/* Apart from main, whose own share of the stack is taken before any of it is known. */
__attribute__((noinline)) static int run(int argc, char **argv, struct read_guard *guard)
{
    struct options options = {0};
    struct po_error error = {0};
    int exit_status = 0;
    enum po_status status = options_parse(argc, argv, &options, &error);
    if (status == PO_OK)
        guard_reads(&options.settings.values, guard);
    if (status == PO_OK)
        status = command_run(&options, &exit_status, &error);
    if (status != PO_OK) {
        log_error("%s", error.message);
        exit_status = exit_status_of_error(status);
    }
    options_release(&options);
    return exit_status;
}

int main(int argc, char **argv)
{
    hold_standard_descriptors();
    log_set_jsonl(options_want_jsonl(argc, argv));
    struct read_guard guard = {.call_descriptor = -1, .status_descriptor = -1};
#if !defined(PO_SANITIZED) || defined(PO_COVERAGE)
    /* Sanitizers do not follow threads from before a fork. Files of settings are read
     * first: the time a frame may take is not known yet. */
    static const double options_limit_s = 60;
    read_guard_start(&guard, options_limit_s, PO_EXIT_USAGE);
#endif
    int exit_status = stack_limit_suffices() ? run(argc, argv, &guard) : PO_EXIT_USAGE;
#if defined(PO_SANITIZED) && !defined(PO_COVERAGE)
    return exit_status; /* sanitizers look for leaks at the exit */
#else
    process_leave(exit_status);
#endif
}
