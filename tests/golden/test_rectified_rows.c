/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real raw rig: rows that are far apart before rectification lie on each other after
 * it, as its calibration file promises.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "calib/rectification.h"
#include "cv_shim/cv_shim.h"
#include "image/image_file.h"
#include "rectify/rectifier.h"
#include "rectify/row_alignment.h"
#include "support/test_folder.h"

enum { ARENA_BYTES = 64 << 20 };

static const char *const frames[] = {"1403715274462142976", "1403715276062142976"};

struct rig {
    char directory[TEST_PATH_BYTES];
    struct calibration calibration;
    struct rectification rectification;
    struct rectifier *rectifier;
    struct scratch scratch;
};

static void load(struct rig *rig, const char *frame, int side, struct image_view *image)
{
    char path[TEST_PATH_BYTES + 64];
    struct image_header header;
    (void)snprintf(path, sizeof(path), "%s/mav0/cam%d/data/%s.png", rig->directory, side,
                   frame);
    assert_int_equal(image_file_probe(path, &header, NULL), PO_OK);
    assert_int_equal(image_file_read(path, &header,
                                     &(struct image_request){.scale = {65535, 0}},
                                     &rig->scratch, image, NULL),
                     PO_OK);
    assert_int_equal(image->channels, 1);
}

static double median_offset_px(struct rig *rig,
                               const struct row_alignment_request *request)
{
    struct row_alignment alignment;
    assert_int_equal(row_alignment_measure(request, &rig->scratch, &alignment, NULL),
                     PO_OK);
    assert_true(alignment.found);
    return alignment.median_px;
}

static void rectify(struct rig *rig, int side, const struct image_view *raw,
                    struct image_view *image, struct image_view *valid)
{
    int width_px = rig->rectification.rig.width_px;
    int height_px = rig->rectification.rig.height_px;
    assert_int_equal(image_view_take(&rig->scratch, width_px, height_px, 1, image, NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&rig->scratch, width_px, height_px, 1, valid, NULL),
                     PO_OK);
    assert_int_equal(rectifier_run(rig->rectifier, side, raw, image, NULL), PO_OK);
    rectifier_mask(rig->rectifier, side, valid);
}

static void rows_align_after_rectification(void **state)
{
    static struct rig rig;
    char path[TEST_PATH_BYTES];
    (void)state;
    if (!test_data_path(PO_SOURCE_DIR, "euroc_v1_excerpt", rig.directory) ||
        !test_data_path(PO_SOURCE_DIR, "euroc_v1_excerpt/mav0/cam0/sensor.yaml", path))
        skip();
    const struct calibration_request request = {0};
    assert_int_equal(calibration_read(path, &request, &rig.calibration, NULL), PO_OK);
    assert_int_equal(calibration_fit_images(&rig.calibration, 752, 480, NULL), PO_OK);
    assert_int_equal(
        rectification_make(&rig.calibration, 752, 480, &rig.rectification, NULL), PO_OK);
    assert_int_equal(
        rectifier_create(&rig.calibration, &rig.rectification, &rig.rectifier, NULL),
        PO_OK);
    assert_int_equal(scratch_init(&rig.scratch, ARENA_BYTES, NULL), PO_OK);
    for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
        struct row_alignment_request raw = {.max_corners = 1024};
        struct row_alignment_request aligned = {.max_corners = 1024};
        load(&rig, frames[i], 0, &raw.left);
        load(&rig, frames[i], 1, &raw.right);
        rectify(&rig, 0, &raw.left, &aligned.left, &aligned.left_valid);
        rectify(&rig, 1, &raw.right, &aligned.right, &aligned.right_valid);
        double before_px = fabs(median_offset_px(&rig, &raw));
        double after_px = fabs(median_offset_px(&rig, &aligned));
        print_message("frame %s: rows %.2f px apart raw, %.2f px rectified\n", frames[i],
                      before_px, after_px);
        assert_true(before_px > 8.0);
        assert_true(after_px < 0.4);
        scratch_rewind(&rig.scratch, 0);
    }
    rectifier_destroy(rig.rectifier);
    scratch_release(&rig.scratch);
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_align_after_rectification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
