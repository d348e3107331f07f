/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/views.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Corners of two pictures closer than this are one view. */
static const double SAME_VIEW_PX = 0.75;

/* Edges are smeared that are wider than the usual ones by both. */
static const double SMEARED_TIMES = 2;
static const double SMEARED_PX = 1.5;
enum { ENOUGH_SHARP = 8 };

/* Which size of picture most have, over both cameras; ties go to the first seen. */
static void choose_size(const struct board_sighting *sightings, int count, int size[2])
{
    int best = 0;
    size[0] = size[1] = 0;
    for (int i = 0; i < count; i++)
        for (int side = 0; side < 2; side++) {
            int votes = 0;
            int width_px = sightings[i].width_px[side];
            int height_px = sightings[i].height_px[side];
            if (width_px == 0)
                continue;
            for (int k = 0; k < count; k++)
                for (int other = 0; other < 2; other++)
                    votes += sightings[k].width_px[other] == width_px &&
                             sightings[k].height_px[other] == height_px;
            if (votes > best) {
                best = votes;
                size[0] = width_px;
                size[1] = height_px;
            }
        }
}

static bool has_size(const struct board_sighting *row, int side, const int size[2])
{
    return row->width_px[side] == size[0] && row->height_px[side] == size[1];
}

/* One size must do for both cameras, as rectified images have one. */
static enum po_status check_sizes(const struct board_sighting *sightings, int count,
                                  const int size[2], struct po_error *error)
{
    int fitting[2] = {0, 0};
    int readable[2] = {0, 0};
    for (int i = 0; i < count; i++)
        for (int side = 0; side < 2; side++) {
            readable[side] += sightings[i].width_px[side] > 0;
            fitting[side] += has_size(&sightings[i], side, size);
        }
    for (int side = 0; side < 2; side++)
        if (readable[side] > 0 && fitting[side] == 0)
            return po_fail(error, PO_BAD_SESSION,
                           "pictures of left and right differ in size: most are %dx%d, "
                           "and none of %s is; record both cameras at one size",
                           size[0], size[1], side == 0 ? "left" : "right");
    return PO_OK;
}

static void note(struct pair_note *row, enum pair_use use, const char *text)
{
    row->use = use;
    (void)snprintf(row->text, sizeof(row->text), "%s", text);
}

/* What the pair can give; sides[] are the cameras that count. */
static void judge_pair(const struct board_sighting *row, const int size[2],
                       struct pair_note *to, bool sides[2])
{
    static const char *const names[] = {"left", "right"};
    bool other_size = false;
    for (int side = 0; side < 2; side++) {
        sides[side] = row->found[side] && has_size(row, side, size);
        other_size |= row->width_px[side] > 0 && !has_size(row, side, size);
    }
    if (sides[0] && sides[1]) {
        note(to, PAIR_USED, "");
    } else if (!row->looked) {
        to->use = PAIR_BROKEN; /* the text is the process's */
    } else if (row->problem[0][0] != '\0' || row->problem[1][0] != '\0') {
        note(to, PAIR_BROKEN, row->problem[row->problem[0][0] == '\0']);
    } else if (other_size) {
        (void)snprintf(to->text, sizeof(to->text),
                       "%dx%d and %dx%d, where most pictures are %dx%d", row->width_px[0],
                       row->height_px[0], row->width_px[1], row->height_px[1], size[0],
                       size[1]);
        to->use = PAIR_OTHER_SIZE;
    } else if (sides[0] || sides[1]) {
        (void)snprintf(to->text, sizeof(to->text), "the board is found in %s only",
                       names[sides[1]]);
        to->use = PAIR_ONE_CAMERA;
    } else {
        note(to, PAIR_NO_BOARD, "no board found");
    }
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The lower quartile, so that a smeared half does not count as usual. */
static enum po_status usual_blur(const struct board_sighting *sightings, int count,
                                 double *usual_px, struct po_error *error)
{
    int judged = 0;
    float *values = calloc(2 * (size_t)count + 1, sizeof(*values));
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d pairs", count);
    for (int i = 0; i < count; i++)
        for (int side = 0; side < 2; side++)
            if (sightings[i].found[side] && sightings[i].blur_px[side] > 0)
                values[judged++] = sightings[i].blur_px[side];
    if (judged > 0)
        qsort(values, (size_t)judged, sizeof(*values), compare_floats);
    *usual_px = judged > 0 ? values[judged / 4] : 0;
    free(values);
    return PO_OK;
}

static bool is_smeared(const struct view_set *set, const struct board_sighting *row)
{
    double most_px =
        fmax(SMEARED_TIMES * set->usual_blur_px, set->usual_blur_px + SMEARED_PX);
    return set->usual_blur_px > 0 && ((row->found[0] && row->blur_px[0] > most_px) ||
                                      (row->found[1] && row->blur_px[1] > most_px));
}

/* Smeared pairs are left out where enough are left. */
static enum po_status find_smeared(struct view_set *set,
                                   const struct board_sighting *sightings,
                                   struct po_error *error)
{
    int sharp = 0;
    enum po_status status =
        usual_blur(sightings, set->pair_count, &set->usual_blur_px, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < set->pair_count; i++) {
        const struct board_sighting *row = &sightings[i];
        if (is_smeared(set, row))
            set->smeared++;
        else
            sharp += row->found[0] && row->found[1];
    }
    set->smeared_are_used = sharp < ENOUGH_SHARP;
    return PO_OK;
}

static void leave_out_smeared(const struct view_set *set,
                              const struct board_sighting *row, struct pair_note *to,
                              bool sides[2])
{
    if (set->smeared_are_used || (!sides[0] && !sides[1]) || !is_smeared(set, row))
        return;
    to->use = PAIR_SMEARED;
    (void)snprintf(to->text, sizeof(to->text),
                   "smeared: edges are %.1f px wide, where those of sharp pictures are "
                   "%.1f px: hold the board still, or expose for a shorter time",
                   fmax((double)row->blur_px[0], (double)row->blur_px[1]),
                   set->usual_blur_px);
    sides[0] = sides[1] = false;
}

static enum po_status take_memory(struct view_set *set, struct po_error *error)
{
    size_t pairs = (size_t)set->pair_count;
    size_t corners = (size_t)set->corner_count;
    set->board_xy = calloc(2 * corners, sizeof(double));
    set->notes = calloc(pairs, sizeof(*set->notes));
    set->views = calloc(pairs, sizeof(*set->views));
    set->pair_of_view = calloc(pairs, sizeof(int));
    set->pixels = calloc(pairs, 4 * corners * sizeof(double));
    set->kept = calloc(pairs, 2 * corners);
    if (set->board_xy == NULL || set->notes == NULL || set->views == NULL ||
        set->pair_of_view == NULL || set->pixels == NULL || set->kept == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d pairs of pictures",
                       set->pair_count);
    return PO_OK;
}

static bool same_corners(const double *a, const double *b, int count)
{
    double sum = 0;
    for (int i = 0; i < 2 * count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum / count) < SAME_VIEW_PX;
}

/* The earlier view that shows the same; -1: none. */
static int find_same(const struct view_set *set, const struct bundle_view *view)
{
    for (int v = 0; v < set->view_count; v++) {
        const struct bundle_view *other = &set->views[v];
        bool same = true;
        for (int side = 0; side < 2; side++)
            same = same && (!view->sides[side] ||
                            (other->sides[side] &&
                             same_corners(view->pixels[side], other->pixels[side],
                                          set->corner_count)));
        if (same)
            return v;
    }
    return -1;
}

static void add_view(struct view_set *set, const struct board_sighting *row, int pair,
                     const bool sides[2])
{
    struct bundle_view *view = &set->views[set->view_count];
    size_t corners = (size_t)set->corner_count;
    *view = (struct bundle_view){.used = true, .sides = {sides[0], sides[1]}};
    for (int side = 0; side < 2; side++) {
        size_t slot = 2 * (size_t)set->view_count + (size_t)side;
        view->pixels[side] = set->pixels + slot * 2 * corners;
        view->kept[side] = set->kept + slot * corners;
        memset(view->kept[side], sides[side], corners);
        for (size_t i = 0; i < 2 * corners && sides[side]; i++)
            view->pixels[side][i] = row->xy[side][i];
    }
    int same = find_same(set, view);
    if (same >= 0) {
        note(&set->notes[pair], PAIR_REPEATED, "shows the same view as an earlier pair");
        return;
    }
    set->notes[pair].view = set->view_count;
    set->pair_of_view[set->view_count++] = pair;
}

enum po_status view_set_make(const struct board *board,
                             const struct board_sighting *sightings, int pair_count,
                             struct view_set *set, struct po_error *error)
{
    int size[2];
    *set = (struct view_set){.board = *board,
                             .corner_count = board_corner_count(board),
                             .pair_count = pair_count};
    enum po_status status = take_memory(set, error);
    if (status != PO_OK)
        return status;
    choose_size(sightings, pair_count, size);
    set->width_px = size[0];
    set->height_px = size[1];
    board_points(board, set->board_xy);
    status = find_smeared(set, sightings, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < pair_count; i++) {
        bool sides[2];
        set->notes[i].view = -1;
        judge_pair(&sightings[i], size, &set->notes[i], sides);
        leave_out_smeared(set, &sightings[i], &set->notes[i], sides);
        if (sides[0] || sides[1])
            add_view(set, &sightings[i], i, sides);
    }
    return check_sizes(sightings, pair_count, size, error);
}

void view_set_release(struct view_set *set)
{
    free(set->board_xy);
    free(set->notes);
    free(set->views);
    free(set->pair_of_view);
    free(set->pixels);
    free(set->kept);
    *set = (struct view_set){0};
}

/* Views and their kept flags in one block, so that one pointer owns them. */
static enum po_status copy_views(const struct bundle_view *views, int view_count,
                                 int corner_count, struct bundle *bundle,
                                 struct po_error *error)
{
    size_t count = (size_t)view_count + 1;
    size_t corners = (size_t)corner_count;
    unsigned char *block = calloc(count, sizeof(struct bundle_view) + 2 * corners);
    if (block == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views", view_count);
    bundle->views = (struct bundle_view *)(void *)block;
    unsigned char *kept = block + count * sizeof(struct bundle_view);
    for (int v = 0; v < view_count; v++) {
        bundle->views[v] = views[v];
        for (int side = 0; side < 2; side++, kept += corners) {
            memcpy(kept, views[v].kept[side], corners);
            bundle->views[v].kept[side] = kept;
        }
    }
    return PO_OK;
}

enum po_status view_set_bundle(const struct view_set *set, struct bundle *bundle,
                               struct po_error *error)
{
    *bundle = (struct bundle){.corner_count = set->corner_count,
                              .board_xy = set->board_xy,
                              .view_count = set->view_count,
                              .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                              .sides = {true, true},
                              .cameras_free = true,
                              .pose_free = true};
    return copy_views(set->views, set->view_count, set->corner_count, bundle, error);
}

enum po_status bundle_copy(const struct bundle *from, struct bundle *to,
                           struct po_error *error)
{
    *to = *from;
    to->views = NULL;
    return copy_views(from->views, from->view_count, from->corner_count, to, error);
}

void bundle_release(struct bundle *bundle)
{
    free(bundle->views);
    bundle->views = NULL;
}
