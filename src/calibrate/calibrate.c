/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/calibrate.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "base/outside_text.h"
#include "calibrate/first_lens.h"
#include "calibrate/fit_work.h"
#include "calibrate/result_files.h"
#include "calibrate/solo_job.h"
#include "session/manifest_load.h"

/* The fit itself: minutes would mean thousands of pictures. */
static const double FIT_FORECAST_S = 120;

/* In shared memory. */
struct left_by_child {
    enum verdict_grade grade;
    struct first_lens lens;
};

struct calibration_run {
    const struct po_settings *settings;
    struct manifest *manifest;
    struct run_control control;
    struct board_search search;
    struct pages *pages;
    struct left_by_child *left;
};

static enum po_status check_settings(const struct po_settings *settings,
                                     struct po_error *error)
{
    const struct po_calibrate_settings *calibrate = &settings->calibrate;
    if (calibrate->pattern != PO_BOARD_CHESSBOARD && calibrate->board_cols == 0)
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--pattern with circles needs --board COLSxROWS, the circles along "
            "a row and down a column");
    return result_files_check(settings->output.output, calibrate->format, NULL, error);
}

static void tell_start(const struct calibration_run *run)
{
    const struct manifest *manifest = run->manifest;
    const struct po_calibrate_settings *calibrate = &run->settings->calibrate;
    for (int i = 0; i < manifest->warnings.length; i++)
        log_warning("%s", manifest->warnings.texts[i]);
    for (int i = 0; i < manifest->unmatched_count; i++)
        log_warning("%s: no partner, left out", manifest->unmatched[i]);
    log_info("looking for the board in %d pairs of pictures", manifest->frame_count);
    if (calibrate->square_mm <= 0)
        log_warning(
            "the size of the squares is not given: lengths will be in squares, and "
            "clouds too; measure a square on the print and say --square MM");
}

/* A board asked for that nothing shows: what do the pictures show? */
static void tell_other_board(struct calibration_run *run)
{
    int cols;
    int rows;
    int found = 0;
    const struct po_calibrate_settings *calibrate = &run->settings->calibrate;
    for (int i = 0; i < run->manifest->frame_count; i++)
        found += run->search.sightings[i].found[0] || run->search.sightings[i].found[1];
    if (found == 0 && calibrate->board_cols > 0 &&
        board_search_other_size(&run->search, &cols, &rows))
        log_error("no picture shows a board of %dx%d inner corners, but most show one of "
                  "%dx%d: say --board %dx%d",
                  calibrate->board_cols, calibrate->board_rows, cols, rows, cols, rows);
}

static int tell_failures(const struct calibration_run *run)
{
    int count = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct frame_state *row = &run->search.state.frames[i];
        const struct board_sighting *sighting = &run->search.sightings[i];
        for (int side = 0; side < 2; side++)
            if (sighting->problem[side][0] != '\0')
                log_warning("%s: %s", run->manifest->frames[i].id,
                            sighting->problem[side]);
        if (row->status != PO_FRAME_DONE)
            log_warning("%s: %s", run->manifest->frames[i].id,
                        row->message != NULL ? row->message : "its process ended");
        count += row->status != PO_FRAME_DONE || sighting->problem[0][0] != '\0' ||
                 sighting->problem[1][0] != '\0';
    }
    return count;
}

static enum po_status fit_in_child(void *context, const struct cancel *cancel,
                                   struct po_error *error)
{
    const struct calibration_run *run = context;
    const struct fit_work work = {.settings = run->settings,
                                  .search = &run->search,
                                  .pages = run->pages,
                                  .grade = &run->left->grade};
    return fit_work_run(&work, cancel, error);
}

static enum po_status write_results(const struct calibration_run *run,
                                    struct po_error *error)
{
    const struct pages *pages = run->pages;
    const char *output = run->settings->output.output;
    char path[RESULT_PATH_BYTES];
    enum po_status status = PO_OK;
    for (int i = FIT_PAGE_HTML; i < pages->count && status == PO_OK; i++) {
        const struct page *page = &pages->pages[i];
        status = result_file_name(output, page->suffix,
                                  i == FIT_PAGE_HTML ? ".html" : NULL, path, error);
        if (status == PO_OK)
            status = result_file_write(path, pages_text(pages, i), page->bytes, error);
        if (status == PO_OK)
            text_line(stdout, "wrote %s", path);
    }
    if (status == PO_OK && run->left->grade == VERDICT_REFUSED)
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "no calibration was written: the errors above say what to "
                         "photograph; the page shows it");
    return status;
}

static enum po_status lens_in_child(void *context, const struct cancel *cancel,
                                    struct po_error *error)
{
    const struct calibration_run *run = context;
    (void)cancel;
    return first_lens_make(&run->search, run->settings, &run->left->lens, error);
}

/* Boards that a wide lens bent too much are found when the lens is roughly known. */
static enum po_status look_again(struct calibration_run *run, struct po_error *error)
{
    struct board_search *search = &run->search;
    const struct first_lens *lens = &run->left->lens;
    const struct solo_job job = {.name = "lens",
                                 .context = run,
                                 .run = lens_in_child,
                                 .forecast_s = FIT_FORECAST_S,
                                 .settings = &run->settings->run,
                                 .control = &run->control};
    int missing = board_search_missing(search, 0) + board_search_missing(search, 1);
    if (search->board.pattern != PO_BOARD_CHESSBOARD || missing == 0)
        return PO_OK;
    enum po_status status = solo_job_run(&job, error);
    for (int side = 0; side < 2; side++)
        search->lenses[side] = lens->known[side] ? &lens->cameras[side] : NULL;
    if (status != PO_OK || (!lens->known[0] && !lens->known[1]))
        return status;
    status = board_search_again(search, error);
    int still = board_search_missing(search, 0) + board_search_missing(search, 1);
    log_info("%d pictures looked at again by the lens that the others gave: %d more "
             "boards",
             missing, missing - still);
    return status;
}

static enum po_status run_all(struct calibration_run *run, int *left_out,
                              struct po_error *error)
{
    const struct po_calibrate_settings *calibrate = &run->settings->calibrate;
    run->search.settings = &run->settings->run;
    run->search.manifest = run->manifest;
    run->search.control = &run->control;
    run->search.board = (struct board){calibrate->pattern, calibrate->board_cols,
                                       calibrate->board_rows, calibrate->square_mm};
    enum po_status status = board_search_run(&run->search, error);
    if (status != PO_OK)
        return status;
    status = look_again(run, error);
    if (status != PO_OK)
        return status;
    *left_out = tell_failures(run);
    tell_other_board(run);
    const struct solo_job job = {.name = "fit",
                                 .context = run,
                                 .run = fit_in_child,
                                 .forecast_s = FIT_FORECAST_S,
                                 .settings = &run->settings->run,
                                 .control = &run->control};
    status = solo_job_run(&job, error);
    if (run->pages->count > FIT_PAGE_SUMMARY)
        text_lines(stdout, run->pages->text);
    return status == PO_OK ? write_results(run, error) : status;
}

enum po_status calibrate_run(const struct po_settings *settings, int *left_out,
                             struct po_error *error)
{
    *left_out = 0;
    struct calibration_run run = {.settings = settings,
                                  .control = {.signal_descriptor = -1}};
    void *left = mmap(NULL, sizeof(*run.left), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum po_status status = check_settings(settings, error);
    if (left == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to calibrate");
    run.left = left;
    if (status == PO_OK)
        status = manifest_load_pairs(&settings->input, &run.manifest, error);
    if (status == PO_OK)
        status =
            run_control_open(&run.control, settings->run.session_timeout_s, true, error);
    if (status == PO_OK)
        status = pages_create(&run.pages, error);
    if (status == PO_OK) {
        tell_start(&run);
        status = run_all(&run, left_out, error);
    }
    board_search_release(&run.search);
    pages_destroy(run.pages);
    run_control_close(&run.control);
    manifest_destroy(run.manifest);
    (void)munmap(left, sizeof(*run.left));
    return status;
}
