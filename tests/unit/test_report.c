/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/baseline.h"
#include "report/html_frames.h"
#include "report/junit.h"
#include "report/report_html.h"

static void tolerances_are_read(void **state)
{
    (void)state;
    struct baseline_tolerance tolerance;
    struct po_error error = {0};
    assert_int_equal(baseline_tolerance_parse(NULL, &tolerance, &error), PO_OK);
    assert_true(tolerance.bad_points == 0.2 && tolerance.time_ratio == 1.5);
    assert_int_equal(baseline_tolerance_parse("bad=1,time=0", &tolerance, &error), PO_OK);
    assert_true(tolerance.bad_points == 1 && tolerance.time_ratio == 0);
    assert_true(tolerance.mae_px == 0.05);
    static const char *const wrong[] = {"", "bad", "bad=", "bad=-1", "bad=1,", "tiem=2"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_int_equal(baseline_tolerance_parse(wrong[i], &tolerance, &error),
                         PO_BAD_ARGUMENT);
    assert_string_equal(error.message,
                        "--tolerance: unknown key 'tiem'; did you mean 'time'?");
}

static struct past_frame good_frame(const char *id)
{
    struct past_frame frame = {.status = PO_FRAME_DONE, .points = 1000, .total_ms = 100};
    (void)snprintf(frame.id, sizeof(frame.id), "%s", id);
    frame.extent = (struct record_extent){
        .min_mm = {0, 0, 100}, .max_mm = {30, 40, 100}, .median_depth_mm = 100};
    return frame;
}

enum { SAMPLE_FRAMES = 3 };

struct sample {
    struct past_frame frames[SAMPLE_FRAMES];
    struct past_report report;
};

static void sample_make(struct sample *sample)
{
    memset(sample, 0, sizeof(*sample));
    sample->frames[0] = good_frame("a");
    sample->frames[1] = good_frame("b");
    sample->frames[2] = good_frame("c");
    sample->report.frame_count = SAMPLE_FRAMES;
    sample->report.frames = sample->frames;
    sample->report.measured_bytes = 100 << 20;
    sample->report.totals.scored_frames = 1;
    sample->report.totals.scores.present = true;
    sample->report.totals.scores.dense_all =
        (struct score){.present = true, .bad2 = 7.22, .mae = 1.14, .density = 100};
}

/* Two runs that are alike, made anew for each test that compares. */
static struct sample past;
static struct sample present;

static int make_samples(void **state)
{
    (void)state;
    sample_make(&past);
    sample_make(&present);
    return 0;
}

/* The lines of the comparison of both, to be freed. */
static char *compare_samples(int *worse)
{
    char *text = NULL;
    size_t bytes = 0;
    struct baseline_tolerance tolerance;
    struct po_error error = {0};
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    assert_int_equal(baseline_tolerance_parse(NULL, &tolerance, &error), PO_OK);
    struct baseline_findings findings = {0};
    assert_int_equal(baseline_compare(&past.report, &present.report, &tolerance, stream,
                                      &findings, &error),
                     PO_OK);
    *worse = findings.count;
    baseline_findings_release(&findings);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void same_run_is_no_worse(void **state)
{
    (void)state;
    int worse = -1;
    present.frames[0].points = 985;             /* within 2 % */
    present.frames[1].extent.max_mm[0] = 30.9;  /* of 50 mm */
    present.frames[2].status = PO_FRAME_REUSED; /* as good as done */
    present.report.totals.scores.dense_all.bad2 = 7.4;
    char *text = compare_samples(&worse);
    assert_int_equal(worse, 0);
    assert_string_equal(text, "no worse than the baseline\n");
    free(text);
}

static void each_loss_is_one_line(void **state)
{
    (void)state;
    int worse = -1;
    present.frames[0].status = PO_FRAME_TIMED_OUT;
    present.frames[1].points = 900;
    present.frames[1].extent.max_mm[0] = 36;
    present.report.frame_count = 2; /* c is gone */
    present.frames[1].total_ms = 200;
    present.report.measured_bytes = 150 << 20;
    present.report.totals.scores.dense_all =
        (struct score){.present = true, .bad2 = 8, .mae = 1.14, .density = 90};
    char *text = compare_samples(&worse);
    assert_string_equal(
        text, "worse: a: timed_out, was done\n"
              "worse: b: 900 points, 10.0 % fewer than 1000\n"
              "worse: b: a corner of the cloud moved by 6 mm, 12.0 % of its diagonal\n"
              "worse: c: no longer there, was done\n"
              "worse: dense_all bad2: 8.000, was 7.220 (+0.780)\n"
              "worse: dense_all missing: 10.000, was 0.000 (+10.000)\n"
              "worse: time of the same frames: 200 ms, was 100 ms (2.00 times)\n"
              "worse: peak memory: 150 MB, was 100 MB (1.50 times)\n");
    assert_int_equal(worse, 8);
    free(text);
}

/* It held no frame's memory. */
static void memory_of_a_run_that_only_reused(void **state)
{
    (void)state;
    int worse = -1;
    past.report.totals.reused = 3;
    past.report.measured_bytes = 9 << 20;
    char *text = compare_samples(&worse);
    assert_int_equal(worse, 0);
    free(text);
    past.report.totals.done = 1;
    text = compare_samples(&worse);
    assert_int_equal(worse, 1);
    free(text);
}

/* One frame wins what another loses: the mean stays. */
static void a_frame_that_the_mean_hides(void **state)
{
    (void)state;
    int worse = -1;
    sample_make(&past);
    for (int i = 0; i < SAMPLE_FRAMES; i++) {
        past.frames[i].scores.present = true;
        past.frames[i].scores.dense_all = past.report.totals.scores.dense_all;
        past.frames[i].scores.measured_all = past.report.totals.scores.dense_all;
    }
    present = past;
    present.report.frames = present.frames;
    present.frames[0].scores.dense_all.bad2 -= 1.5;
    present.frames[1].scores.dense_all.bad2 += 1.5;
    present.frames[1].scores.measured_all.mae += 0.3; /* of 0.25: less than the above */
    present.frames[2].scores.dense_all.bad2 += 0.9;   /* of 5 * 0.2 */
    char *text = compare_samples(&worse);
    assert_string_equal(text, "worse: b: dense_all bad2: 8.720, was 7.220 (+1.500)\n");
    assert_int_equal(worse, 1);
    free(text);
    present.frames[1].scores.measured_all.mae += 0.3;
    text = compare_samples(&worse);
    assert_string_equal(text, "worse: b: measured_all mae: 1.740, was 1.140 (+0.600)\n");
    free(text);
}

static void frames_that_failed_before_cannot_get_worse(void **state)
{
    (void)state;
    int worse = -1;
    past.frames[0].status = PO_FRAME_CRASHED;
    present.frames[0].status = PO_FRAME_CRASHED;
    past.frames[1].extent.median_depth_mm = NAN;
    past.frames[1].extent.min_mm[0] = NAN;
    free(compare_samples(&worse));
    assert_int_equal(worse, 0);
}

static void sample_frame(void *context, int index, struct report_frame *frame)
{
    static const enum po_frame_status statuses[] = {PO_FRAME_DONE, PO_FRAME_FAILED,
                                                    PO_FRAME_CRASHED, PO_FRAME_PENDING};
    static const char *const ids[] = {"a%2F", "b", "c", "d"};
    *frame = (struct report_frame){.id = ids[index], .status = statuses[index]};
    if (index == 0) {
        struct frame_record *record = context;
        frame_record_init(record);
        record->points = 12345;
        warning_list_add(&record->warnings, "less < more & \"quoted\" \xff\x01");
        assert_true(frame_record_add_artefact(record, "preview.png", 1, NULL));
        frame->record = record;
        frame->stage_count = 1;
        frame->stages[0] = (struct report_stage){"match", 1500};
    }
    if (index == 1 || index == 2) {
        frame->stage = "load";
        frame->message = "<script>alert('x')</script>";
    }
}

static char *read_back(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t bytes = fread(text, 1, sizeof(text) - 1, file);
    assert_int_equal(fclose(file), 0);
    text[bytes] = '\0';
    assert_int_equal(unlink(path), 0);
    return text;
}

static struct frame_record record;

static struct run_report sample_report(void)
{
    struct run_report report = {
        .wall_s = 2, .frame_count = 4, .frame = sample_frame, .frame_context = &record};
    assert_int_equal(run_report_count(&report, NULL), PO_OK);
    return report;
}

static void junit_tells_failures_from_errors(void **state)
{
    (void)state;
    static const char path[] = "/tmp/test_report_junit.xml";
    struct run_report report = sample_report();
    assert_int_equal(junit_write(&report, NULL, path, NULL), PO_OK);
    assert_string_equal(
        read_back(path),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"session\" tests=\"4\" failures=\"1\" errors=\"1\" "
        "skipped=\"1\" time=\"2.000\">\n"
        "  <testcase classname=\"process_offline\" name=\"a%2F\" time=\"1.500\">\n"
        "    <system-out>less &lt; more &amp; &quot;quoted&quot; ??\n</system-out>\n"
        "  </testcase>\n"
        "  <testcase classname=\"process_offline\" name=\"b\" time=\"0.000\">\n"
        "    <failure type=\"failed\" message=\"load: "
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\"/>\n"
        "  </testcase>\n"
        "  <testcase classname=\"process_offline\" name=\"c\" time=\"0.000\">\n"
        "    <error type=\"crashed\" message=\"load: "
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\"/>\n"
        "  </testcase>\n"
        "  <testcase classname=\"process_offline\" name=\"d\" time=\"0.000\">\n"
        "    <skipped message=\"not run\"/>\n"
        "  </testcase>\n"
        "</testsuite>\n");
}

static int count_text(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static void junit_tells_what_got_worse(void **state)
{
    (void)state;
    static const char path[] = "/tmp/test_report_worse.xml";
    struct run_report report = sample_report();
    struct baseline_findings findings = {0};
    const struct baseline_finding found[] = {
        {.id = "b", .unfinished = true, .text = strdup("failed, was done")},
        {.id = "a%2F", .text = strdup("9 points, <90 %> fewer")},
        {.text = strdup("peak memory: 2 MB")},
        {.id = "a%2F", .text = strdup("a corner of the cloud moved")},
    };
    for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++)
        assert_int_equal(baseline_findings_add(&findings, found[i], NULL), PO_OK);
    baseline_findings_sort(&findings);
    assert_int_equal(junit_write(&report, &findings, path, NULL), PO_OK);
    const char *text = read_back(path);
    assert_non_null(strstr(text, "tests=\"5\" failures=\"3\" errors=\"1\""));
    assert_int_equal(count_text(text, "<failure"), 3);
    assert_int_equal(count_text(text, "was done"), 0); /* b failed: that is reported */
    assert_non_null(
        strstr(text, "name=\"a%2F\" time=\"1.500\">\n"
                     "    <failure type=\"worse\" message=\"9 points, &lt;90 %&gt; fewer "
                     "(and 1 more)\">9 points, &lt;90 %&gt; fewer\n"
                     "a corner of the cloud moved\n</failure>\n"));
    assert_non_null(strstr(text, "name=\"baseline\" time=\"0.000\">\n"
                                 "    <failure type=\"worse\" message=\"peak memory: 2 "
                                 "MB\">peak memory: 2 MB\n</failure>\n"));
    baseline_findings_release(&findings);
    assert_int_equal(junit_write(&report, &findings, path, NULL), PO_OK);
    text = read_back(path);
    assert_non_null(strstr(text, "tests=\"5\" failures=\"1\""));
    assert_non_null(strstr(text, "name=\"baseline\" time=\"0.000\">\n  </testcase>"));
}

static void nothing_compared_is_worse(void **state)
{
    (void)state;
    int worse = -1;
    past.report.frame_count = 0;
    char *text = compare_samples(&worse);
    assert_string_equal(text,
                        "worse: nothing was compared: no frame is finished both in the "
                        "baseline (0 frames) and in this run (3 frames, such as a)\n");
    assert_int_equal(worse, 1);
    free(text);
    past.report.frame_count = SAMPLE_FRAMES;
    for (int i = 0; i < SAMPLE_FRAMES; i++)
        past.frames[i].id[0] = (char)('x' + i);
    present.report.left_out = 5; /* others selected: no excuse for comparing nothing */
    free(compare_samples(&worse));
    assert_int_equal(worse, 1);
}

static void other_settings_are_a_note(void **state)
{
    (void)state;
    int worse = -1;
    int unit = 0;
    assert_non_null(settings_find("unit", &unit));
    (void)strcpy(past.report.settings[unit], "mm");
    (void)strcpy(present.report.settings[unit], "m");
    (void)strcpy(past.report.version, "0.0.9");
    (void)strcpy(present.report.version, "0.1.0");
    char *text = compare_samples(&worse);
    assert_string_equal(text,
                        "note: the baseline is of version 0.0.9, this run of 0.1.0\n"
                        "note: unit is m, in the baseline mm\n"
                        "no worse than the baseline\n");
    assert_int_equal(worse, 0);
    free(text);
}

static void page_escapes_and_orders(void **state)
{
    (void)state;
    static const char path[] = "/tmp/test_report_page.html";
    struct run_report report = sample_report();
    assert_int_equal(report_html_write(&report, path, NULL), PO_OK);
    const char *page = read_back(path);
    assert_null(strstr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;script&gt;alert"));
    assert_non_null(strstr(page, "src=\"frames/a%252F/preview.png\""));
    assert_non_null(strstr(page, "12,345"));
    const char *failed = strstr(page, "<code>b</code>");
    const char *done = strstr(page, "<code>a%2F</code>");
    assert_non_null(failed);
    assert_non_null(done);
    assert_true(failed < done);
    assert_null(strstr(page, "http:")); /* one page, nothing fetched */
    assert_null(strstr(page, "https:"));
}

#define COMPARED(test) cmocka_unit_test_setup(test, make_samples)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tolerances_are_read),
        COMPARED(same_run_is_no_worse),
        COMPARED(each_loss_is_one_line),
        COMPARED(memory_of_a_run_that_only_reused),
        COMPARED(a_frame_that_the_mean_hides),
        COMPARED(frames_that_failed_before_cannot_get_worse),
        cmocka_unit_test(junit_tells_failures_from_errors),
        cmocka_unit_test(junit_tells_what_got_worse),
        COMPARED(nothing_compared_is_worse),
        COMPARED(other_settings_are_a_note),
        cmocka_unit_test(page_escapes_and_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
