/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV chooses its kernels by the CPU it finds. What a frame's pipeline uses of it
 * gives the same bytes whichever it chooses: this program runs itself once a choice and
 * compares the hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cv_shim/cv_shim.h"

enum {
    WIDTH_PX = 320,
    HEIGHT_PX = 200,
    PIXELS = WIDTH_PX * HEIGHT_PX,
    TEXT_BYTES = 2048
};

static uint8_t left_pixels[PIXELS], right_pixels[PIXELS], mask_pixels[PIXELS],
    result_pixels[PIXELS];
static int16_t disparity[PIXELS], map_xy[2 * PIXELS];
static uint16_t map_fraction[PIXELS];

static void print_hash(const char *name, const void *data, size_t bytes)
{
    struct hash hash = hash_bytes(data, bytes);
    (void)printf("%s %016llx%016llx\n", name, (unsigned long long)hash.high,
                 (unsigned long long)hash.low);
}

static void fill_images(void)
{
    uint32_t random = 1;
    for (int i = 0; i < PIXELS; i++) {
        random = random * 1664525U + 1013904223U;
        left_pixels[i] = (uint8_t)((random >> 25) + (uint32_t)(i % WIDTH_PX) / 3);
        mask_pixels[i] = i % 97 < 9 ? 255 : 0;
    }
    for (int i = 0; i < PIXELS; i++)
        right_pixels[i] = left_pixels[i % WIDTH_PX + 9 < WIDTH_PX ? i + 9 : i];
}

static struct cv_image view(uint8_t *pixels)
{
    return (struct cv_image){WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, pixels};
}

static bool print_matches(const struct cv_image *left, const struct cv_image *right)
{
    for (int mode = 0; mode < 4; mode++) {
        const struct cv_sgbm_settings settings = {
            .min_disparity = -16,
            .num_disparities = 64,
            .block_size = 5,
            .p1 = 200,
            .p2 = 800,
            .disp12_max_diff = 1,
            .pre_filter_cap = 63,
            .uniqueness_ratio = 10,
            .mode = (enum po_opencv_mode)mode,
        };
        if (cv_shim_sgbm(&settings, left, right, disparity, WIDTH_PX, NULL) != PO_OK)
            return false;
        print_hash("sgbm", disparity, sizeof(disparity));
    }
    return true;
}

static bool print_maps(void)
{
    const double camera[9] = {229.3, 0, 163.6, 0, 228.6, 104.2, 0, 0, 1};
    const double projection[9] = {217.6, 0, 160.7, 0, 217.6, 101.1, 0, 0, 1};
    const double rotation[9] = {0.99996, 0.0019, -0.0087,  -0.0019, 0.99999,
                                0.0003,  0.0087, -0.00028, 0.99996};
    const double lens[14] = {-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05, 0.01};
    const int counts[] = {0, 4, 5, 8, 12, 14, 4};
    for (int i = 0; i < 7; i++) {
        if (cv_shim_rectify_maps(camera, lens, counts[i], i == 6, rotation, projection,
                                 WIDTH_PX, HEIGHT_PX, map_xy, map_fraction,
                                 NULL) != PO_OK)
            return false;
        print_hash("map", map_xy, sizeof(map_xy));
        print_hash("fraction", map_fraction, sizeof(map_fraction));
    }
    return true;
}

static int print_hashes(void)
{
    fill_images();
    struct cv_image left = view(left_pixels);
    struct cv_image right = view(right_pixels);
    struct cv_image mask = view(mask_pixels);
    struct cv_image result = view(result_pixels);
    if (!print_matches(&left, &right) || !print_maps())
        return 1;
    if (cv_shim_remap(&left, map_xy, map_fraction, &result, NULL) != PO_OK)
        return 1;
    print_hash("remap", result_pixels, sizeof(result_pixels));
    if (cv_shim_inpaint(&left, &mask, 3.0, &result, NULL) != PO_OK)
        return 1;
    print_hash("inpaint", result_pixels, sizeof(result_pixels));
    return 0;
}

/* What this program prints when OpenCV leaves out the named CPU features. */
static void run_without(const char *features, char text[TEXT_BYTES])
{
    char path[1024] = {0};
    char command[1200];
    assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
    (void)snprintf(command, sizeof(command), "OPENCV_CPU_DISABLE=%s '%s' --hashes",
                   features, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = fread(text, 1, TEXT_BYTES - 1, pipe);
    text[length] = '\0';
    assert_int_equal(pclose(pipe), 0);
    assert_non_null(strstr(text, "inpaint"));
}

static void bytes_do_not_depend_on_the_cpu(void **state)
{
    (void)state;
    static char all[TEXT_BYTES];
    static char fewer[TEXT_BYTES];
    run_without("", all);
    run_without("AVX512-SKX,AVX2,FMA3,AVX,FP16,POPCNT", fewer);
    assert_string_equal(all, fewer);
}

int main(int argc, char **argv)
{
    (void)!cv_shim_init(NULL);
    if (argc > 1 && strcmp(argv[1], "--hashes") == 0)
        return print_hashes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_do_not_depend_on_the_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
