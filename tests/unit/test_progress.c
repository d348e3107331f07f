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

#include "base/readable.h"
#include "report/progress.h"
#include "report/run_summary.h"
#include "report/warning_groups.h"

static void assert_bar(const struct progress *progress, double now_s,
                       const char *expected)
{
    char text[256];
    progress_bar_text(progress, now_s, text, sizeof(text));
    assert_string_equal(text, expected);
    assert_true((int)strlen(text) < progress->width_columns);
}

static void bar_drops_what_does_not_fit(void **state)
{
    (void)state;
    struct progress progress = {.width_columns = 80,
                                .total = 40,
                                .ended = 20,
                                .reused = 10,
                                .bad = 1,
                                .running = 2,
                                .start_s = 100.0,
                                .last_end_s = 150.0,
                                .frame = "left_17",
                                .memory_bytes = 3ULL << 29,
                                .memory_limit_bytes = 6ULL << 30};
    /* 10 frames ran in 50 s; 20 are left. */
    assert_bar(&progress, 150.0,
               "[##########..........]  20/40  1:40 left  1 not done  1.5 GB of 6.0 GB  "
               "left_17");
    progress.width_columns = 120;
    assert_bar(
        &progress, 150.0,
        "[############............]  20/40  1:40 left  1 not done  1.5 GB of 6.0 GB  "
        "left_17  2 running");
    progress.width_columns = 30;
    assert_bar(&progress, 150.0, "20/40  1:40 left  1 not done");
    progress.width_columns = 12;
    assert_bar(&progress, 150.0, "20/40");
    progress.width_columns = 3;
    assert_bar(&progress, 150.0, "");
}

static void time_left_needs_a_frame_that_ran(void **state)
{
    (void)state;
    struct progress progress = {
        .width_columns = 39, .total = 4, .ended = 2, .reused = 2, .start_s = 0};
    assert_bar(&progress, 5.0, "2/4");
    progress.ended = 3;
    progress.last_end_s = 5.0;
    assert_bar(&progress, 5.0, "3/4  5.0 s left");
    assert_bar(&progress, 7.0, "3/4  3.0 s left"); /* time runs while a frame does */
    assert_bar(&progress, 11.0, "3/4  0 ms left");
    progress.ended = 4;
    assert_bar(&progress, 5.0, "4/4");
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Frames of about 2 s on so many workers, which begin late: the estimate after a tenth of
 * them, between two ends. */
static double error_after_a_tenth(int workers, double begin_s)
{
    enum { TOTAL = 160 };
    double busy_until_s[8] = {0};
    double ends_s[TOTAL];
    uint32_t state = 12345;
    for (int i = 0; i < TOTAL; i++) {
        int next = 0;
        for (int w = 1; w < workers; w++)
            next = busy_until_s[w] < busy_until_s[next] ? w : next;
        state = state * 1664525U + 1013904223U;
        busy_until_s[next] += 1.5 + (state >> 16) / 65536.0;
        ends_s[i] = begin_s + busy_until_s[next];
    }
    qsort(ends_s, TOTAL, sizeof(double), compare_times);
    struct progress progress = {.width_columns = 39, .total = TOTAL};
    const struct progress_frame frame = {.id = "1", .status = PO_FRAME_DONE};
    progress_tick(&progress, workers, "1", 0, 0, begin_s);
    for (int i = 0; i < TOTAL / 10; i++)
        progress_frame_ended(&progress, &frame, ends_s[i]);
    double now_s = ends_s[TOTAL / 10 - 1] + 0.4;
    return fabs(progress_seconds_left(&progress, now_s) / (ends_s[TOTAL - 1] - now_s) -
                1);
}

static void time_left_is_right_after_a_tenth(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 8; workers *= 2)
        for (double begin_s = 0; begin_s <= 10; begin_s += 5)
            assert_true(error_after_a_tenth(workers, begin_s) < 0.3);
}

static void alike_warnings_are_one_line(void **state)
{
    (void)state;
    struct warning_groups groups = {.count = 0};
    warning_groups_add(&groups, "000", "the filter dropped 120 of 300 points (40 %)");
    warning_groups_add(&groups, "001", "the filter dropped 9 of 17.5 points (51 %)");
    warning_groups_add(&groups, "002", "the filter dropped some points");
    warning_groups_add(&groups, "003", "the filter dropped 1 of 300 lines (40 %)");
    assert_int_equal(groups.count, 3);
    assert_int_equal(groups.groups[0].frames, 2);
    assert_string_equal(groups.groups[0].first, "000");
    assert_string_equal(groups.groups[0].text,
                        "the filter dropped 120 of 300 points (40 %)");
    assert_int_equal(groups.groups[1].frames, 1);
    for (int i = 0; i < 40; i++) {
        char text[] = "warning A";
        text[8] = (char)('A' + i);
        warning_groups_add(&groups, "004", text);
    }
    assert_int_equal(groups.count, WARNING_GROUPS_MAX);
    assert_int_equal(groups.left_out, 43 - WARNING_GROUPS_MAX);
}

/* What the calls write to stderr when it is a file. */
static void run_progress(enum po_progress mode, bool quiet, char *written, size_t bytes)
{
    struct po_output_settings settings = {.progress = mode, .quiet = quiet};
    struct progress progress;
    const struct progress_frame done = {"a", NULL, PO_FRAME_DONE, NULL, 812, 1000};
    const struct progress_frame bad = {
        "b", "match", PO_FRAME_TIMED_OUT, "silent in match", 0, 0};
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_int_equal(dup2(fileno(file), STDERR_FILENO), STDERR_FILENO);
    progress_begin(&progress, &settings, 2, 0.0);
    progress_tick(&progress, 1, "a", 0, 0, 0.05);
    progress_frame_ended(&progress, &done, 1.0);
    progress_frame_ended(&progress, &bad, 2.0);
    progress_end(&progress);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    (void)close(saved);
    rewind(file);
    size_t length = fread(written, 1, bytes - 1, file);
    written[length] = '\0';
    (void)fclose(file);
}

static void lines_without_a_terminal(void **state)
{
    (void)state;
    char text[512];
    run_progress(PO_PROGRESS_AUTO, false, text, sizeof(text));
    assert_string_equal(text, "1/2 a: done in 812 ms, 1000 points\n"
                              "warning: 2/2 b: timed out: silent in match\n");
    run_progress(PO_PROGRESS_NEVER, false, text, sizeof(text));
    assert_string_equal(text, "warning: 2/2 b: timed out: silent in match\n");
}

static void bar_when_asked_for(void **state)
{
    (void)state;
    char text[1024];
    run_progress(PO_PROGRESS_ALWAYS, false, text, sizeof(text));
    const char *cleared = strstr(text, "\r\x1b[Kwarning: 2/2 b");
    assert_non_null(cleared);
    assert_null(strstr(text, "a: done"));
    assert_non_null(
        strstr(text, "\r[##########..........]  1/2  1.0 s left  a  1 running\x1b[K"));
    assert_string_equal(text + strlen(text) - 4, "\r\x1b[K");
}

static void units_are_readable(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } times[] = {{0.0, "0 ms"},   {0.8124, "812 ms"},  {0.9999, "1.0 s"},
                 {59.96, "1:00"}, {3599.6, "1:00:00"}, {36061, "10:01:01"},
                 {-1.0, "?"}};
    char text[READABLE_BYTES];
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        readable_seconds(times[i].seconds, text, sizeof(text));
        assert_string_equal(text, times[i].text);
    }
    readable_size(0, text, sizeof(text));
    assert_string_equal(text, "0 bytes");
    readable_size(1ULL << 20, text, sizeof(text));
    assert_string_equal(text, "1.0 MB");
    readable_size(UINT64_MAX, text, sizeof(text));
    assert_string_equal(text, "16777216 TB");
    readable_count(999, text, sizeof(text));
    assert_string_equal(text, "999");
    readable_count(1234567, text, sizeof(text));
    assert_string_equal(text, "1,234,567");
}

static void one_crashed(void *context, int index, struct report_frame *frame)
{
    (void)context;
    *frame = (struct report_frame){.id = "f", .status = PO_FRAME_DONE};
    if (index == 1)
        *frame = (struct report_frame){
            .id = "f01", .status = PO_FRAME_CRASHED, .message = "crashed in stage match"};
}

static void summary_says_what_happened(void **state)
{
    (void)state;
    struct run_report report = {
        .output_directory = "s/reconstruction",
        .workers = 2,
        .wall_s = 4.0,
        .frames_per_second = 0.5,
        .frame_count = 3,
        .frame = one_crashed,
        .memory = {.measured_bytes = 300 << 20},
        .totals = {
            .found = 3, .done = 2, .crashed = 1, .points = 1234567, .scored_frames = 1}};
    report.totals.scores.dense_all = (struct score){.present = true,
                                                    .bad05 = 20,
                                                    .bad1 = 11.18,
                                                    .bad2 = 7.22,
                                                    .bad4 = 4,
                                                    .mae = 1.14,
                                                    .density = 100};
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    run_summary_print(&report, stream);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(
        text, "3 frames: 2 done, 1 crashed\n"
              "  f01: crashed in stage match\n"
              "1,234,567 points in 4.0 s, 0.50 frames/s, 2 workers, peak memory 300 MB\n"
              "against ground truth, mean of 1 frame:\n"
              "  percent of pixels        bad0.5   bad1   bad2   bad4  mae px density\n"
              "  dense, all                20.00  11.18   7.22   4.00   1.140   100.0\n"
              "results in s/reconstruction\n");
    free(text);
}

int main(void)
{
    (void)unsetenv("NO_COLOR");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_drops_what_does_not_fit),
        cmocka_unit_test(time_left_needs_a_frame_that_ran),
        cmocka_unit_test(time_left_is_right_after_a_tenth),
        cmocka_unit_test(alike_warnings_are_one_line),
        cmocka_unit_test(lines_without_a_terminal),
        cmocka_unit_test(bar_when_asked_for),
        cmocka_unit_test(units_are_readable),
        cmocka_unit_test(summary_says_what_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
