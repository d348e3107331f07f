/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in row strips against the same frames whole: all artefacts are there, values
 * agree but for a few near the strips' borders, counts in headers are true, and scratch
 * stays within its plan.
 */
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

#include "base/input_file.h"
#include "cv_shim/cv_shim.h"
#include "frame/frame_pipeline.h"
#include "frame/frame_rectifiers.h"
#include "image/image_writer.h"
#include "record/frame_record.h"
#include "session/manifest_load.h"
#include "support/synthetic_scene.h"
#include "support/test_folder.h"

enum { WIDTH = 640, HEIGHT = 900, MAX_FILE_BYTES = 1 << 26 };

static const struct disparity_range ranges[2] = {{0, 96}, {0, 96}};

/* A session of one scene on disk. */
struct session {
    struct test_folder folder;
    struct manifest *manifest;
    struct frame_rectifiers *rectifiers;
    struct po_settings settings;
    int downscale;
};

/* One way through the frame. */
struct outcome {
    enum po_status status;
    struct po_error error;
    struct frame_plan plan;
    size_t scratch_peak;
    struct frame_result result;
    char directory[TEST_PATH_BYTES]; /* of the artefacts */
};

static void expect_ok(enum po_status status, const struct po_error *error)
{
    if (status != PO_OK)
        fail_msg("%s", error->message);
}

static void write_side(const struct session *session, const struct synthetic_scene *scene,
                       int side)
{
    static const char *const names[] = {"left/000000.png", "right/000000.png"};
    struct po_error error;
    struct image_view image = {WIDTH, HEIGHT, 3, (ptrdiff_t)WIDTH * 3, NULL};
    struct atomic_file *file = calloc(1, sizeof(*file));
    image.pixels = malloc((size_t)WIDTH * HEIGHT * 3);
    assert_non_null(file);
    assert_non_null(image.pixels);
    synthetic_scene_render(scene, side, &image);
    const char *path = test_folder_path(&session->folder, names[side]);
    test_folder_write(&session->folder, names[side], "");
    expect_ok(atomic_file_open_plain(file, path, false, &error), &error);
    expect_ok(png_write(file, &image, NULL, 0, &error), &error);
    expect_ok(atomic_file_publish(file, &error), &error);
    free(image.pixels);
    free(file);
}

static void truth_row(void *context, int y, float *values)
{
    for (int x = 0; x < WIDTH; x++)
        values[x] = (float)synthetic_scene_disparity(context, x, y);
}

static void write_truth(struct session *session, struct synthetic_scene *scene)
{
    struct po_error error;
    struct atomic_file *file = calloc(1, sizeof(*file));
    const char *path = test_folder_path(&session->folder, "truth.pfm");
    assert_non_null(file);
    expect_ok(atomic_file_open_plain(file, path, false, &error), &error);
    expect_ok(pfm_write(file, WIDTH, HEIGHT, truth_row, scene, &error), &error);
    expect_ok(atomic_file_publish(file, &error), &error);
    free(file);
    session->manifest->frames[0].ground_truth_path = strdup(path);
    session->manifest->frames[0].ground_truth_scale = 1.0;
}

static void session_make(struct session *session, enum synthetic_kind kind)
{
    struct po_error error;
    struct po_input_settings input = {0};
    struct synthetic_scene scene = synthetic_scene_make(kind, WIDTH, HEIGHT, 0);
    memset(session, 0, sizeof(*session));
    session->downscale = 1;
    (void)!cv_shim_init(NULL);
    test_folder_create(&session->folder);
    po_settings_defaults(&session->settings);
    write_side(session, &scene, 0);
    write_side(session, &scene, 1);
    assert_true(synthetic_scene_write_yaml(
        &scene, test_folder_path(&session->folder, "calibration.yml")));
    input.input = session->folder.path;
    expect_ok(manifest_load(&input, NULL, 0, &session->manifest, &error), &error);
    assert_int_equal(session->manifest->frame_count, 1);
    const struct image_extent size = {WIDTH, HEIGHT};
    expect_ok(frame_rectifiers_create(session->manifest, &size,
                                      &(struct rectifier_stores){NULL, NULL},
                                      &session->rectifiers, &error),
              &error);
    if (kind != SYNTHETIC_SPHERE)
        write_truth(session, &scene);
}

static void session_release(struct session *session)
{
    frame_rectifiers_destroy(session->rectifiers);
    manifest_destroy(session->manifest);
    test_folder_remove(&session->folder);
}

/* Runs the frame into the folder `name` with at most `budget_bytes`, 0: whole. */
static void process(struct session *session, const char *name, size_t budget_bytes,
                    struct outcome *outcome)
{
    struct po_error *error = &outcome->error;
    struct scratch scratch = {0};
    struct frame_job job;
    char frames[TEST_PATH_BYTES];
    memset(outcome, 0, sizeof(*outcome));
    (void)snprintf(frames, sizeof(frames), "%s",
                   test_folder_path(&session->folder, name));
    expect_ok(directory_make(frames, error), error);
    (void)snprintf(outcome->directory, sizeof(outcome->directory), "%.3000s/%s", frames,
                   session->manifest->frames[0].id);
    struct frame_context context = {
        .settings = &session->settings,
        .manifest = session->manifest,
        .rectifiers = session->rectifiers,
        .ranges = ranges,
        .scale16 = {{65535, 0}, {65535, 0}},
        .downscale = session->downscale,
        .depth_unit_mm = 1.0,
        .frames_directory = frames,
        .state_directory = session->folder.path,
        .frame_budget_bytes = budget_bytes,
    };
    outcome->status = frame_pipeline_prepare(&context, 0, &job, error);
    if (outcome->status != PO_OK)
        return;
    outcome->plan = job.plan;
    expect_ok(scratch_init(&scratch, job.plan.scratch_bytes, error), error);
    struct frame_publication publication;
    outcome->status = frame_pipeline_run(
        &context, &job, &scratch, &(struct frame_control){.publication = &publication},
        &outcome->result, error);
    if (outcome->status == PO_OK)
        outcome->status = frame_publication_publish(&publication, NULL, error);
    outcome->scratch_peak = scratch.peak;
    assert_int_equal(scratch.used, 0);
    scratch_release(&scratch);
    expect_ok(outcome->status, error);
}

/* The frame whole, and in strips within a share of the memory it takes whole. */
static void process_both(struct session *session, size_t percent, struct outcome *whole,
                         struct outcome *strips)
{
    process(session, "whole", 0, whole);
    assert_int_equal(whole->plan.strip_count, 1);
    size_t budget_bytes = whole->plan.total_bytes / 100 * percent;
    process(session, "strips", budget_bytes, strips);
    expect_ok(strips->status, &strips->error);
    assert_true(strips->plan.strip_count >= 2);
    assert_int_equal(strips->plan.strip_rows % STRIP_ROWS_STEP, 0);
    assert_true(strips->plan.total_bytes <= budget_bytes);
    assert_true(whole->scratch_peak <= whole->plan.scratch_bytes);
    assert_true(strips->scratch_peak <= strips->plan.scratch_bytes);
    assert_true(strips->scratch_peak >= strips->plan.scratch_bytes / 100 * 80);
    print_message("%d strips of %d rows: planned %zu KB, used %zu KB; whole %zu KB\n",
                  strips->plan.strip_count, strips->plan.strip_rows,
                  strips->plan.scratch_bytes >> 10, strips->scratch_peak >> 10,
                  whole->plan.scratch_bytes >> 10);
}

static float *load_map(const struct outcome *outcome, const char *name)
{
    char path[TEST_PATH_BYTES + 32];
    struct po_error error;
    int width_px;
    int height_px;
    float *values = NULL;
    (void)snprintf(path, sizeof(path), "%s/%s", outcome->directory, name);
    expect_ok(image_file_read_float(path, 1.0, &width_px, &height_px, &values, &error),
              &error);
    assert_int_equal(width_px, outcome->plan.width_px);
    assert_int_equal(height_px, outcome->plan.height_px);
    return values;
}

/* Share of pixels whose values differ by at most `tolerance`; nothing equals nothing. */
static double agreement(const struct outcome *whole, const struct outcome *strips,
                        const char *name, double tolerance)
{
    float *a = load_map(whole, name);
    float *b = load_map(strips, name);
    size_t pixels = (size_t)whole->plan.width_px * (size_t)whole->plan.height_px;
    size_t agreeing = 0;
    for (size_t i = 0; i < pixels; i++) {
        bool same = isnan(a[i]) || isnan(b[i])
                        ? isnan(a[i]) && isnan(b[i])
                        : fabs((double)a[i] - (double)b[i]) <= tolerance;
        agreeing += same;
    }
    free(a);
    free(b);
    print_message("%s: %.3f %% agree\n", name, 100.0 * (double)agreeing / (double)pixels);
    return (double)agreeing / (double)pixels;
}

static size_t count_lines(const char *from, const char *end, const char *start)
{
    size_t lines = 0;
    for (const char *at = from; (at = strstr(at, start)) != NULL && at < end; at++)
        lines++;
    return lines;
}

/* The header's count fits the file and the result. */
static void check_ply(const struct outcome *outcome)
{
    char path[TEST_PATH_BYTES + 32];
    struct po_error error;
    char *content = NULL;
    size_t bytes = 0;
    (void)snprintf(path, sizeof(path), "%s/cloud.ply", outcome->directory);
    expect_ok(input_file_read(path, MAX_FILE_BYTES, &content, &bytes, &error), &error);
    static const char END[] = "end_header\n";
    const char *body = strstr(content, END);
    const char *element = strstr(content, "element vertex ");
    assert_non_null(body);
    assert_non_null(element);
    body += strlen(END);
    unsigned long long count = strtoull(element + strlen("element vertex "), NULL, 10);
    size_t record = 4 * count_lines(content, body, "property float ") +
                    count_lines(content, body, "property uchar ");
    assert_int_equal(count, outcome->result.points);
    assert_int_equal((size_t)(content + bytes - body), count * record);
    free(content);
}

static void check_near(double a, double b, double share)
{
    if (!(fabs(a - b) <= share * fabs(a)))
        fail_msg("%g against %g", a, b);
}

static void check_count(const struct outcome *whole, const struct outcome *strips,
                        const char *name)
{
    double pixels = (double)whole->plan.match_width_px * whole->plan.match_height_px;
    double a = (double)count_list_get(&whole->result.counts, name);
    double b = (double)count_list_get(&strips->result.counts, name);
    /* Of what a step counts a few may differ near borders, of the image hardly any. */
    if (fabs(a - b) > 0.02 * a + 0.001 * pixels)
        fail_msg("%s: %.0f whole, %.0f in strips", name, a, b);
}

/* A strip counts its own rows only: rows of context are another strip's. */
static void check_counts(const struct outcome *whole, const struct outcome *strips)
{
    static const char *const classes[] = {"measured", "occlusion_holes",
                                          "mismatch_holes"};
    const struct count_list *counts = &strips->result.counts;
    uint64_t pixels = 0;
    for (size_t i = 0; i < 3; i++)
        pixels += count_list_get(counts, classes[i]);
    assert_int_equal(pixels, (uint64_t)whole->plan.match_width_px *
                                 (uint64_t)whole->plan.match_height_px);
    for (int i = 0; i < whole->result.counts.length; i++)
        check_count(whole, strips, whole->result.counts.entries[i].name);
    assert_int_equal(counts->length, whole->result.counts.length + 2);
}

/* What frame.json counts is what class.png holds, at full size. */
static void check_classes(const struct outcome *outcome)
{
    static const char *const names[] = {"class_none", "class_measured",
                                        "class_filled_occlusion",
                                        "class_filled_mismatch"};
    uint64_t pixels[4] = {0};
    float *classes = load_map(outcome, "class.png");
    for (size_t i = 0;
         i < (size_t)outcome->plan.width_px * (size_t)outcome->plan.height_px; i++)
        pixels[isnan(classes[i]) ? 0 : (int)classes[i]]++;
    for (int i = 0; i < 4; i++)
        assert_int_equal(count_list_get(&outcome->result.counts, names[i]), pixels[i]);
    assert_true(pixels[1] > 0);
    free(classes);
}

static void check_results(const struct outcome *whole, const struct outcome *strips,
                          double extent_share)
{
    const struct cloud_extent *a = &whole->result.extent;
    const struct cloud_extent *b = &strips->result.extent;
    check_near((double)whole->result.points, (double)strips->result.points, 0.005);
    check_near(a->median_depth_mm, b->median_depth_mm, 0.005);
    check_near(a->centroid_mm[2], b->centroid_mm[2], 0.005);
    for (int axis = 0; axis < 3; axis++) {
        check_near(a->min_mm[axis], b->min_mm[axis], extent_share);
        check_near(a->max_mm[axis], b->max_mm[axis], extent_share);
    }
    assert_int_equal(count_list_get(&strips->result.counts, "strips"),
                     strips->plan.strip_count);
    assert_int_equal(count_list_get(&whole->result.counts, "strips"), 0);
    assert_int_equal(count_list_get(&strips->result.counts, "cloud_points"),
                     strips->result.points);
    check_counts(whole, strips);
    check_classes(whole);
    check_classes(strips);
    check_ply(whole);
    check_ply(strips);
}

static void check_maps(const struct outcome *whole, const struct outcome *strips)
{
    assert_true(agreement(whole, strips, "disparity.pfm", 1.0 / 16) >= 0.995);
    assert_true(agreement(whole, strips, "class.png", 0) >= 0.995);
    assert_true(agreement(whole, strips, "depth.png", 8) >= 0.995);
    assert_true(agreement(whole, strips, "confidence.png", 16) >= 0.995);
}

static void a_plane_in_strips(void **state)
{
    (void)state;
    struct session session;
    struct outcome whole;
    struct outcome strips;
    session_make(&session, SYNTHETIC_PLANE);
    process_both(&session, 65, &whole, &strips);
    check_maps(&whole, &strips);
    check_results(&whole, &strips, 0.05);
    assert_true(whole.result.scores.present);
    assert_true(strips.result.scores.present);
    assert_int_equal(whole.result.scores.dense_all.pixels, WIDTH * HEIGHT);
    assert_int_equal(strips.result.scores.dense_all.pixels, WIDTH * HEIGHT);
    assert_true(fabs(whole.result.scores.dense_all.bad1 -
                     strips.result.scores.dense_all.bad1) < 0.2);
    session_release(&session);
}

static void raw_images_in_strips(void **state)
{
    (void)state;
    struct session session;
    struct outcome whole;
    struct outcome strips;
    session_make(&session, SYNTHETIC_SPHERE);
    process_both(&session, 65, &whole, &strips);
    check_maps(&whole, &strips);
    check_results(&whole, &strips, 0.05);
    session_release(&session);
}

/* The range stands in pixels at full size, as it was asked for. */
static void check_record(const struct outcome *outcome)
{
    char path[TEST_PATH_BYTES + 32];
    struct po_error error;
    struct frame_record *record = calloc(1, sizeof(*record));
    assert_non_null(record);
    (void)snprintf(path, sizeof(path), "%s/" FRAME_RECORD_FILE, outcome->directory);
    expect_ok(frame_record_read(path, record, &error), &error);
    assert_int_equal(record->downscale, 2);
    assert_int_equal(record->range_min_px, ranges[0].min_px);
    assert_int_equal(record->range_count, ranges[0].count);
    assert_true(outcome->plan.range.count < ranges[0].count);
    free(record);
}

static void half_resolution_in_strips(void **state)
{
    (void)state;
    struct session session;
    struct outcome whole;
    struct outcome strips;
    session_make(&session, SYNTHETIC_PLANE);
    session.downscale = 2;
    process_both(&session, 80, &whole, &strips);
    check_record(&whole);
    check_maps(&whole, &strips);
    check_results(&whole, &strips, 0.05);
    session_release(&session);
}

/* Measured pixels inside the limits and no others have a depth; where a pixel is measured
 * is no matter of its depth. */
static void check_limits(const struct outcome *unlimited, const struct outcome *limited,
                         double near_mm, double far_mm)
{
    float *before = load_map(unlimited, "depth.png");
    float *after = load_map(limited, "depth.png");
    size_t pixels = (size_t)WIDTH * HEIGHT;
    size_t kept = 0;
    for (size_t i = 0; i < pixels; i++) {
        /* depth.png is in steps of a millimetre. */
        bool inside = before[i] >= near_mm - 1 && before[i] <= far_mm + 1;
        bool well_inside = before[i] >= near_mm + 1 && before[i] <= far_mm - 1;
        if (after[i] > 0 && (!inside || after[i] != before[i]))
            fail_msg("%g became %g", (double)before[i], (double)after[i]);
        if (well_inside && !(after[i] > 0))
            fail_msg("%g was left out", (double)before[i]);
        kept += after[i] > 0;
    }
    const struct count_list *counts = &limited->result.counts;
    assert_true(kept > pixels / 100);
    assert_int_equal(count_list_get(counts, "depth_png_outside_limits") + kept,
                     count_list_get(counts, "measured"));
    assert_true(count_list_get(counts, "depth_png_outside_limits") > pixels / 100);
    assert_true(agreement(unlimited, limited, "class.png", 0) == 1.0);
    free(before);
    free(after);
}

static void depth_limits_hold_in_the_depth_image(void **state)
{
    (void)state;
    struct session session;
    struct outcome unlimited;
    struct outcome whole;
    struct outcome strips;
    session_make(&session, SYNTHETIC_PLANE);
    process(&session, "unlimited", 0, &unlimited);
    double middle_mm = unlimited.result.extent.median_depth_mm;
    session.settings.match.min_depth_mm = 0.97 * middle_mm;
    session.settings.match.max_depth_mm = 1.02 * middle_mm;
    process_both(&session, 65, &whole, &strips);
    check_limits(&unlimited, &whole, 0.97 * middle_mm, 1.02 * middle_mm);
    assert_true(agreement(&whole, &strips, "depth.png", 8) >= 0.99);
    check_count(&whole, &strips, "depth_png_outside_limits");
    session_release(&session);
}

static void a_budget_that_is_enough_changes_nothing(void **state)
{
    (void)state;
    struct session session;
    struct outcome whole;
    struct outcome within;
    session_make(&session, SYNTHETIC_PLANE);
    process(&session, "whole", 0, &whole);
    process(&session, "within", whole.plan.total_bytes, &within);
    assert_int_equal(within.plan.strip_count, 1);
    assert_true(agreement(&whole, &within, "disparity.pfm", 0) == 1.0);
    assert_int_equal(whole.result.points, within.result.points);
    session_release(&session);
}

static void what_needs_all_rows_is_refused(void **state)
{
    (void)state;
    struct session session;
    struct outcome whole;
    struct outcome refused;
    session_make(&session, SYNTHETIC_PLANE);
    session.settings.cloud.surface_reconstruction = true;
    process(&session, "whole", 0, &whole);
    process(&session, "refused", whole.plan.total_bytes / 100 * 55, &refused);
    assert_int_equal(refused.status, PO_MEMORY_LIMIT);
    assert_non_null(strstr(refused.error.message, "do without --surface-reconstruction"));
    process(&session, "far below", 1 << 20, &refused);
    assert_int_equal(refused.status, PO_MEMORY_LIMIT);
    session_release(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plane_in_strips),
        cmocka_unit_test(raw_images_in_strips),
        cmocka_unit_test(half_resolution_in_strips),
        cmocka_unit_test(depth_limits_hold_in_the_depth_image),
        cmocka_unit_test(a_budget_that_is_enough_changes_nothing),
        cmocka_unit_test(what_needs_all_rows_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
