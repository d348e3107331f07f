/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several sessions in one call: one after the other, so each has all workers and all
 * memory for itself; each has its own output, all together one summary and one exit
 * status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/outside_text.h"
#include "base/path.h"
#include "cli/command.h"
#include "process_offline/summary.h"
#include "supervise/exit_status.h"
#include "supervise/session_merge.h"
#include "supervise/supervisor.h"

enum { NOT_BEGUN = -1, NAME_BYTES = 256, SIGNAL_STATUS = 128 };

struct session_end {
    int exit_status; /* NOT_BEGUN */
    struct po_summary summary;
};

/* Of two statuses the one that says more. */
static int worse(int a, int b)
{
    static const int order[] = {
        PO_EXIT_USAGE,       PO_EXIT_INTERNAL, SIGNAL_STATUS + 2,   SIGNAL_STATUS + 15,
        PO_EXIT_DEADLINE,    PO_EXIT_MEMORY,   PO_EXIT_CALIBRATION, PO_EXIT_NO_FRAME,
        PO_EXIT_SOME_FAILED, PO_EXIT_WORSE};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a > b ? a : b;
}

/* A session of which no frame is usable, among others that have results, is to all of
 * them what a frame is to a session. */
static int exit_status_of_all(const struct session_end *ends, int count)
{
    int status = PO_EXIT_OK;
    bool any = false;
    for (int i = 0; i < count; i++)
        any |= ends[i].summary.done + ends[i].summary.reused > 0;
    for (int i = 0; i < count; i++) {
        int one = ends[i].exit_status;
        if (one == NOT_BEGUN || (one == PO_EXIT_NO_FRAME && any))
            one = PO_EXIT_SOME_FAILED;
        status = worse(status, one);
    }
    return status;
}

static enum po_status set_text(struct settings_set *set, const char *name,
                               const char *value, struct po_error *error)
{
    int index = 0;
    if (settings_find(name, &index) == NULL)
        return po_fail(error, PO_INTERNAL, "no setting '%s'", name);
    return settings_assign(set, index, value, ORIGIN_COMMAND_LINE, error);
}

/* The settings of one session: its folder, and its own below --output. */
static enum po_status choose_session(struct settings_set *set, const char *path,
                                     const char *output, struct po_error *error)
{
    char name[NAME_BYTES];
    char own[SESSION_PATH_BYTES];
    enum po_status status = set_text(set, "input", path, error);
    if (status != PO_OK || output == NULL)
        return status;
    if (!session_list_name(path, name, NAME_BYTES) ||
        !path_join(own, sizeof(own), output, name))
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return set_text(set, "output", own, error);
}

static enum po_status run_one(enum command_kind command, const struct settings_set *set,
                              struct session_end *end, struct po_error *error)
{
    enum po_status status = PO_OK;
    end->exit_status = PO_EXIT_OK;
    if (command == COMMAND_PLAN)
        return command_plan(set, &end->exit_status, error);
    if (command == COMMAND_DRY_RUN)
        return command_dry_run(set, &end->exit_status, error);
    status = command == COMMAND_MERGE ? session_merge_run(set, true, &end->summary, error)
                                      : supervisor_run(set, true, &end->summary, error);
    end->exit_status = end->summary.exit_status;
    return status;
}

static void print_summary(const struct session_list *list, const struct session_end *ends)
{
    struct po_summary sum = {0};
    text_line(stdout, "%d sessions:", list->count);
    for (int i = 0; i < list->count; i++) {
        const struct po_summary *one = &ends[i].summary;
        sum.found += one->found;
        sum.done += one->done;
        sum.reused += one->reused;
        sum.points += one->points;
        if (ends[i].exit_status == NOT_BEGUN)
            text_line(stdout, "  %s: not begun", list->paths[i]);
        else
            text_line(stdout, "  %s: %d of %d frames done, status %d", list->paths[i],
                      one->done + one->reused, one->found, ends[i].exit_status);
    }
    text_line(stdout, "all: %d of %d frames done, %llu points", sum.done + sum.reused,
              sum.found, sum.points);
}

/* Every session that is left gets what is left of --session-timeout. */
static bool take_time(struct po_run_settings *run, double whole_s, double start_s)
{
    if (whole_s <= 0)
        return true;
    run->session_timeout_s = whole_s - (clock_monotonic_s() - start_s);
    return run->session_timeout_s > 0;
}

/* Most messages begin with the path of what they are about. */
static void report_error(const char *session, const char *message)
{
    if (strncmp(message, session, strlen(session)) == 0)
        log_error("%s", message);
    else
        log_error("%s: %s", session, message);
}

static bool is_stopped(int exit_status)
{
    return exit_status > SIGNAL_STATUS;
}

static void run_all(const struct options *options, struct settings_set *set,
                    const char *output, struct session_end *ends)
{
    double whole_s = set->values.run.session_timeout_s;
    double start_s = clock_monotonic_s();
    const struct session_list *list = &options->sessions;
    for (int i = 0; i < list->count; i++) {
        struct po_error error = {0};
        if (!take_time(&set->values.run, whole_s, start_s)) {
            ends[i].exit_status = PO_EXIT_DEADLINE;
            continue;
        }
        log_info("session %d of %d: %s", i + 1, list->count, list->paths[i]);
        enum po_status status = choose_session(set, list->paths[i], output, &error);
        if (status == PO_OK)
            status = run_one(options->command, set, &ends[i], &error);
        if (status != PO_OK) {
            report_error(list->paths[i], error.message);
            ends[i].exit_status = exit_status_of_error(status);
        }
        if (is_stopped(ends[i].exit_status))
            return;
    }
}

static enum po_status check(const struct options *options, struct po_error *error)
{
    const struct po_settings *settings = &options->settings.values;
    if ((command_uses(options->command) & 1U << USE_SEVERAL) == 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "several sessions are for a run, --plan, --merge and --dry-run; "
                       "give one --input");
    if (settings->output.baseline != NULL || settings->output.junit != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--baseline and --junit are of one session; give one --input");
    return session_list_check(&options->sessions, settings->output.output != NULL, error);
}

enum po_status command_sessions(const struct options *options, int *exit_status,
                                struct po_error *error)
{
    struct settings_set set = options->settings;
    const struct session_list *list = &options->sessions;
    enum po_status status = check(options, error);
    if (status != PO_OK)
        return status;
    struct session_end *ends = calloc((size_t)list->count, sizeof(*ends));
    if (ends == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d sessions", list->count);
    for (int i = 0; i < list->count; i++)
        ends[i].exit_status = NOT_BEGUN;
    /* The copy's strings are its own from here on. */
    set.strings = NULL;
    set.string_count = 0;
    run_all(options, &set, options->settings.values.output.output, ends);
    if (!set.values.output.quiet)
        print_summary(list, ends);
    *exit_status = exit_status_of_all(ends, list->count);
    settings_set_release(&set);
    free(ends);
    return PO_OK;
}
