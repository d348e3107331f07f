/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_corners DIR COLSxROWS: the corners that --calibrate finds in the pairs of a
 * session, for other programs to calibrate from. Lines: `size WIDTH HEIGHT`, `board COLS
 * ROWS`, then `view` and all corners of left and right, where both see the board.
 */
#include <stdio.h>

#include "calibrate/board_search.h"
#include "session/manifest_load.h"

static void print_view(const struct board_search *search,
                       const struct board_sighting *row)
{
    int numbers = 2 * board_corner_count(&search->board);
    if (!row->found[0] || !row->found[1])
        return;
    (void)printf("view");
    for (int i = 0; i < 2 * numbers; i++)
        (void)printf(" %.6f", (double)row->xy[i / numbers][i % numbers]);
    (void)printf("\n");
}

static enum po_status print_corners(struct board_search *search, struct po_error *error)
{
    enum po_status status = board_search_run(search, error);
    if (status != PO_OK)
        return status;
    const struct board_sighting *first = &search->sightings[0];
    (void)printf("size %d %d\nboard %d %d\n", first->width_px[0], first->height_px[0],
                 search->board.cols, search->board.rows);
    for (int i = 0; i < search->manifest->frame_count; i++)
        print_view(search, &search->sightings[i]);
    return PO_OK;
}

int main(int argc, char **argv)
{
    struct po_settings settings;
    struct manifest *manifest = NULL;
    struct run_control control = {.signal_descriptor = -1};
    struct board_search search = {.settings = &settings.run, .control = &control};
    struct po_error error = {0};
    if (argc != 3 ||
        sscanf(argv[2], "%dx%d", &search.board.cols, &search.board.rows) != 2)
        return 2;
    po_settings_defaults(&settings);
    settings.input.input = argv[1];
    enum po_status status = manifest_load_pairs(&settings.input, &manifest, &error);
    search.manifest = manifest;
    if (status == PO_OK)
        status = run_control_open(&control, 0, true, &error);
    if (status == PO_OK)
        status = print_corners(&search, &error);
    if (status != PO_OK)
        (void)fprintf(stderr, "%s\n", error.message);
    board_search_release(&search);
    run_control_close(&control);
    manifest_destroy(manifest);
    return status == PO_OK ? 0 : 1;
}
