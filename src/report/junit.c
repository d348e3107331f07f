/* SPDX-License-Identifier: Apache-2.0 */
#include "report/junit.h"

#include <stdlib.h>

#include "report/markup.h"

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

static void write_case(struct markup *xml, const struct report_frame *frame)
{
    markup_raw(xml, "  <testcase classname=\"process_offline\" name=\"");
    markup_text(xml, frame->id);
    markup_print(xml, "\" time=\"%.3f\">\n", seconds_of(frame));
    write_outcome(xml, frame);
    write_warnings(xml, frame->record);
    markup_raw(xml, "  </testcase>\n");
}

static void write_suite(struct markup *xml, const struct run_report *report)
{
    const struct report_totals *totals = &report->totals;
    markup_raw(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"");
    markup_text(xml, report->manifest != NULL ? report->manifest->root : "session");
    markup_print(xml,
                 "\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" "
                 "time=\"%.3f\">\n",
                 totals->found, totals->failed,
                 totals->timed_out + totals->crashed + totals->out_of_memory,
                 totals->not_run, report->wall_s);
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        write_case(xml, &frame);
    }
    markup_raw(xml, "</testsuite>\n");
}

enum po_status junit_write(const struct run_report *report, const char *path,
                           struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    struct markup xml = {.file = file, .error = error};
    xml.status = atomic_file_open(file, path, error);
    if (xml.status == PO_OK)
        write_suite(&xml, report);
    if (xml.status == PO_OK)
        xml.status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    free(file);
    return xml.status;
}
