/* SPDX-License-Identifier: Apache-2.0 */
#include "report/junit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/named_file.h"
#include "report/markup.h"
#include "report/report_html.h"

enum { OPENING_BYTES = 1024 }; /* of a file: enough for the first element of its XML */

/* What follows "<directory>/" in `path`; NULL when it is not below it. */
static const char *below(const char *path, const char *directory)
{
    char real[PATH_MAX];
    if (realpath(directory, real) == NULL)
        return NULL;
    size_t length = strlen(real);
    return strncmp(path, real, length) == 0 && path[length] == '/' ? path + length + 1
                                                                   : NULL;
}

static bool is_own_file(const char *path, const char *output_directory)
{
    static const char *const folders[] = {"frames/", ".state/"};
    const char *name = below(path, output_directory);
    if (name == NULL)
        return false;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            return true;
    return strcmp(name, RUN_REPORT_FILE) == 0 || strcmp(name, REPORT_HTML_FILE) == 0;
}

/* Empty, or test cases of this or another program. */
static bool may_be_replaced(const char *path)
{
    char text[OPENING_BYTES + 1];
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = descriptor >= 0 ? read(descriptor, text, OPENING_BYTES) : -1;
    if (descriptor >= 0)
        (void)close(descriptor);
    text[got > 0 ? got : 0] = '\0';
    return got == 0 || strstr(text, "<testsuite") != NULL;
}

/* Opens and closes it: what access() says is not always so. */
static enum po_status try_to_write(const char *path, struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    enum po_status status = atomic_file_open(file, path, error);
    atomic_file_discard(file);
    free(file);
    return status == PO_IO ? PO_BAD_ARGUMENT : status;
}

enum po_status junit_check(const char *path, const char *output_directory,
                           struct po_error *error)
{
    struct named_file_place place;
    struct po_error cause = {0};
    enum po_status status = named_file_find(path, &place, &cause);
    if (status != PO_OK)
        return po_fail(error, status, "--junit: %s", cause.message);
    if (place.through)
        return PO_OK;
    if (is_own_file(place.path, output_directory))
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--junit: %s: the run itself writes this file; choose another name", path);
    if (place.exists && !may_be_replaced(place.path))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--junit: %s: holds something else than test cases and is not "
                       "overwritten; choose another name or remove it",
                       path);
    status = try_to_write(place.path, &cause);
    return status == PO_OK ? status
                           : po_fail(error, status, "--junit: %s", cause.message);
}

static double seconds_of(const struct report_frame *frame)
{
    double total_ms = 0;
    for (int i = 0; i < frame->stage_count; i++)
        total_ms += frame->stages[i].ms;
    return total_ms / 1e3;
}

static void write_outcome(struct markup *xml, const struct report_frame *frame)
{
    bool failed = frame->status == PO_FRAME_FAILED;
    switch (frame->status) {
    case PO_FRAME_DONE:
    case PO_FRAME_REUSED:
        return;
    case PO_FRAME_PENDING:
        markup_raw(xml, "    <skipped message=\"not run\"/>\n");
        return;
    case PO_FRAME_FAILED:
    case PO_FRAME_TIMED_OUT:
    case PO_FRAME_CRASHED:
    case PO_FRAME_OUT_OF_MEMORY:
        break;
    }
    /* In JUnit a failure is a wrong result, an error is no result. */
    markup_print(xml, "    <%s type=\"%s\" message=\"", failed ? "failure" : "error",
                 frame_status_name(frame->status));
    if (frame->stage != NULL)
        markup_print(xml, "%s: ", frame->stage);
    markup_text(xml, frame->message);
    markup_raw(xml, "\"/>\n");
}

static void write_warnings(struct markup *xml, const struct frame_record *record)
{
    if (record == NULL || record->warnings.length == 0)
        return;
    markup_raw(xml, "    <system-out>");
    for (int i = 0; i < record->warnings.length; i++) {
        markup_text(xml, record->warnings.texts[i]);
        markup_raw(xml, "\n");
    }
    markup_raw(xml, "</system-out>\n");
}

/* What got worse in a frame, or in the session; NULL: nothing that its status has not
 * said. */
static const struct baseline_finding *
findings_of(const struct baseline_findings *findings, const char *id, int *count)
{
    *count = 0;
    const struct baseline_finding *first =
        findings != NULL ? baseline_findings_of(findings, id, count) : NULL;
    return *count == 0 || (id != NULL && first->unfinished) ? NULL : first;
}

/* Done, and yet not all that was asked for: as the exit status has it. One failure a
 * case: readers count them, and show the first. */
static bool fails_as_incomplete(const struct report_frame *frame,
                                const struct baseline_findings *findings)
{
    int count;
    return frame->record != NULL && frame->record->lacks != 0 &&
           findings_of(findings, frame->id, &count) == NULL;
}

static void write_lacks(struct markup *xml, const struct report_frame *frame)
{
    const char *between = "";
    markup_raw(xml, "    <failure type=\"incomplete\" message=\"done ");
    for (int i = 0; i < FRAME_LACKS; i++) {
        const struct frame_lack_row *lack = frame_lack_row(i);
        if ((frame->record->lacks & lack->bit) == 0)
            continue;
        markup_print(xml, "%s%s", between, lack->words);
        between = "; ";
    }
    markup_raw(xml, "\"/>\n");
}

/* One failure for all that got worse. */
static void write_findings(struct markup *xml, const struct baseline_findings *findings,
                           const char *id)
{
    int count = 0;
    const struct baseline_finding *first = findings_of(findings, id, &count);
    if (first == NULL)
        return;
    markup_raw(xml, "    <failure type=\"worse\" message=\"");
    markup_text(xml, first->text);
    if (count > 1)
        markup_print(xml, " (and %d more)", count - 1);
    markup_raw(xml, "\">");
    for (int i = 0; i < count; i++) {
        markup_text(xml, first[i].text);
        markup_raw(xml, "\n");
    }
    markup_raw(xml, "</failure>\n");
}

static void write_case(struct markup *xml, const struct report_frame *frame,
                       const struct baseline_findings *findings)
{
    markup_raw(xml, "  <testcase classname=\"process_offline\" name=\"");
    markup_text(xml, frame->id);
    markup_print(xml, "\" time=\"%.3f\">\n", seconds_of(frame));
    write_outcome(xml, frame);
    if (fails_as_incomplete(frame, findings))
        write_lacks(xml, frame);
    write_findings(xml, findings, frame->id);
    write_warnings(xml, frame->record);
    markup_raw(xml, "  </testcase>\n");
}

/* Cases that fail because they got worse, as far as they did not fail on their own. */
static int count_worse(const struct baseline_findings *findings)
{
    int count = 0;
    const char *last = NULL;
    for (int i = 0; i < findings->count; i++) {
        const struct baseline_finding *finding = &findings->rows[i];
        bool is_next = i == 0 || (finding->id != NULL &&
                                  (last == NULL || strcmp(last, finding->id) != 0));
        count += is_next && (finding->id == NULL || !finding->unfinished);
        last = finding->id;
    }
    return count;
}

static int count_incomplete(const struct run_report *report,
                            const struct baseline_findings *findings)
{
    int count = 0;
    for (int i = 0; i < report->frame_count && report->totals.incomplete > 0; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        count += fails_as_incomplete(&frame, findings);
    }
    return count;
}

static void write_suite(struct markup *xml, const struct run_report *report,
                        const struct baseline_findings *findings)
{
    const struct report_totals *totals = &report->totals;
    markup_raw(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"");
    markup_text(xml, report->manifest != NULL ? report->manifest->root : "session");
    markup_print(xml,
                 "\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" "
                 "time=\"%.3f\">\n",
                 totals->found + (findings != NULL),
                 totals->failed + count_incomplete(report, findings) +
                     (findings != NULL ? count_worse(findings) : 0),
                 totals->timed_out + totals->crashed + totals->out_of_memory,
                 totals->not_run, report->wall_s);
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        write_case(xml, &frame, findings);
    }
    if (findings != NULL) {
        markup_raw(xml, "  <testcase classname=\"process_offline\" name=\"baseline\" "
                        "time=\"0.000\">\n");
        write_findings(xml, findings, NULL);
        markup_raw(xml, "  </testcase>\n");
    }
    markup_raw(xml, "</testsuite>\n");
}

enum po_status junit_write(const struct run_report *report,
                           const struct baseline_findings *findings, const char *path,
                           struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    struct markup xml = {.file = file, .error = error};
    xml.status = named_file_open(file, path, error);
    if (xml.status == PO_OK)
        write_suite(&xml, report, findings);
    if (xml.status == PO_OK)
        xml.status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    free(file);
    return xml.status;
}
