/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fits without memory: each way to an allocation fails once. Either the same comes out of
 * it or "no memory": a fit that got none is not one that did not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/choose_model.h"
#include "calibrate/fit_work.h"
#include "calibrate/text_stream.h"
#include "support/failing_calls.h"
#include "support/synthetic_board.h"

enum { VIEWS = 6, MOST_CALLS = 4000, TEXT_LINES = 2000 };

static const struct board board = {PO_BOARD_CHESSBOARD, 5, 4, 25};

/* Sightings of a session; mirrored: the right pictures are flipped. */
static void see(struct board_sighting *rows, bool mirrored)
{
    double xy[2 * BOARD_MAX_CORNERS];
    struct synthetic_rig rig = synthetic_rig_make(false);
    uint32_t seed = 5;
    rig.cols = board.cols;
    rig.rows = board.rows;
    for (int v = 0; v < VIEWS; v++) {
        struct synthetic_pose pose = synthetic_pose_make(&rig, 1, v, false);
        rows[v].looked = true;
        for (int side = 0; side < 2; side++) {
            bool flip = mirrored && side == 1;
            rows[v].width_px[side] = rig.width_px;
            rows[v].height_px[side] = rig.height_px;
            rows[v].found[side] = synthetic_board_corners(&rig, &pose, side, 0, xy);
            for (int i = 0; i < 2 * board_corner_count(&board); i++) {
                double at = i % 2 == 0 && flip ? rig.width_px - 1 - xy[i] : xy[i];
                rows[v].xy[side][i] = (float)(at + 0.05 * synthetic_normal(&seed));
            }
        }
        board_order_pair(&board, rows[v].xy[0], rows[v].xy[1]);
    }
}

/* What is played; each leaves the figure that must not change. */
static struct board_sighting *sightings;

static enum po_status choose(enum po_distortion wanted, double *figure,
                             struct po_error *error)
{
    struct view_set views;
    struct model_choice choice = {0};
    enum po_status status = view_set_make(&board, sightings, VIEWS, &views, error);
    if (status == PO_OK)
        status = model_choice_make(&views, lens_models, wanted, &choice, error);
    if (status == PO_OK)
        *figure = choice.chosen + choice.trials[choice.chosen].held.corners_px.rms;
    model_choice_release(&choice);
    view_set_release(&views);
    return status;
}

static enum po_status choose_any(double *figure, struct po_error *error)
{
    return choose(PO_DISTORTION_AUTO, figure, error);
}

static enum po_status fit_mirrored(double *figure, struct po_error *error)
{
    const struct manifest manifest = {.frame_count = VIEWS};
    const struct board_search search = {
        .manifest = &manifest, .board = board, .sightings = sightings};
    const struct po_settings settings = {.input.distortion = PO_DISTORTION_RADTAN};
    const struct fit_work work = {.settings = &settings, .search = &search};
    enum po_status status = fit_work_run(&work, NULL, error);
    *figure = strstr(error->message, "mirrored") != NULL;
    return status;
}

static enum po_status print_lines(double *figure, struct po_error *error)
{
    struct text_stream to;
    char *text = NULL;
    size_t bytes = 0;
    enum po_status status = text_stream_open(&to, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < TEXT_LINES; i++)
        (void)fprintf(to.stream, "line %d\n", i);
    status = text_stream_close(&to, &text, &bytes, error);
    *figure = (double)bytes;
    assert_true(status != PO_OK || strlen(text) == bytes);
    free(text);
    return status;
}

static void play(enum po_status (*run)(double *figure, struct po_error *error),
                 bool mirrored, enum po_status ends)
{
    struct po_error error = {0};
    double wanted = 0;
    int refused = 0;
    struct noted_call *calls = calloc(MOST_CALLS, sizeof(*calls));
    sightings = calloc(VIEWS, sizeof(*sightings));
    assert_non_null(calls);
    assert_non_null(sightings);
    see(sightings, mirrored);
    assert_int_equal(run(&wanted, &error), ends); /* libraries are loaded */
    assert_true(wanted > 0);
    note_calls(calls, MOST_CALLS);
    assert_int_equal(run(&wanted, &error), ends);
    int count = noted_call_count();
    (void)mend_calls();
    assert_in_range(count, 1, MOST_CALLS - 1);
    for (int i = 0; i < count; i++) {
        double figure = 0;
        if (calls[i].call != CALL_MEMORY)
            continue;
        error = (struct po_error){0};
        fail_call(CALL_MEMORY, calls[i].number, ENOMEM);
        enum po_status status = run(&figure, &error);
        (void)mend_calls();
        if (status != PO_OUT_OF_MEMORY && (status != ends || figure != wanted))
            fail_msg("allocation %d: status %d, %s, figure %g, not %g", calls[i].number,
                     status, error.message, figure, wanted);
        refused += status == PO_OUT_OF_MEMORY;
    }
    print_message("%d ways, %d end without memory\n", count, refused);
#ifdef PO_FAILING_MEMORY
    assert_true(refused > 0);
#endif
    free(sightings);
    free(calls);
}

static void test_models(void **state)
{
    (void)state;
    play(choose_any, false, PO_OK);
}

static void test_mirrored(void **state)
{
    (void)state;
    play(fit_mirrored, true, PO_BAD_CALIBRATION);
}

static void test_text(void **state)
{
    (void)state;
    double wanted;
    struct po_error error;
    assert_int_equal(print_lines(&wanted, &error), PO_OK);
    for (int number = 1;; number++) { /* all grow it in one place */
        double bytes = 0;
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = print_lines(&bytes, &error);
        if (!mend_calls())
            break;
        assert_true(status == PO_OUT_OF_MEMORY || (status == PO_OK && bytes == wanted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_models),
                                       cmocka_unit_test(test_mirrored),
                                       cmocka_unit_test(test_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
