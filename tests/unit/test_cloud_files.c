/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/cloud_fields.h"
#include "cloud/text_number.h"
#include "support/cloud_fixture.h"

enum { WIDTH = 61, HEIGHT = 47, NEAR = 50 * 16 };

static void assert_near(double value, double expected, double bound)
{
    if (!(fabs(value - expected) <= bound))
        fail_msg("%.9g is not %.9g within %g", value, expected, bound);
}

static const char *after_header(const char *content)
{
    const char *end = strstr(content, "end_header\n");
    assert_non_null(end);
    return end + strlen("end_header\n");
}

static void binary_ply_holds_points_and_colours(void **state)
{
    (void)state;
    struct cloud_fixture f;
    size_t bytes;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    cloud_fixture_set(&f, 30, 23, NEAR); /* on the axis */
    cloud_fixture_set(&f, 60, 46, NEAR / 2);
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, &bytes);
    static const char header[] =
        "ply\nformat binary_little_endian 1.0\ncomment process_offline\n"
        "comment unit mm\n"
        "comment axes rectified left camera, x right, y down, z forward\n"
        "element vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
        "property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n";
    assert_memory_equal(content, header, strlen(header));
    assert_int_equal(bytes, strlen(header) + 2 * 15);
    const unsigned char *first = (const unsigned char *)after_header(content);
    assert_true(load_f32(first) == 0.0F && load_f32(first + 4) == 0.0F);
    assert_true(load_f32(first + 8) == 1000.0F);
    assert_int_equal(first[12], 30);
    assert_int_equal(first[13], 23);
    assert_int_equal(first[14], 53);
    const unsigned char *second = first + 15;
    assert_true(load_f32(second) == 120.0F && load_f32(second + 4) == 92.0F);
    assert_true(load_f32(second + 8) == 2000.0F);
    free(content);
    cloud_fixture_release(&f);
}

static void points_come_row_by_row(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, NULL);
    const unsigned char *points = (const unsigned char *)after_header(content);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++, points += 15) {
            assert_near(load_f32(points), 2.0 * (x - 30), 1e-4);
            assert_near(load_f32(points + 4), 2.0 * (y - 23), 1e-4);
            assert_int_equal(points[12], x);
            assert_int_equal(points[13], y);
        }
    free(content);
    cloud_fixture_release(&f);
}

static void optional_fields_hold_what_they_say(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.unit = PO_UNIT_M;
    f.settings.normals = true;
    f.settings.fields =
        PO_FIELD_CONFIDENCE | PO_FIELD_SIGMA | PO_FIELD_CLASS | PO_FIELD_DISPARITY;
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, NULL);
    assert_non_null(strstr(content, "comment unit m\n"));
    assert_non_null(strstr(content,
                           "property uchar blue\nproperty float nx\nproperty float ny\n"
                           "property float nz\nproperty float confidence\n"
                           "property float sigma\nproperty uchar class\n"
                           "property float disparity\nend_header\n"));
    const unsigned char *point = (const unsigned char *)after_header(content);
    assert_near(load_f32(point + 8), 1.0, 1e-7);
    assert_near(load_f32(point + 15), 0.0, 1e-6);
    assert_near(load_f32(point + 23), -1.0, 1e-6);
    assert_near(load_f32(point + 27), 200.0 / 255.0, 1e-6);
    /* Z^2 / (f B) sigma_d = 1 m^2 / (500 * 0.1 m) * sqrt(0.5^2 + 0.3^2) */
    assert_near(load_f32(point + 31), 0.0116619038, 1e-8);
    assert_int_equal(point[35], PIXEL_MEASURED);
    assert_near(load_f32(point + 36), 50.0, 0);
    free(content);
    f.input.confidence.pixels = NULL;
    f.input.sigma.pixels = NULL;
    content = cloud_fixture_write(&f, NULL);
    point = (const unsigned char *)after_header(content);
    assert_true(isnan(load_f32(point + 27)) && isnan(load_f32(point + 31)));
    free(content);
    cloud_fixture_release(&f);
}

static void ascii_ply_says_the_same(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings.format = PO_CLOUD_PLY_ASCII;
    f.settings.fields = PO_FIELD_CLASS;
    cloud_fixture_set(&f, 29, 20, NEAR + 1);
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, NULL);
    assert_non_null(strstr(content, "format ascii 1.0\n"));
    /* Z = 50000 / 50.0625 */
    assert_string_equal(after_header(content), "-1.9975 -5.9925 998.7516 29 20 49 1\n");
    free(content);
    cloud_fixture_release(&f);
}

static void grey_images_give_grey_points(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings.format = PO_CLOUD_XYZ;
    f.settings.unit = PO_UNIT_M;
    f.input.colour = f.input.confidence;
    cloud_fixture_set(&f, 29, 20, NEAR + 1);
    cloud_fixture_select(&f);
    assert_string_equal(cloud_file_name(&f.settings), "cloud.xyz");
    char *content = cloud_fixture_write(&f, NULL);
    assert_string_equal(content, "-0.0019975 -0.0059925 0.9987516 200 200 200\n");
    free(content);
    cloud_fixture_release(&f);
}

static void pcd_packs_its_colours(void **state)
{
    (void)state;
    struct cloud_fixture f;
    size_t bytes;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings.format = PO_CLOUD_PCD;
    f.settings.normals = true;
    f.settings.fields = PO_FIELD_CLASS;
    cloud_fixture_set(&f, 30, 23, NEAR);
    cloud_fixture_set(&f, 31, 23, NEAR);
    cloud_fixture_select(&f);
    assert_string_equal(cloud_file_name(&f.settings), "cloud.pcd");
    char *content = cloud_fixture_write(&f, &bytes);
    assert_non_null(strstr(content,
                           "\nFIELDS x y z rgb normal_x normal_y normal_z class\n"
                           "SIZE 4 4 4 4 4 4 4 1\nTYPE F F F F F F F U\n"
                           "COUNT 1 1 1 1 1 1 1 1\nWIDTH 2\nHEIGHT 1\n"));
    const char *data = strstr(content, "POINTS 2\nDATA binary\n");
    assert_non_null(data);
    const unsigned char *point =
        (const unsigned char *)data + strlen("POINTS 2\nDATA binary\n");
    assert_int_equal(content + bytes - (const char *)point, 2 * 29);
    static const unsigned char colours[] = {53, 23, 30, 0, 54, 23, 31, 0};
    assert_memory_equal(point + 12, colours, 4);
    assert_memory_equal(point + 29 + 12, colours + 4, 4);
    assert_true(load_f32(point + 29 + 8) == 1000.0F);
    assert_int_equal(point[28], PIXEL_MEASURED);
    free(content);
    cloud_fixture_release(&f);
}

static void empty_clouds_are_valid_files(void **state)
{
    (void)state;
    static const char *const marks[] = {"element vertex 0\n", "element vertex 0\n",
                                        "WIDTH 0\n"};
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    for (int format = PO_CLOUD_PLY; format <= PO_CLOUD_PCD; format++) {
        size_t bytes;
        f.settings.format = (enum po_cloud_format)format;
        cloud_fixture_select(&f);
        char *content = cloud_fixture_write(&f, &bytes);
        assert_non_null(strstr(content, marks[format]));
        assert_true(bytes <= cloud_file_bytes(&f.settings, 0));
        if (format != PO_CLOUD_PCD)
            assert_string_equal(after_header(content), "");
        free(content);
    }
    cloud_fixture_release(&f);
}

static void forecasts_bound_the_files(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.normals = true;
    f.settings.fields = PO_FIELD_SIGMA;
    for (int format = PO_CLOUD_PLY; format <= PO_CLOUD_XYZ; format++) {
        size_t bytes;
        f.settings.format = (enum po_cloud_format)format;
        cloud_fixture_select(&f);
        free(cloud_fixture_write(&f, &bytes));
        uint64_t forecast = cloud_file_bytes(&f.settings, f.selection.points);
        assert_true(bytes <= forecast);
        if (format == PO_CLOUD_PLY)
            assert_true(forecast - bytes < WIDTH * HEIGHT + 2048);
    }
    f.settings.format = PO_CLOUD_PLY;
    assert_true(cloud_file_bytes(&f.settings, (uint64_t)1 << 33) > (uint64_t)1 << 37);
    assert_true(cloud_file_bytes(&f.settings, UINT64_MAX / 2) == UINT64_MAX);
    cloud_fixture_release(&f);
}

static void a_grid_of_slants_has_its_normal(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            cloud_fixture_set(&f, x, y, NEAR + 2 * x - y);
    f.settings.normals = true;
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, NULL);
    /* d = a x + b y + c is the plane (a f, b f, d at the principal point). */
    double expected[3] = {-500.0 * 2 / 16, 500.0 * 1 / 16, -(NEAR + 60 - 23) / 16.0};
    double length = sqrt(expected[0] * expected[0] + expected[1] * expected[1] +
                         expected[2] * expected[2]);
    const unsigned char *point = (const unsigned char *)after_header(content);
    for (int i = 0; i < WIDTH * HEIGHT; i++, point += 27)
        for (int axis = 0; axis < 3; axis++)
            assert_near(load_f32(point + 15 + 4 * axis), expected[axis] / length, 1e-5);
    free(content);
    cloud_fixture_release(&f);
}

static void lone_points_face_the_camera(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings.normals = true;
    cloud_fixture_set(&f, 60, 23, NEAR); /* 60 mm beside the axis, 1000 mm away */
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write(&f, NULL);
    const unsigned char *point = (const unsigned char *)after_header(content);
    assert_near(load_f32(point + 15), -0.06 / sqrt(1.0036), 1e-6);
    assert_near(load_f32(point + 23), -1.0 / sqrt(1.0036), 1e-6);
    free(content);
    cloud_fixture_release(&f);
}

static void full_disks_are_errors(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, 400, 300, NEAR); /* more than the writer's buffer */
    cloud_fixture_select(&f);
    struct atomic_file *file = calloc(1, sizeof(*file));
    assert_non_null(file);
    assert_int_equal(atomic_file_open_plain(file, "/dev/full", false, &f.error), PO_OK);
    size_t before = scratch_mark(&f.scratch);
    assert_int_equal(cloud_write(&f.input, &f.selection, &f.scratch, file, &f.error),
                     PO_IO);
    assert_non_null(strstr(f.error.message, "disk is full"));
    assert_int_equal(scratch_mark(&f.scratch), before);
    atomic_file_discard(file);
    free(file);
    cloud_fixture_release(&f);
}

/* An image of 150 million pixels, all rows of which are one row of memory. */
static void clouds_above_two_gigabytes(void **state)
{
    (void)state;
    enum { WIDE = 65500, TALL = 2300 };
    const uint64_t points = (uint64_t)WIDE * TALL;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDE, 1, NEAR);
    f.input.map.height_px = TALL;
    f.input.map.stride = 0;
    struct image_view *const views[] = {&f.input.classes, &f.input.confidence,
                                        &f.input.sigma, &f.input.colour};
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        views[i]->height_px = TALL;
        views[i]->stride_bytes = 0;
    }
    struct scratch scratch;
    struct atomic_file *file = calloc(1, sizeof(*file));
    assert_non_null(file);
    assert_int_equal(
        scratch_init(&scratch, cloud_scratch_bytes(&f.settings, WIDE, TALL), NULL),
        PO_OK);
    assert_int_equal(
        cloud_select(&f.input, &scratch, &f.selection, &f.counts, &f.warnings, &f.error),
        PO_OK);
    assert_true(f.selection.points == points);
    assert_int_equal(atomic_file_open_plain(file, "/dev/null", false, &f.error), PO_OK);
    assert_int_equal(cloud_write(&f.input, &f.selection, &scratch, file, &f.error),
                     PO_OK);
    assert_true(file->written > (uint64_t)INT32_MAX && file->written > points * 15);
    assert_true(file->written <= cloud_file_bytes(&f.settings, points));
    assert_int_equal(atomic_file_publish(file, &f.error), PO_OK);
    free(file);
    scratch_release(&scratch);
    cloud_fixture_release(&f);
}

static void numbers_as_text(void **state)
{
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *text;
    } rows[] = {
        {0, 0, "0"},
        {0, 4, "0.0000"},
        {-0.00004, 4, "0.0000"},
        {-0.00006, 4, "-0.0001"},
        {1.5, 0, "2"},
        {-12.34, 3, "-12.340"},
        {999.99996, 4, "1000.0000"},
        {123456789.25, 1, "123456789.3"},
        {NAN, 4, "nan"},
        {-INFINITY, 4, "nan"},
        {255, 0, "255"},
        {0.05, 9, "0.050000000"},
        {100, 0, "100"},
        {99.5, 0, "100"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[32] = {0};
        size_t length = text_number(text, rows[i].value, rows[i].decimals);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(length, strlen(text));
    }
    char text[32] = {0};
    assert_true(text_number(text, -1e300, 9) < sizeof(text));
    assert_int_equal(text_integer(text, UINT64_MAX), 20);
    assert_memory_equal(text, "18446744073709551615", 20);
    assert_int_equal(text_integer(text, 0), 1);
    assert_memory_equal(text, "0", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_ply_holds_points_and_colours),
        cmocka_unit_test(points_come_row_by_row),
        cmocka_unit_test(optional_fields_hold_what_they_say),
        cmocka_unit_test(ascii_ply_says_the_same),
        cmocka_unit_test(grey_images_give_grey_points),
        cmocka_unit_test(pcd_packs_its_colours),
        cmocka_unit_test(empty_clouds_are_valid_files),
        cmocka_unit_test(forecasts_bound_the_files),
        cmocka_unit_test(a_grid_of_slants_has_its_normal),
        cmocka_unit_test(lone_points_face_the_camera),
        cmocka_unit_test(full_disks_are_errors),
        cmocka_unit_test(clouds_above_two_gigabytes),
        cmocka_unit_test(numbers_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
