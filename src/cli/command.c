/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "calibrate/calibrate.h"
#include "calibrate/recalibrate.h"
#include "cli/print.h"
#include "process_offline/summary.h"
#include "supervise/session_merge.h"
#include "supervise/supervisor.h"

static void configure_log(const struct po_output_settings *output)
{
    log_set_jsonl(output->log_format == PO_LOG_JSONL);
    if (output->quiet)
        log_set_level(LOG_ERROR);
    else if (output->verbose > 0)
        log_set_level(LOG_DEBUG);
}

static enum po_status run_session(const struct settings_set *set, int *exit_status,
                                  struct po_error *error)
{
    struct po_summary summary = {0};
    enum po_status status = supervisor_run(set, true, &summary, error);
    *exit_status = summary.exit_status;
    return status;
}

static enum po_status merge_session(const struct settings_set *set, int *exit_status,
                                    struct po_error *error)
{
    struct po_summary summary = {0};
    enum po_status status = session_merge_run(set, true, &summary, error);
    *exit_status = summary.exit_status;
    return status;
}

/* Pictures that cannot be read are in its status, as frames are in that of a run. */
static enum po_status
make_rig(enum po_status (*make)(const struct po_settings *settings, int *left_out,
                                struct po_error *error),
         const struct po_settings *settings, int *exit_status, struct po_error *error)
{
    int left_out = 0;
    enum po_status status = make(settings, &left_out, error);
    if (status == PO_OK && left_out > 0) {
        log_warning("%d pair%s of pictures cannot be read and %s left out: status 3",
                    left_out, left_out == 1 ? "" : "s", left_out == 1 ? "is" : "are");
        *exit_status = PO_EXIT_SOME_FAILED;
    }
    return status;
}

static enum po_status dispatch(const struct options *options, int *exit_status,
                               struct po_error *error)
{
    switch (options->command) {
    case COMMAND_HELP:
        return print_help(stdout, options->word, error);
    case COMMAND_VERSION:
        print_version(stdout);
        return PO_OK;
    case COMMAND_PRINT_MAN:
        print_man(stdout);
        return PO_OK;
    case COMMAND_PRINT_COMPLETION:
        return print_completion(stdout, options->word, error);
    case COMMAND_PRINT_CONFIG_SCHEMA:
        return print_config_schema(stdout, error);
    case COMMAND_PRINT_CONFIG:
        return print_config(stdout, &options->settings, error);
    case COMMAND_LIST:
        return command_list(&options->settings, error);
    case COMMAND_DRY_RUN:
        return command_dry_run(&options->settings, exit_status, error);
    case COMMAND_CHECK:
    case COMMAND_CHECK_JSON:
        return command_check(&options->settings, options->command == COMMAND_CHECK_JSON,
                             exit_status, error);
    case COMMAND_PLAN:
        return command_plan(&options->settings, exit_status, error);
    case COMMAND_MERGE:
        return merge_session(&options->settings, exit_status, error);
    case COMMAND_RECALIBRATE:
        return make_rig(recalibrate_run, &options->settings.values, exit_status, error);
    case COMMAND_CALIBRATE:
        return make_rig(calibrate_run, &options->settings.values, exit_status, error);
    case COMMAND_NETWORK_INFO:
        return command_network_info(&options->settings, options->argument, error);
    case COMMAND_RUN:
    case COMMAND_INPUT_LIST:
    case COMMAND_CONFIG:
        break;
    }
    return run_session(&options->settings, exit_status, error);
}

enum po_status command_run(const struct options *options, int *exit_status,
                           struct po_error *error)
{
    *exit_status = PO_EXIT_OK;
    configure_log(&options->settings.values.output);
    bool several = (options->sessions.count > 1 || options->sessions.is_file) &&
                   command_uses(options->command) != WITH_ANYTHING;
    enum po_status status = several ? command_sessions(options, exit_status, error)
                                    : dispatch(options, exit_status, error);
    /* Also of a command that failed: what it printed before says why. */
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (status == PO_OK && !written)
        status = po_fail(error, PO_IO, "standard output: %s", strerror(errno));
    return status;
}
