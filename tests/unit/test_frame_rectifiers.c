/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that one child made serve those after it, and nothing else ever does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "frame/frame_rectifiers.h"

enum { WIDTH_PX = 161, HEIGHT_PX = 120 };

static struct calibration rig;
static struct manifest manifest;
static const struct image_extent size_px = {WIDTH_PX, HEIGHT_PX};

static void make_rig(void)
{
    memset(&rig, 0, sizeof(rig));
    rig.width_px = WIDTH_PX;
    rig.height_px = HEIGHT_PX;
    rig.unit = RIG_MM;
    for (int side = 0; side < 2; side++)
        rig.cameras[side] = (struct camera_model){
            .fx = 150 + side,
            .fy = 150,
            .cx = 80,
            .cy = 59 + 2 * side,
            .model = DISTORTION_RADTAN,
            .coefficient_count = 5,
            .coefficients = {-0.2, 0.05, 0, 0, 0},
        };
    rig.rotation[0] = rig.rotation[4] = rig.rotation[8] = 1;
    rig.translation_mm[0] = -100;
    manifest = (struct manifest){.calibration_count = 1, .calibrations = &rig};
}

static struct frame_rectifiers *make(const struct kept_tables *tables)
{
    struct frame_rectifiers *made;
    const struct rectifier_stores stores = {NULL, tables};
    assert_int_equal(frame_rectifiers_create(&manifest, &size_px, &stores, &made, NULL),
                     PO_OK);
    assert_non_null(made->rectifiers[0]);
    return made;
}

struct picture {
    uint8_t pixels[HEIGHT_PX * WIDTH_PX];
};

/* What both views of a ramp become. */
static void rectify(const struct kept_tables *tables, struct picture found[2])
{
    static struct picture ramp;
    struct frame_rectifiers *made = make(tables);
    for (int i = 0; i < HEIGHT_PX * WIDTH_PX; i++)
        ramp.pixels[i] = (uint8_t)(1 + i % WIDTH_PX + i / WIDTH_PX / 2);
    struct image_view source = {WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, ramp.pixels};
    for (int side = 0; side < 2; side++) {
        struct image_view target = {WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, found[side].pixels};
        assert_int_equal(rectifier_run(made->rectifiers[0], side, &source, &target, NULL),
                         PO_OK);
    }
    frame_rectifiers_destroy(made);
}

static size_t table_bytes(void)
{
    struct frame_rectifiers *made = make(NULL);
    size_t bytes = made->bytes;
    frame_rectifiers_destroy(made);
    return bytes;
}

/* Shared memory that is resident in this process. */
static size_t shared_bytes(void)
{
    char line[128];
    size_t kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, "RssShmem:", 9) == 0)
            kilobytes = strtoul(line + 9, NULL, 10);
    assert_int_equal(fclose(status), 0);
    return kilobytes << 10;
}

/* All pixels then come from the first one. */
static void forge(const struct kept_tables *tables, size_t bytes)
{
    memset(kept_tables_room(tables, 0, bytes), 0, bytes);
}

static bool is_forged(const struct picture *found)
{
    for (int i = 1; i < HEIGHT_PX * WIDTH_PX; i++)
        if (found->pixels[i] != found->pixels[0])
            return false;
    return true;
}

static void tables_of_a_child_serve_the_next(void **state)
{
    (void)state;
    static struct picture alone[2], kept[2];
    struct kept_tables tables;
    make_rig();
    rectify(NULL, alone);
    assert_false(is_forged(&alone[0]));
    assert_memory_not_equal(&alone[0], &alone[1], sizeof(alone[0]));
    kept_tables_init(&tables, 1, table_bytes());
    pid_t child = fork();
    if (child == 0) {
        rectify(&tables, kept);
        _exit(memcmp(alone, kept, sizeof(kept)) == 0 ? 0 : 1);
    }
    int ended = -1;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    size_t before = shared_bytes();
    frame_rectifiers_destroy(
        make(&tables)); /* and count as this process's from then on */
    assert_in_range(shared_bytes() - before, table_bytes() * 9 / 10,
                    table_bytes() + 65536);
    rectify(&tables, kept);
    assert_memory_equal(alone, kept, sizeof(kept));
    forge(&tables, table_bytes());
    rectify(&tables, kept);
    assert_true(is_forged(&kept[0]) &&
                is_forged(&kept[1])); /* they were not made again */
    kept_tables_release(&tables);
    kept_tables_release(&tables);
}

static void tables_of_another_rig_or_half_made_are_made_again(void **state)
{
    (void)state;
    static struct picture alone[2], kept[2];
    struct kept_tables tables;
    make_rig();
    kept_tables_init(&tables, 1, table_bytes());
    rectify(&tables, kept);
    forge(&tables, table_bytes());
    rig.cameras[1].coefficients[1] += 0.01;
    rectify(NULL, alone);
    rectify(&tables, kept);
    assert_memory_equal(alone, kept, sizeof(kept));
    forge(&tables, table_bytes());
    kept_tables_begin(&tables, 0); /* as a child leaves it that dies meanwhile */
    rectify(&tables, kept);
    assert_memory_equal(alone, kept, sizeof(kept));
    kept_tables_release(&tables);
}

static void without_room_each_makes_its_own(void **state)
{
    (void)state;
    static struct picture alone[2], kept[2];
    struct kept_tables tables;
    make_rig();
    rectify(NULL, alone);
    const size_t sizes[] = {0, table_bytes() / 2};
    for (int i = 0; i < 2; i++) {
        kept_tables_init(&tables, 1, sizes[i]);
        assert_null(kept_tables_room(&tables, 0, table_bytes()));
        assert_null(kept_tables_room(&tables, 1, 1));
        rectify(&tables, kept);
        assert_memory_equal(alone, kept, sizeof(kept));
        kept_tables_release(&tables);
    }
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_a_child_serve_the_next),
        cmocka_unit_test(tables_of_another_rig_or_half_made_are_made_again),
        cmocka_unit_test(without_room_each_makes_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
