/* SPDX-License-Identifier: Apache-2.0 */
/* Each call of the shim, handed to the module. The loader is asked every time, and the
 * module set up: a few microseconds beside calls of milliseconds, and nothing has to be
 * kept between them. */
#include "cv_shim/cv_module.h"
#include "cv_shim/cv_table.h"

/* Calls `entry` of the table with the arguments, or says why there is none. */
#define CV_CALL(entry, ...)                                                              \
    do {                                                                                 \
        const struct cv_table *table = NULL;                                             \
        enum po_status status = cv_module_load(&table, error);                           \
        if (status == PO_OK)                                                             \
            status = table->call_cv_shim_init(error);                                    \
        return status == PO_OK ? table->call_##entry(__VA_ARGS__) : status;              \
    } while (0)

enum po_status cv_shim_init(struct po_error *error)
{
    const struct cv_table *table = NULL;
    enum po_status status = cv_module_load(&table, error);
    return status == PO_OK ? table->call_cv_shim_init(error) : status;
}

const char *cv_shim_version(void)
{
    const struct cv_table *table = NULL;
    return cv_module_load(&table, NULL) == PO_OK ? table->call_cv_shim_version() : "none";
}

enum po_status cv_shim_sgbm(const struct cv_sgbm_settings *settings,
                            const struct cv_image *left, const struct cv_image *right,
                            int16_t *disparity, ptrdiff_t stride, struct po_error *error)
{
    CV_CALL(cv_shim_sgbm, settings, left, right, disparity, stride, error);
}

enum po_status cv_shim_rectify_maps(const double camera[9], const double *distortion,
                                    int distortion_count, int fisheye,
                                    const double rotation[9], const double projection[9],
                                    int width_px, int height_px, int16_t *map_xy,
                                    uint16_t *map_fraction, struct po_error *error)
{
    CV_CALL(cv_shim_rectify_maps, camera, distortion, distortion_count, fisheye, rotation,
            projection, width_px, height_px, map_xy, map_fraction, error);
}

enum po_status cv_shim_remap(const struct cv_image *source, int16_t *map_xy,
                             uint16_t *map_fraction, struct cv_image *target,
                             struct po_error *error)
{
    CV_CALL(cv_shim_remap, source, map_xy, map_fraction, target, error);
}

enum po_status cv_shim_inpaint(const struct cv_image *values, const struct cv_image *mask,
                               double radius_px, struct cv_image *result,
                               struct po_error *error)
{
    CV_CALL(cv_shim_inpaint, values, mask, radius_px, result, error);
}

enum po_status cv_board_find(const struct cv_image *grey, int cols, int rows,
                             enum cv_board_detector detector, float *xy, bool *found,
                             struct po_error *error)
{
    CV_CALL(cv_board_find, grey, cols, rows, detector, xy, found, error);
}

enum po_status cv_board_refine(const struct cv_image *grey, int cols, int rows, float *xy,
                               bool *found, struct po_error *error)
{
    CV_CALL(cv_board_refine, grey, cols, rows, xy, found, error);
}

enum po_status cv_board_measure(const struct cv_image *grey, int *cols, int *rows,
                                struct po_error *error)
{
    CV_CALL(cv_board_measure, grey, cols, rows, error);
}

enum po_status cv_board_pose(const double *board_xy, const double *plane_xy, int count,
                             double rotation[9], double translation[3],
                             struct po_error *error)
{
    CV_CALL(cv_board_pose, board_xy, plane_xy, count, rotation, translation, error);
}

enum po_status cv_board_focal(const double *board_xy, const double *pixel_xy, int count,
                              int views, int width_px, int height_px, double *focal_px,
                              struct po_error *error)
{
    CV_CALL(cv_board_focal, board_xy, pixel_xy, count, views, width_px, height_px,
            focal_px, error);
}

enum po_status cv_classic_to_float(const int16_t *sixteenths, ptrdiff_t stride,
                                   struct cv_plane *disparity, struct po_error *error)
{
    CV_CALL(cv_classic_to_float, sixteenths, stride, disparity, error);
}

enum po_status cv_classic_bilateral(const struct cv_plane *source, int diameter_px,
                                    double sigma_color, double sigma_space_px,
                                    struct cv_plane *target, struct po_error *error)
{
    CV_CALL(cv_classic_bilateral, source, diameter_px, sigma_color, sigma_space_px,
            target, error);
}

enum po_status cv_classic_inpaint(struct cv_plane *disparity, double min_px,
                                  double max_px, double radius_px, struct po_error *error)
{
    CV_CALL(cv_classic_inpaint, disparity, min_px, max_px, radius_px, error);
}

enum po_status cv_classic_reproject(const struct cv_plane *disparity, const double q[16],
                                    float *xyz, struct po_error *error)
{
    CV_CALL(cv_classic_reproject, disparity, q, xyz, error);
}

enum po_status cv_classic_resize(const struct cv_image *source, struct cv_image *target,
                                 struct po_error *error)
{
    CV_CALL(cv_classic_resize, source, target, error);
}
