/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/board_turned.h"

#include <math.h>
#include <stdlib.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "cv_shim/cv_board.h"

enum { DIRECTIONS = 9, MOST_SIDE_PX = 1200 };

static const double DEGREE = 1 / 57.29577951308232;
static const double HALF_FIELD_DEGREES = 48;
static const double TURN_DEGREES = 42;
/* A direction must lie before the lens for its model: z = 1. */
static const double LEAST_Z = 0.05;
static const double STRONG_SHARE = 0.15;

/* Which way a camera looks: right and down, in turns; the corners of the picture last. */
static const double looks[DIRECTIONS][2] = {{0, 0}, {1, 0},  {-1, 0}, {0, 1},  {0, -1},
                                            {1, 1}, {1, -1}, {-1, 1}, {-1, -1}};

/* A plain camera, turned by `rotation`: from its rays to those of the lens. */
struct turned_view {
    double rotation[9];
    double focal_px;
    int side_px;
};

bool board_turned_helps(const struct camera_model *lens, int width_px, int height_px)
{
    double x;
    double y;
    double right_px = width_px - 1 - lens->cx;
    double down_px = height_px - 1 - lens->cy;
    if (lens->model == DISTORTION_FISHEYE)
        return true;
    if (!camera_unproject(lens, lens->cx + 0.9 * right_px, lens->cy + 0.9 * down_px, &x,
                          &y))
        return true;
    double plain = hypot(0.9 * right_px / lens->fx, 0.9 * down_px / lens->fy);
    return fabs(hypot(x, y) / plain - 1) > STRONG_SHARE;
}

static struct turned_view turned_view_make(const struct camera_model *lens, int look)
{
    const double turn[3] = {-looks[look][1] * TURN_DEGREES * DEGREE,
                            looks[look][0] * TURN_DEGREES * DEGREE, 0};
    struct turned_view view = {.focal_px = (lens->fx + lens->fy) / 2};
    double half_px = view.focal_px * tan(HALF_FIELD_DEGREES * DEGREE);
    if (2 * half_px > MOST_SIDE_PX) {
        view.focal_px *= MOST_SIDE_PX / (2 * half_px);
        half_px = MOST_SIDE_PX / 2.0;
    }
    view.side_px = (int)(2 * half_px);
    rotation_from_vector(view.rotation, turn);
    return view;
}

/* Where the picture shows what lies at a pixel of the view. */
static bool to_picture(const struct turned_view *view, const struct camera_model *lens,
                       double x_px, double y_px, double pixel[2])
{
    double middle = (view->side_px - 1) / 2.0;
    double ray[3] = {(x_px - middle) / view->focal_px, (y_px - middle) / view->focal_px,
                     1};
    matrix3_apply(ray, view->rotation, ray);
    if (ray[2] < LEAST_Z)
        return false;
    camera_project(lens, ray[0] / ray[2], ray[1] / ray[2], &pixel[0], &pixel[1]);
    return true;
}

static uint8_t sample(const struct image_view *grey, const double pixel[2])
{
    double x = floor(pixel[0]);
    double y = floor(pixel[1]);
    if (!(x >= 0 && y >= 0 && x + 1 < grey->width_px && y + 1 < grey->height_px))
        return 0;
    const uint8_t *above = image_row(grey, (int)y) + (int)x;
    const uint8_t *below = image_row(grey, (int)y + 1) + (int)x;
    double u = pixel[0] - x;
    double v = pixel[1] - y;
    return (uint8_t)((1 - v) * ((1 - u) * above[0] + u * above[1]) +
                     v * ((1 - u) * below[0] + u * below[1]) + 0.5);
}

static void render(const struct turned_view *view, const struct camera_model *lens,
                   const struct image_view *grey, uint8_t *pixels)
{
    for (int y = 0; y < view->side_px; y++)
        for (int x = 0; x < view->side_px; x++) {
            double pixel[2];
            pixels[(ptrdiff_t)y * view->side_px + x] =
                to_picture(view, lens, x, y, pixel) ? sample(grey, pixel) : 0;
        }
}

/* From corners in the view to corners in the picture; false where one lies outside. */
static bool take_back(const struct turned_view *view, const struct camera_model *lens,
                      const struct image_view *grey, int count, float *xy)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        double pixel[2];
        if (!to_picture(view, lens, xy[2 * i], xy[2 * i + 1], pixel) || pixel[0] < 1 ||
            pixel[1] < 1 || pixel[0] > grey->width_px - 2 ||
            pixel[1] > grey->height_px - 2)
            return false;
        xy[2 * i] = (float)pixel[0];
        xy[2 * i + 1] = (float)pixel[1];
    }
    return true;
}

/* A picture under search, and room for what a turned view sees. */
struct turned_search {
    const struct board *board;
    const struct image_view *grey;
    const struct camera_model *lens;
    uint8_t *pixels;
};

static enum po_status look_once(const struct turned_search *search, int look, float *xy,
                                bool *found, struct po_error *error)
{
    const struct board *board = search->board;
    const struct image_view *grey = search->grey;
    const struct turned_view view = turned_view_make(search->lens, look);
    const struct cv_image turned = {view.side_px, view.side_px, 1, view.side_px,
                                    search->pixels};
    const struct cv_image picture = {grey->width_px, grey->height_px, 1,
                                     grey->stride_bytes, grey->pixels};
    render(&view, search->lens, grey, search->pixels);
    enum po_status status = cv_board_find(&turned, board->cols, board->rows,
                                          CV_BOARD_SECTORS, xy, found, error);
    if (status != PO_OK || !*found)
        return status;
    *found = take_back(&view, search->lens, grey, board_corner_count(board), xy);
    if (*found)
        status = cv_board_refine(&picture, board->cols, board->rows, xy, found, error);
    return status;
}

enum po_status board_turned_find(const struct board *board, const struct image_view *grey,
                                 const struct camera_model *lens, float *xy, bool *found,
                                 struct po_error *error)
{
    enum po_status status = PO_OK;
    const struct turned_search search = {board, grey, lens,
                                         malloc((size_t)MOST_SIDE_PX * MOST_SIDE_PX)};
    *found = false;
    if (search.pixels == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a second look");
    for (int look = 0; look < DIRECTIONS && status == PO_OK && !*found; look++)
        status = look_once(&search, look, xy, found, error);
    free(search.pixels);
    return status;
}
