/* SPDX-License-Identifier: Apache-2.0 */
/* What is chosen and kept around a run: ranges, scales, units, ends, locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "budget/memory_plan.h"
#include "process/processors.h"
#include "store/output_lock.h"
#include "store/session_values.h"
#include "supervise/exit_status.h"
#include "supervise/session_units.h"
#include "support/test_folder.h"
#include "survey/range_choice.h"

static struct po_match_settings automatic(void)
{
    struct po_settings settings;
    po_settings_defaults(&settings);
    settings.match.num_disparities = PO_AUTO;
    settings.match.min_disparity_px = PO_AUTO;
    settings.match.min_depth_mm = 0;
    settings.match.max_depth_mm = 0;
    return settings.match;
}

static void ranges_follow_the_strongest_word(void **state)
{
    (void)state;
    struct disparity_range range;
    struct rectified_rig rig = {.width_px = 1000,
                                .focal_px = 1000,
                                .baseline_mm = 100,
                                .unit = RIG_MM,
                                .disparity_count_hint = 70};
    struct po_match_settings settings = automatic();
    assert_false(range_choose(&settings, NULL, &range));
    assert_int_equal(range.min_px, 0);
    assert_int_equal(range.count, 128);
    assert_true(range_choose(&settings, &rig, &range));
    assert_int_equal(range.count, 80);
    rig.disparity_count_hint = 0;
    assert_false(range_choose(&settings, &rig, &range));
    settings.min_depth_mm = 1000; /* d = f B / Z = 100 */
    settings.max_depth_mm = 5000; /* d = 20 */
    assert_false(
        range_choose(&settings, &rig, &range)); /* limits do not replace images */
    assert_true(range_from_limits(&settings, &rig, &range));
    assert_int_equal(range.min_px, 0); /* 4..116: not half of 0..116 */
    assert_int_equal(range.count, 128);
    settings.max_depth_mm = 1250; /* d = 80 */
    assert_true(range_from_limits(&settings, &rig, &range));
    assert_int_equal(range.min_px, 64); /* and a margin of 16 px on both sides */
    assert_int_equal(range.count, 64);
    assert_false(range_from_limits(&settings, NULL, &range));
    rig.disparity_count_hint = 70;
    settings.max_depth_mm = 5000;
    assert_true(range_choose(&settings, &rig, &range)); /* 0..69 and 4..116 */
    assert_int_equal(range.min_px, 0);
    assert_int_equal(range.count, 128);
    rig.disparity_count_hint = 0;
    settings.num_disparities = 48;
    settings.min_disparity_px = -16;
    assert_true(range_choose(&settings, &rig, &range));
    assert_int_equal(range.min_px, -16);
    assert_int_equal(range.count, 48);
    settings.num_disparities = PO_AUTO;
    const struct range_estimate found = {.low_px = -17.5, .high_px = 70.2};
    settings.min_depth_mm = settings.max_depth_mm = 0;
    assert_int_equal(range_from_estimate(&settings, &rig, &found, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, -16);
    assert_int_equal(range.count, 96);
    settings.min_disparity_px = PO_AUTO;
    settings.min_depth_mm = 1000;
    settings.max_depth_mm = 5000; /* 1000 mm widens to 116, and 4 is not worth it */
    assert_int_equal(range_from_estimate(&settings, &rig, &found, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, -18);
    assert_int_equal(range.count, 144);
    settings.min_depth_mm = 0;
    assert_int_equal(range_from_estimate(&settings, &rig, &found, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, -18); /* as without the limit */
    assert_int_equal(range.count, 96);
    settings.max_depth_mm = 2000; /* d = 50 */
    assert_int_equal(range_from_estimate(&settings, &rig, &found, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, 34); /* 34..71 is less than half of -18..71 */
    assert_int_equal(range.count, 48);
    settings.max_depth_mm = 1000; /* d = 100: all that was found is farther */
    assert_int_equal(range_from_estimate(&settings, &rig, &found, &range, NULL),
                     PO_NO_RANGE);
    const struct range_estimate wide = {.low_px = 0, .high_px = 1500};
    settings.max_depth_mm = 0; /* too wide to search, but for the limit */
    assert_int_equal(range_from_estimate(&settings, &rig, &wide, &range, NULL),
                     PO_NO_RANGE);
    settings.min_depth_mm = 1000;
    assert_int_equal(range_from_estimate(&settings, &rig, &wide, &range, NULL), PO_OK);
    assert_int_equal(range.count, 128);
    settings.min_depth_mm = 2000; /* without a far limit: down to infinity */
    settings.max_depth_mm = 0;
    rig.doffs_px = 12.5;
    assert_true(range_from_limits(&settings, &rig, &range));
    assert_int_equal(range.min_px, -13);
    settings.max_depth_mm = 50000; /* d = -10.5: the margin ends at infinity */
    assert_true(range_from_limits(&settings, &rig, &range));
    assert_int_equal(range.min_px, -13);
}

static void scales_and_units_are_the_smallest_that_hold(void **state)
{
    (void)state;
    assert_int_equal(sample_white_for(0), 255);
    assert_int_equal(sample_white_for(1023), 1023);
    assert_int_equal(sample_white_for(1024), 2047);
    assert_int_equal(sample_white_for(65535), 65535);
    assert_true(session_depth_unit_for(0, 65535) == 1);
    assert_true(session_depth_unit_for(65536, 1e9) == 2);
    assert_true(session_depth_unit_for(0, 300000) == 5);
    assert_true(session_depth_unit_for(0, 1e9) == 10);
}

static void rungs_only_ever_lower(void **state)
{
    (void)state;
    struct po_settings settings;
    int downscale = 1;
    po_settings_defaults(&settings);
    settings.match.level = PO_SGM_QUALITY;
    settings.match.opencv_mode = PO_OPENCV_HH;
    degradation_apply(DEGRADATION_STRIPS, &settings, &downscale);
    assert_int_equal(settings.match.level, PO_SGM_QUALITY);
    degradation_apply(DEGRADATION_CHEAPER_MODE, &settings, &downscale);
    assert_int_equal(settings.match.level, PO_SGM_BALANCED);
    assert_int_equal(settings.match.opencv_mode, PO_OPENCV_3WAY);
    assert_int_equal(downscale, 1);
    degradation_apply(DEGRADATION_HALF, &settings, &downscale);
    assert_int_equal(downscale, 2);
    downscale = 4;
    degradation_apply(DEGRADATION_HALF, &settings, &downscale);
    assert_int_equal(downscale, 4);
}

static void workers_follow_profile_and_wish(void **state)
{
    (void)state;
    struct po_settings settings;
    int workers;
    int batch;
    po_settings_defaults(&settings);
    settings.run.workers = PO_AUTO;
    settings.run.batch_size = PO_AUTO;
    memory_plan_workers(&settings.run, (uint64_t)1 << 30, &workers, &batch);
    assert_int_equal(workers, 1);
    assert_int_equal(batch, 1);
    memory_plan_workers(&settings.run, (uint64_t)64 << 30, &workers, &batch);
    assert_int_equal(workers, processor_count());
    settings.run.workers = 7;
    memory_plan_workers(&settings.run, (uint64_t)1 << 30, &workers, &batch);
    assert_int_equal(workers, 7);
}

/* A run of frames that ended as listed. */
static int status_of(const enum po_frame_status *ends, const enum po_status *causes,
                     int count, enum stop_reason reason, int signal_number)
{
    struct run_state run;
    struct po_summary summary = {0};
    const struct run_control control = {.reason = reason, .signal = signal_number};
    assert_int_equal(run_state_init(&run, count, NULL), PO_OK);
    for (int i = 0; i < count; i++)
        if (ends[i] != PO_FRAME_PENDING)
            run_state_end(&run, i, ends[i], causes[i], "why");
    run_state_summarize(&run, &summary);
    const struct run_outcome outcome = {.worse_than_baseline = true};
    int status = exit_status_of_run(&run, &summary, &control, &outcome);
    run_state_release(&run);
    return status;
}

/* What was asked for and not delivered is in the status, above failed frames. */
static void clouds_without_a_calibration_end_with_5(void **state)
{
    (void)state;
    struct run_state run;
    struct po_settings settings;
    struct frame_entry frames[2] = {{.calibration = -1}, {.calibration = -1}};
    struct calibration calibration = {.unit = RIG_MM};
    const struct manifest manifest = {.frame_count = 2,
                                      .frames = frames,
                                      .calibration_count = 1,
                                      .calibrations = &calibration};
    po_settings_defaults(&settings);
    assert_int_equal(run_state_init(&run, 2, NULL), PO_OK);
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 5);
    run_state_end(&run, 0, PO_FRAME_FAILED, PO_BAD_IMAGE, "why");
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 5);
    assert_false(run_lacks_clouds(&run, &manifest, &settings, false));
    run_state_end(&run, 1, PO_FRAME_DONE, PO_OK, NULL);
    assert_true(run_lacks_clouds(&run, &manifest, &settings, false));
    settings.output.artefacts = PO_OUT_DISPARITY | PO_OUT_DEPTH;
    settings.input.strict = true;
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 3);
    settings.input.strict = false;
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 3);
    settings.cloud.surface_reconstruction = true;
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 5);
    frames[1].calibration = 0;
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 3);
    calibration.unit = RIG_NONE; /* found from the images alone */
    assert_int_equal(exit_status_foretold(&run, &manifest, &settings), 5);
    run_state_release(&run);
}

static void exit_statuses_have_an_order(void **state)
{
    (void)state;
    const enum po_status none[3] = {PO_OK, PO_OK, PO_OK};
    const enum po_frame_status good[] = {PO_FRAME_DONE, PO_FRAME_REUSED};
    assert_int_equal(status_of(good, none, 2, STOP_NONE, 0), PO_EXIT_WORSE);
    assert_int_equal(status_of(good, none, 2, STOP_SIGNAL, SIGINT), 130);
    const enum po_frame_status mixed[] = {PO_FRAME_DONE, PO_FRAME_CRASHED,
                                          PO_FRAME_PENDING};
    assert_int_equal(status_of(mixed, none, 2, STOP_NONE, 0), PO_EXIT_SOME_FAILED);
    assert_int_equal(status_of(mixed, none, 3, STOP_DEADLINE, 0), PO_EXIT_DEADLINE);
    assert_int_equal(status_of(mixed, none, 2, STOP_DEADLINE, 0), PO_EXIT_SOME_FAILED);
    assert_int_equal(status_of(mixed, none, 3, STOP_SIGNAL, SIGTERM), 143);
    const enum po_frame_status bad[] = {PO_FRAME_FAILED, PO_FRAME_FAILED};
    const enum po_status calibration[] = {PO_BAD_CALIBRATION, PO_BAD_CALIBRATION};
    const enum po_status various[] = {PO_BAD_CALIBRATION, PO_BAD_IMAGE};
    assert_int_equal(status_of(bad, calibration, 2, STOP_NONE, 0), PO_EXIT_CALIBRATION);
    assert_int_equal(status_of(bad, various, 2, STOP_NONE, 0), PO_EXIT_NO_FRAME);
    const enum po_frame_status out_of_memory[] = {PO_FRAME_OUT_OF_MEMORY};
    const enum po_status limit[] = {PO_MEMORY_LIMIT};
    assert_int_equal(status_of(out_of_memory, limit, 1, STOP_NONE, 0), PO_EXIT_MEMORY);
    assert_int_equal(exit_status_of_error(PO_BAD_ARGUMENT), 2);
    assert_int_equal(exit_status_of_error(PO_LOCKED), 2);
    assert_int_equal(exit_status_of_error(PO_BAD_SESSION), 4);
    assert_int_equal(exit_status_of_error(PO_MISALIGNED), 5);
}

static void a_lock_holds_and_names_its_holder(void **state)
{
    (void)state;
    char directory[] = "/tmp/test_lock_XXXXXX";
    struct output_lock mine;
    struct output_lock other;
    struct po_error error;
    char name[32];
    assert_non_null(mkdtemp(directory));
    assert_int_equal(output_lock_take(&mine, directory, false, NULL), PO_OK);
    assert_int_equal(output_lock_take(&other, directory, false, &error), PO_LOCKED);
    (void)snprintf(name, sizeof(name), "process %d on ", (int)getpid());
    assert_non_null(strstr(error.message, name));
    /* --no-lock is for file systems without locks, not for taking a held one. */
    assert_int_equal(output_lock_take(&other, directory, true, &error), PO_LOCKED);
    output_lock_release(&mine);
    assert_int_equal(output_lock_take(&other, directory, false, NULL), PO_OK);
    output_lock_release(&other);
    assert_int_equal(directory_remove(directory, NULL), PO_OK);
}

static void frames_end_once(void **state)
{
    (void)state;
    struct run_state run;
    struct po_summary summary = {0};
    assert_int_equal(run_state_init(&run, 3, NULL), PO_OK);
    run_state_end(&run, 1, PO_FRAME_DONE, PO_OK, NULL);
    run_state_end(&run, 1, PO_FRAME_FAILED, PO_IO, "late");
    run_state_end(&run, 2, PO_FRAME_TIMED_OUT, PO_CANCELLED, "slow");
    run_state_summarize(&run, &summary);
    assert_int_equal(run.ended, 2);
    assert_int_equal(run.not_ok, 1);
    assert_int_equal(summary.found, 3);
    assert_int_equal(summary.done, 1);
    assert_int_equal(summary.timed_out, 1);
    assert_int_equal(summary.not_run, 1);
    assert_null(run.frames[1].message);
    run_state_release(&run);
}

static void lengths_of_unknown_squares_are_refused(void **state)
{
    (void)state;
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    struct po_settings settings;
    struct po_error error = {0};
    assert_non_null(calibration);
    const struct manifest manifest = {.calibration_count = 1,
                                      .calibrations = calibration};
    struct po_settings lengths[5];
    static const char *const options[] = {"--min-depth", "--max-depth", "--roi",
                                          "--voxel", "--unit m"};
    po_settings_defaults(&settings);
    for (int i = 0; i < 5; i++)
        lengths[i] = settings;
    lengths[0].match.min_depth_mm = 500;
    lengths[1].match.max_depth_mm = 500;
    lengths[2].cloud.roi_given = true;
    lengths[3].cloud.voxel_mm = 3;
    lengths[4].cloud.unit = PO_UNIT_M;
    for (int i = 0; i < 5; i++) {
        calibration->unit = RIG_MM;
        assert_int_equal(session_units_check(&lengths[i], &manifest, &error), PO_OK);
        calibration->unit = RIG_SQUARES;
        assert_int_equal(session_units_check(&settings, &manifest, &error), PO_OK);
        assert_int_equal(session_units_check(&lengths[i], &manifest, &error),
                         PO_BAD_ARGUMENT);
        assert_ptr_equal(strstr(error.message, options[i]), error.message);
        assert_non_null(strstr(error.message, "--calibration-unit square:MM"));
    }
    free(calibration);
}

/* A scanner of 80 mm and 1000 px focal length, 1000 px wide: 80 mm away at the nearest.
 */
static void limits_that_look_like_metres_are_asked_about(void **state)
{
    (void)state;
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    struct po_settings settings;
    struct po_error error = {0};
    assert_non_null(calibration);
    const struct manifest manifest = {.calibration_count = 1,
                                      .calibrations = calibration};
    calibration->unit = RIG_MM;
    calibration->width_px = 1000;
    calibration->cameras[0].fx = 1000;
    calibration->translation_mm[0] = -80;
    po_settings_defaults(&settings);
    settings.match.max_depth_mm = 3;
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "--max-depth 3 is 3 mm"));
    assert_non_null(strstr(error.message, "give 3m"));
    settings.match.max_depth_mm = 300;
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_OK);
    settings.match.min_depth_mm = 0.5;
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "give 0.5m"));
    settings.match.min_depth_mm = 50; /* useless, but no metres */
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_OK);
    calibration->rectified = true;
    calibration->rig = (struct rectified_rig){
        .width_px = 1000, .focal_px = 1000, .baseline_mm = 600, .unit = RIG_MM};
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_BAD_ARGUMENT);
    calibration->rig.width_px = 0; /* it does not say: nothing to compare with */
    assert_int_equal(session_units_check(&settings, &manifest, &error), PO_OK);
    free(calibration);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_follow_the_strongest_word),
        cmocka_unit_test(scales_and_units_are_the_smallest_that_hold),
        cmocka_unit_test(rungs_only_ever_lower),
        cmocka_unit_test(workers_follow_profile_and_wish),
        cmocka_unit_test(clouds_without_a_calibration_end_with_5),
        cmocka_unit_test(exit_statuses_have_an_order),
        cmocka_unit_test(a_lock_holds_and_names_its_holder),
        cmocka_unit_test(frames_end_once),
        cmocka_unit_test(lengths_of_unknown_squares_are_refused),
        cmocka_unit_test(limits_that_look_like_metres_are_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
