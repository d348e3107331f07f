/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence on images of kinds that the public data sets lack: dots of a projector in
 * the dark, hardly any texture, texture that repeats, noise alone; wide and narrow
 * searches, strips of one row. What is measured is right, and confidence says so; of
 * noise nothing is sure. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "match/match_stage.h"
#include "refine/refine.h"
#include "support/scratch_fixture.h"

enum {
    WALL_PX = 12,
    BOARD_PX = 24, /* disparities of a board before a wall */
    BOARD_LEFT = 130,
    BOARD_RIGHT = 230,
    SURE = 128,
};

enum kind { DOTS, FAINT, STRIPES, THERMAL, NOISE };

struct image_case {
    const char *name;
    enum kind kind;
    int width_px, height_px, range_px;
    double measured; /* at least this share of the pixels; 0: at most NOISE_MEASURED */
};

static uint32_t hash(int x, int y, uint32_t seed)
{
    uint32_t h =
        (uint32_t)x * 2654435761U ^ (uint32_t)y * 2246822519U ^ seed * 374761393U;
    h = (h ^ h >> 15) * 2246822519U;
    h = (h ^ h >> 13) * 3266489917U;
    return h ^ h >> 16;
}

/* 0..1, in grains of `size` pixels. */
static double grain(int x, int y, int size, uint32_t seed)
{
    return (double)(hash(x / size, y / size, seed) & 1023U) / 1023;
}

static double texture(enum kind kind, int x, int y)
{
    switch (kind) {
    case DOTS: /* one lattice cell in three holds a dot of 2 x 2 pixels */
        return hash(x / 2, y / 2, 7) % 6 == 0 ? 90 : 12;
    case FAINT:
        return 120 + 5 * grain(x, y, 2, 8);
    case STRIPES:
        return (x / 5 % 2 == 0 ? 80 : 150) + 6 * grain(x, y, 2, 9);
    case THERMAL:
        return 60 + 50 * grain(x, y, 24, 10) + 10 * grain(x, y, 5, 11);
    case NOISE:
        break;
    }
    return 100;
}

/* Of the left image or, `shift` true, the right one, each with noise of its own. */
static uint8_t shade(const struct image_case *image, bool shift, int x, int y)
{
    static const int noise_range[] = {
        [DOTS] = 4, [FAINT] = 2, [STRIPES] = 4, [THERMAL] = 5, [NOISE] = 40};
    int board_x = x + (shift ? BOARD_PX : 0);
    bool board = board_x >= BOARD_LEFT && board_x < BOARD_RIGHT;
    int seen_x = board ? board_x + 1000 : x + (shift ? WALL_PX : 0);
    int range = noise_range[image->kind];
    int noise = (int)(hash(x, y, shift ? 3 : 4) % (uint32_t)(range + 1)) - range / 2;
    return (uint8_t)((int)texture(image->kind, seen_x, y) + noise);
}

struct tally {
    double pixels, measured, right, said, sure_wrong;
};

static void count(const struct image_case *image, const struct refine_output *refined,
                  struct tally *tally)
{
    for (int y = 0; y < image->height_px; y++)
        for (int x = BOARD_PX; x < image->width_px; x++) {
            bool board = x >= BOARD_LEFT && x < BOARD_RIGHT;
            int truth = DISPARITY_SCALE * (board ? BOARD_PX : WALL_PX);
            int error = abs(disparity_row(&refined->map, y)[x] - truth);
            uint8_t confidence = image_row(&refined->confidence, y)[x];
            tally->pixels++;
            if (image_row(&refined->classes, y)[x] != PIXEL_MEASURED)
                continue;
            tally->measured++;
            tally->right += error <= DISPARITY_SCALE;
            tally->said += confidence / 255.0;
            tally->sure_wrong += confidence >= SURE && error > DISPARITY_SCALE;
        }
}

static void render(const struct image_case *image, struct match_stage_input *input)
{
    struct image_view *views[] = {&input->left, &input->right};
    for (int side = 0; side < 2; side++) {
        assert_int_equal(image_view_take(&scratch, image->width_px, image->height_px, 1,
                                         views[side], NULL),
                         PO_OK);
        for (int y = 0; y < image->height_px; y++)
            for (int x = 0; x < image->width_px; x++)
                image_row(views[side], y)[x] = shade(image, side == 1, x, y);
    }
    input->guide = input->left;
    input->range = (struct disparity_range){0, image->range_px};
}

static struct tally measure(const struct image_case *image,
                            const struct po_settings *settings)
{
    struct tally tally = {0};
    struct match_stage_plan plan;
    struct match_stage_input input = {.settings = settings};
    struct match_output match;
    struct refine_output refined;
    struct vertical_disparity offset;
    struct count_list counts = {0};
    struct po_error error = {0};
    const struct match_size size = {
        image->width_px, image->height_px, 1, {0, image->range_px}};
    size_t mark = scratch_mark(&scratch);
    render(image, &input);
    struct refine_input refine = {.guide = input.guide,
                                  .left = input.left,
                                  .right = input.right,
                                  .range = input.range,
                                  .settings = settings};
    if (match_stage_make_plan(settings, &size, 0, &plan, &error) != PO_OK ||
        match_stage_take_output(&plan, &scratch, size.width_px, size.height_px, &match,
                                &error) != PO_OK ||
        refine_take_output(&scratch, size.width_px, size.height_px, &refined, &error) !=
            PO_OK ||
        match_stage_run(&plan, &input, &scratch, &match, &offset, &error) != PO_OK ||
        refine_run(&refine, &match, &scratch, &refined, &counts, &error) != PO_OK)
        fail_msg("%s: %s", image->name, error.message);
    count(image, &refined, &tally);
    scratch_rewind(&scratch, mark);
    return tally;
}

static const struct image_case cases[] = {
    {"dots", DOTS, 360, 160, 64, 0.7},
    {"dots, 16 disparities", DOTS, BOARD_LEFT, 120, 16, 0.7},
    {"dots, 1024 disparities", DOTS, 360, 60, 1024, 0.6},
    {"faint", FAINT, 360, 160, 64, 0.85},
    {"stripes", STRIPES, 360, 160, 64, 0.8},
    {"thermal", THERMAL, 360, 160, 64, 0.8},
    {"noise", NOISE, 360, 160, 64, 0},
    {"a row of noise", NOISE, 360, 1, 64, 0},
};
static const double MIN_RIGHT = 0.98;      /* of what is measured */
static const double MIN_SAID = 0.88;       /* by confidence, of the same */
static const double MAX_SURE_WRONG = 0.02; /* of all pixels */
static const double NOISE_MEASURED = 0.02;

static void confidence_holds(const struct po_settings *settings, const char *name)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct image_case *image = &cases[i];
        if (settings->match.matcher == PO_MATCHER_OPENCV && image->height_px == 1)
            continue; /* which it refuses */
        struct tally tally = measure(image, settings);
        double measured = tally.measured / tally.pixels;
        bool noise = image->kind == NOISE;
        bool good = noise ? measured <= NOISE_MEASURED
                          : measured >= image->measured &&
                                tally.right >= MIN_RIGHT * tally.measured &&
                                tally.said >= MIN_SAID * tally.measured;
        if (!good || tally.sure_wrong > MAX_SURE_WRONG * tally.pixels)
            fail_msg(
                "%s, %s: measured %.1f %%; of it %.1f %% right, said %.1f %%; sure "
                "and wrong %.2f %%",
                name, image->name, 100 * measured, 100 * tally.right / tally.measured,
                100 * tally.said / tally.measured, 100 * tally.sure_wrong / tally.pixels);
    }
}

static void own_matcher(void **state)
{
    static const char *const names[] = {"fast", "balanced", "quality"};
    (void)state;
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++) {
        struct po_settings settings;
        po_settings_defaults(&settings);
        settings.match.level = (enum po_sgm_level)level;
        confidence_holds(&settings, names[level]);
    }
}

static void opencv(void **state)
{
    struct po_settings settings;
    (void)state;
    po_settings_defaults(&settings);
    settings.match.matcher = PO_MATCHER_OPENCV;
    confidence_holds(&settings, "opencv");
}

static int set_up(void **state)
{
    (void)!cv_shim_init(NULL);
    return scratch_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(own_matcher, scratch_rewind_all),
        cmocka_unit_test_teardown(opencv, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
