/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/board_search.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "budget/memory_plan.h"
#include "calibrate/board_blur.h"
#include "calibrate/board_turned.h"
#include "calibrate/left_out.h"
#include "calibrate/picture.h"
#include "cv_shim/cv_board.h"

enum { STAGE_READ, STAGE_SEARCH, MEASURED_PAIRS = 24 };

/* OpenCV's detectors beside the picture, bytes a pixel: 734 MB for two pictures of
 * 1920x1080 at once. */
static const double SEARCH_BYTES_PER_PX = 175;
/* The program and its child before any picture is read. */
static const uint64_t OWN_BYTES = 20U << 20;
/* A search in 2 Mpx takes a second or two; a picture full of edges, far longer. */
static const double FORECAST_S = 20;

/* What a child works with. */
struct search_work {
    struct board_search *search;
    bool measuring; /* the size is sought, not the board */
    bool again;     /* only what the first look missed */
    uint64_t budget_bytes;
    struct memory_budget *budget;
};

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct search_work *work = context;
    (void)workers;
    enum po_status status = cv_shim_init(error);
    if (status != PO_OK || work->budget != NULL) /* else of the first look */
        return status;
    return memory_budget_create(work->budget_bytes, &work->budget, error);
}

/* Both detectors of chessboards, and the corners that lie smoother. */
static enum po_status find_chessboard(const struct board *board,
                                      const struct cv_image *image, int side,
                                      struct board_sighting *row, struct po_error *error)
{
    static const enum cv_board_detector detectors[] = {CV_BOARD_SECTORS, CV_BOARD_QUADS};
    float xy[2 * BOARD_MAX_CORNERS];
    size_t bytes = (size_t)board_corner_count(board) * 2 * sizeof(float);
    for (int i = 0; i < 2; i++) {
        bool found = false;
        enum po_status status = cv_board_find(image, board->cols, board->rows,
                                              detectors[i], xy, &found, error);
        if (status != PO_OK)
            return status;
        float noise_px = found ? (float)board_noise(board, xy) : 0;
        if (!found || (row->found[side] && noise_px >= row->noise_px[side]))
            continue;
        memcpy(row->xy[side], xy, bytes);
        row->noise_px[side] = noise_px;
        row->found[side] = true;
    }
    return PO_OK;
}

static enum po_status find_board(const struct board *board, const struct cv_image *image,
                                 int side, struct board_sighting *row,
                                 struct po_error *error)
{
    if (board->pattern == PO_BOARD_CHESSBOARD)
        return find_chessboard(board, image, side, row, error);
    enum po_status status =
        cv_board_find(image, board->cols, board->rows,
                      board->pattern == PO_BOARD_CIRCLES ? CV_BOARD_CIRCLES
                                                         : CV_BOARD_ASYMMETRIC_CIRCLES,
                      row->xy[side], &row->found[side], error);
    if (row->found[side])
        row->noise_px[side] = (float)board_noise(board, row->xy[side]);
    return status;
}

/* A board that the first look missed. */
static enum po_status find_bent_board(const struct board_search *search,
                                      const struct image_view *grey, int side,
                                      struct board_sighting *row, struct po_error *error)
{
    enum po_status status = board_turned_find(&search->board, grey, search->lenses[side],
                                              row->xy[side], &row->found[side], error);
    if (row->found[side])
        row->noise_px[side] = (float)board_noise(&search->board, row->xy[side]);
    return status;
}

static enum po_status look_at_side(const struct search_work *work,
                                   const struct frame_attempt *attempt, int side,
                                   struct board_sighting *row, struct po_error *error)
{
    struct picture picture;
    const struct frame_entry *frame = &work->search->manifest->frames[attempt->frame];
    enum po_status status =
        picture_load(&(struct picture_request){frame, side, SEARCH_BYTES_PER_PX,
                                               work->budget, attempt->cancel, attempt},
                     &picture, error);
    if (status != PO_OK)
        return status;
    struct cv_image image = {picture.grey.width_px, picture.grey.height_px, 1,
                             picture.grey.stride_bytes, picture.grey.pixels};
    row->width_px[side] = image.width_px;
    row->height_px[side] = image.height_px;
    frame_attempt_stage(attempt, STAGE_SEARCH);
    if (work->measuring)
        status = cv_board_measure(&image, &row->measured_cols[side],
                                  &row->measured_rows[side], error);
    else if (work->search->lenses[side] != NULL)
        status = find_bent_board(work->search, &picture.grey, side, row, error);
    else
        status = find_board(&work->search->board, &image, side, row, error);
    /* Along bent rows the width of edges is not that of blur. */
    if (status == PO_OK && !work->measuring && !work->again && row->found[side])
        row->blur_px[side] =
            (float)board_blur(&work->search->board, &picture.grey, row->xy[side]);
    picture_release(&picture);
    return status;
}

/* Is there a picture to look at again? */
static bool is_missing(const struct board_search *search,
                       const struct board_sighting *row, int side)
{
    return search->lenses[side] != NULL && row->looked && !row->found[side] &&
           row->problem[side][0] == '\0';
}

/* A picture's own fault is noted; all else is the attempt's. */
static enum po_status search_pair(void *context, const struct frame_attempt *attempt,
                                  struct run_event *end, struct po_error *error)
{
    struct search_work *work = context;
    struct board_sighting *row = &work->search->sightings[attempt->frame];
    end->stage = STAGE_READ;
    frame_attempt_started(attempt);
    for (int side = 0; side < 2; side++) {
        struct po_error cause = {0};
        if (work->again && !is_missing(work->search, row, side))
            continue;
        row->found[side] = false;
        row->measured_cols[side] = row->measured_rows[side] = 0;
        row->problem[side][0] = '\0';
        enum po_status status = look_at_side(work, attempt, side, row, &cause);
        if (status == PO_OK)
            continue;
        const struct frame_entry *frame = &work->search->manifest->frames[attempt->frame];
        const char *path =
            side == 0 || frame->side_by_side ? frame->left_path : frame->right_path;
        if (!is_fault_of_picture_at(status, path))
            return po_fail(error, status, "%s", cause.message);
        (void)snprintf(row->problem[side], sizeof(row->problem[side]), "%.*s",
                       SIGHTING_TEXT_BYTES - 1, cause.message);
    }
    if (!work->measuring && row->found[0] && row->found[1])
        board_order_pair(&work->search->board, row->xy[0], row->xy[1]);
    else if (!work->measuring)
        board_order_pair(&work->search->board, row->found[0] ? row->xy[0] : NULL,
                         row->found[1] ? row->xy[1] : NULL);
    row->looked = true;
    return PO_OK;
}

static const char *stage_name(int stage)
{
    return stage == STAGE_SEARCH ? "search" : "load";
}

static double forecast(void *context, int frame)
{
    (void)context;
    (void)frame;
    return FORECAST_S;
}

/* That no picture fits is not that none shows a board. */
static enum po_status refuse_memory(const struct run_state *state, struct po_error *error)
{
    int refused = 0;
    int looked = 0;
    const char *message = "";
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        if (row->status == PO_FRAME_REUSED)
            continue;
        looked++;
        if (row->cause != PO_MEMORY_LIMIT)
            continue;
        refused++;
        message = row->message != NULL ? row->message : "";
    }
    if (refused == 0 || refused < looked)
        return PO_OK;
    return po_fail(error, PO_MEMORY_LIMIT,
                   "the search for the board does not fit the memory limit: %.*s; raise "
                   "--memory-limit, or give smaller pictures",
                   (int)strcspn(message, ";"), message);
}

/* Runs over the pairs that are pending in `state`. */
static enum po_status run_engine(struct board_search *search, bool measuring, bool again,
                                 struct run_state *state, struct po_error *error)
{
    struct memory_limit limit = memory_limit_choose(search->settings);
    struct search_work work = {.search = search,
                               .measuring = measuring,
                               .again = again,
                               .budget_bytes =
                                   limit.bytes > OWN_BYTES ? limit.bytes - OWN_BYTES : 1};
    const struct engine_job job = {.name = "search",
                                   .context = &work,
                                   .prepare = prepare,
                                   .run = search_pair,
                                   .forecast_s = forecast,
                                   .stage_name = stage_name};
    struct engine_settings settings = engine_settings_pool(search->settings);
    memory_plan_workers(search->settings, limit.available_bytes, &settings.workers,
                        &settings.batch_size);
    settings.batch_size = 1;
    enum po_status status = run_frames_whole(search->manifest, &settings, &job,
                                             search->control, state, error);
    memory_budget_destroy(work.budget); /* there with --in-process */
    return status == PO_OK ? refuse_memory(state, error) : status;
}

/* The size from a few pictures, spread over the session. */
static enum po_status measure(struct board_search *search, struct po_error *error)
{
    struct run_state state;
    int count = search->manifest->frame_count;
    enum po_status status = run_state_init(&state, count, error);
    for (int i = 0; i < count && status == PO_OK; i++)
        if (count > MEASURED_PAIRS &&
            i * (long)MEASURED_PAIRS / count == (i + 1) * (long)MEASURED_PAIRS / count)
            run_state_end(&state, i, PO_FRAME_REUSED, PO_OK, NULL);
    if (status == PO_OK)
        status = run_engine(search, true, false, &state, error);
    run_state_release(&state);
    return status;
}

static enum po_status take_table(struct board_search *search, struct po_error *error)
{
    size_t count = (size_t)search->manifest->frame_count + 1;
    if (!size_multiply(count, sizeof(*search->sightings), &search->bytes))
        return po_fail(error, PO_INTERNAL, "too many pairs");
    void *pages = mmap(NULL, search->bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d pairs of pictures",
                       search->manifest->frame_count);
    search->sightings = pages;
    return PO_OK;
}

enum po_status board_search_run(struct board_search *search, struct po_error *error)
{
    int count = search->manifest->frame_count;
    enum po_status status = take_table(search, error);
    if (status == PO_OK && search->board.cols == 0) {
        status = measure(search, error);
        if (status == PO_OK)
            status = board_size_vote(search->sightings, count, &search->board, error);
        search->size_was_found = status == PO_OK;
        for (int i = 0; i < count; i++)
            search->sightings[i].looked = false;
    }
    if (status == PO_OK)
        status = run_state_init(&search->state, count, error);
    return status == PO_OK ? run_engine(search, false, false, &search->state, error)
                           : status;
}

int board_search_missing(const struct board_search *search, int side)
{
    int missing = 0;
    for (int i = 0; i < search->manifest->frame_count; i++) {
        const struct board_sighting *row = &search->sightings[i];
        missing += row->looked && !row->found[side] && row->problem[side][0] == '\0';
    }
    return missing;
}

enum po_status board_search_again(struct board_search *search, struct po_error *error)
{
    struct run_state state;
    int count = search->manifest->frame_count;
    enum po_status status = run_state_init(&state, count, error);
    for (int i = 0; i < count && status == PO_OK; i++)
        if (!is_missing(search, &search->sightings[i], 0) &&
            !is_missing(search, &search->sightings[i], 1))
            run_state_end(&state, i, PO_FRAME_REUSED, PO_OK, NULL);
    if (status == PO_OK)
        status = run_engine(search, false, true, &state, error);
    run_state_release(&state);
    return status;
}

bool board_search_other_size(struct board_search *search, int *cols, int *rows)
{
    struct board found = {.pattern = PO_BOARD_CHESSBOARD};
    if (search->board.pattern != PO_BOARD_CHESSBOARD || measure(search, NULL) != PO_OK ||
        board_size_vote(search->sightings, search->manifest->frame_count, &found, NULL) !=
            PO_OK)
        return false;
    *cols = found.cols;
    *rows = found.rows;
    return true;
}

void board_search_release(struct board_search *search)
{
    if (search->sightings != NULL)
        (void)munmap(search->sightings, search->bytes);
    search->sightings = NULL;
    run_state_release(&search->state);
}
