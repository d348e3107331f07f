/* SPDX-License-Identifier: Apache-2.0 */
/* LAS and GLB byte by byte, the axes of every format, and decimation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/cloud_axes.h"
#include "cloud/cloud_fields.h"
#include "support/cloud_fixture.h"

enum { WIDTH = 61, HEIGHT = 47, PIXELS = WIDTH * HEIGHT, NEAR = 50 * 16 };
enum { LAS_HEADER = 375, LAS_POINT = 36, GLB_DATA = 12 + 8 + 4096 + 8 };

static uint32_t u32(const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static double f64(const char *bytes)
{
    uint64_t bits = (uint64_t)u32(bytes) | (uint64_t)u32(bytes + 4) << 32;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Z = 1 m; the first pixel is 60 mm left of the axis and 46 mm above it. */
static void las_has_the_numbers_of_its_points(void **state)
{
    (void)state;
    struct cloud_fixture f;
    size_t bytes = 0;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.format = PO_CLOUD_LAS;
    cloud_fixture_select(&f);
    char *las = cloud_fixture_write(&f, &bytes);
    uint32_t data = u32(las + 96);
    assert_memory_equal(las, "LASF", 4);
    assert_int_equal(las[24] * 10 + las[25], 14);
    assert_int_equal(las[104], 7);
    assert_int_equal((uint16_t)u32(las + 105), LAS_POINT + 4);
    assert_int_equal(u32(las + 247), PIXELS);
    assert_int_equal(bytes, data + PIXELS * (size_t)(LAS_POINT + 4));
    double scale = f64(las + 131);
    /* The farthest point a rig of f B = 50 m px could have: 100 m. */
    assert_true(scale == 1e-4);
    assert_true(fabs(f64(las + 179) - 60) < 1e-9 && fabs(f64(las + 187) + 60) < 1e-9);
    assert_true(fabs(f64(las + 211) - 1000) < 1e-9);
    const char *point = las + data;
    assert_true(fabs((int32_t)u32(point) * scale + 60) < 1e-9);
    assert_true(fabs((int32_t)u32(point + 4) * scale + 46) < 1e-9);
    assert_int_equal(point[14], 0x11);                                /* return 1 of 1 */
    assert_int_equal((uint16_t)u32(point + LAS_POINT + 4 + 30), 257); /* red of x = 1 */
    assert_true(fabs(load_f32((const unsigned char *)point + LAS_POINT) - 200 / 255.0F) <
                1e-6F);
    free(las);
    cloud_fixture_release(&f);
}

static void las_scale_holds_the_farthest_depth(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.format = PO_CLOUD_LAS;
    f.input.rig.baseline_mm = 1e6;  /* two kites */
    cloud_fixture_set(&f, 0, 0, 8); /* the least parallax: 1000 km */
    cloud_fixture_select(&f);
    char *las = cloud_fixture_write(&f, NULL);
    double scale = f64(las + 131);
    assert_true(fabs((int32_t)u32(las + u32(las + 96) + 8) * scale - 1e9) < 1.0);
    assert_true(fabs(f64(las + 211) - 1e9) < 1.0);
    free(las);
    cloud_fixture_release(&f);
}

static void glb_parts_fit_together(void **state)
{
    (void)state;
    struct cloud_fixture f;
    size_t bytes = 0;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.format = PO_CLOUD_GLB;
    cloud_fixture_select(&f);
    char *glb = cloud_fixture_write(&f, &bytes);
    assert_memory_equal(glb, "glTF\2\0\0\0", 8);
    assert_int_equal(u32(glb + 8), bytes);
    assert_int_equal(bytes, GLB_DATA + PIXELS * 20);
    assert_int_equal(u32(glb + 12), 4096);
    assert_int_equal(u32(glb + GLB_DATA - 8), PIXELS * 20);
    glb[GLB_DATA - 8] = '\0';
    assert_non_null(strstr(glb + 20, "\"min\":[-60,-46,1000],\"max\":[60,46,1000]"));
    assert_non_null(strstr(glb + 20, "\"matrix\":[0.001,0,0,0,0,-0.001,0,0,0,0,-0.001,0,"
                                     "0,0,0,1]"));
    free(glb);
    cloud_fixture_release(&f);
}

static void an_empty_glb_has_no_buffer(void **state)
{
    (void)state;
    struct cloud_fixture f;
    size_t bytes = 0;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings.format = PO_CLOUD_GLB;
    cloud_fixture_select(&f);
    char *glb = cloud_fixture_write(&f, &bytes);
    assert_int_equal(u32(glb + 8), bytes);
    assert_int_equal(u32(glb + 12) + 20, bytes);
    assert_null(strstr(glb + 20, "buffer"));
    free(glb);
    cloud_fixture_release(&f);
}

/* The one point: 60 mm left, 46 mm above the axis, 1 m ahead, its normal towards us. */
static void axes_turn_points_and_normals(void **state)
{
    (void)state;
    static const struct {
        enum po_axes axes;
        const char *text;
        float point[3];
        float normal[3];
    } cases[] = {
        {PO_AXES_OPENCV, "x right, y down, z forward", {-60, -46, 1000}, {0, 0, -1}},
        {PO_AXES_OPENGL, "x right, y up, z backward", {-60, 46, -1000}, {0, 0, 1}},
        {PO_AXES_ROS, "x forward, y left, z up", {1000, 60, 46}, {-1, 0, 0}},
    };
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.normals = true;
    f.settings.fields = PO_FIELD_SIGMA;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f.settings.axes = cases[i].axes;
        cloud_fixture_select(&f);
        char *ply = cloud_fixture_write(&f, NULL);
        assert_non_null(strstr(ply, cases[i].text));
        const unsigned char *point =
            (const unsigned char *)strstr(ply, "end_header\n") + 11;
        for (int axis = 0; axis < 3; axis++) {
            float got = load_f32(point + 4 * axis);
            assert_true(fabsf(got - cases[i].point[axis]) < 1e-3F);
            got = load_f32(point + 15 + 4 * axis);
            assert_true(fabsf(got - cases[i].normal[axis]) < 1e-5F);
        }
        /* Of the depth, whichever axis that is: 1000^2 / 50000 * 0.583. */
        assert_true(fabsf(load_f32(point + 27) - 11.6619F) < 1e-3F);
        free(ply);
    }
    cloud_fixture_release(&f);
}

static void decimation_keeps_an_even_share(void **state)
{
    (void)state;
    struct cloud_fixture f;
    int halves[2] = {0, 0};
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.decimate = 10;
    f.settings.surface_reconstruction = true;
    cloud_fixture_select(&f);
    assert_in_range(f.selection.points, PIXELS / 10 - 60, PIXELS / 10 + 60);
    assert_int_equal(count_list_get(&f.counts, "dropped_decimate"),
                     PIXELS - f.selection.points);
    assert_int_equal(f.warnings.length, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            halves[x > WIDTH / 2] += cloud_fixture_kept(&f, x, y);
    assert_true(abs(halves[0] - halves[1]) < 80);
    assert_int_equal(image_row(&f.selection.surface, 3)[3], 255); /* meshes stay whole */
    bool kept[HEIGHT];
    for (int y = 0; y < HEIGHT; y++)
        kept[y] = cloud_fixture_kept(&f, 5, y);
    f.input.top_row = 7; /* a strip of the same image */
    cloud_fixture_select(&f);
    for (int y = 7; y < HEIGHT; y++)
        assert_int_equal(cloud_fixture_kept(&f, 5, y - 7), kept[y]);
    cloud_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(las_has_the_numbers_of_its_points),
        cmocka_unit_test(las_scale_holds_the_farthest_depth),
        cmocka_unit_test(glb_parts_fit_together),
        cmocka_unit_test(an_empty_glb_has_no_buffer),
        cmocka_unit_test(axes_turn_points_and_normals),
        cmocka_unit_test(decimation_keeps_an_even_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
