/* SPDX-License-Identifier: Apache-2.0 */
/* The size of a chessboard by the vote of the pictures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/board.h"

enum { MAX_SIZES = 64, LEAST_VOTES = 3 };

struct size_votes {
    int cols, rows, votes;
};

static void count_vote(struct size_votes *sizes, int *count, int cols, int rows)
{
    for (int i = 0; i < *count; i++)
        if (sizes[i].cols == cols && sizes[i].rows == rows) {
            sizes[i].votes++;
            return;
        }
    if (*count < MAX_SIZES)
        sizes[(*count)++] = (struct size_votes){cols, rows, 1};
}

/* Most votes first; of equals the larger board, of which the smaller may be a part. */
static int compare_votes(const void *a, const void *b)
{
    const struct size_votes *x = a;
    const struct size_votes *y = b;
    if (x->votes != y->votes)
        return y->votes - x->votes;
    if (x->cols * x->rows != y->cols * y->rows)
        return y->cols * y->rows - x->cols * x->rows;
    return y->cols - x->cols;
}

static void name_sizes(const struct size_votes *sizes, int count, char *text,
                       size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && i < 4 && used + 1 < bytes; i++) {
        int wrote =
            snprintf(text + used, bytes - used, "%s%dx%d in %d", i > 0 ? ", " : "",
                     sizes[i].cols, sizes[i].rows, sizes[i].votes);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

enum po_status board_size_vote(const struct board_sighting *sightings, int count,
                               struct board *board, struct po_error *error)
{
    struct size_votes sizes[MAX_SIZES];
    char text[160];
    int size_count = 0;
    int looked = 0;
    for (int i = 0; i < count; i++)
        for (int side = 0; side < 2 && sightings[i].looked; side++) {
            looked++;
            if (sightings[i].measured_cols[side] > 0)
                count_vote(sizes, &size_count, sightings[i].measured_cols[side],
                           sightings[i].measured_rows[side]);
        }
    if (size_count > 0)
        qsort(sizes, (size_t)size_count, sizeof(*sizes), compare_votes);
    /* A single picture may show a pattern by chance. */
    if (size_count == 0 || 10 * sizes[0].votes < looked ||
        (sizes[0].votes == 1 && looked > 1))
        return po_fail(error, PO_BAD_SESSION,
                       "no chessboard in any of the %d pictures; say which board it is "
                       "with --board COLSxROWS (inner corners) and --pattern",
                       looked);
    name_sizes(sizes, size_count, text, sizeof(text));
    bool clear = size_count == 1 || 2 * sizes[1].votes < sizes[0].votes ||
                 (sizes[0].votes - sizes[1].votes >= LEAST_VOTES &&
                  3 * sizes[1].votes < 2 * sizes[0].votes);
    if (!clear || sizes[0].cols * sizes[0].rows > BOARD_MAX_CORNERS)
        return po_fail(error, PO_BAD_SESSION,
                       "the pictures do not agree on the size of the board (inner "
                       "corners: %s pictures); say which with --board COLSxROWS",
                       text);
    board->cols = sizes[0].cols;
    board->rows = sizes[0].rows;
    return PO_OK;
}
