/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of refinement, in the order refine.c takes them; each lives in the file of
 * its name.
 *
 * Invariant: `map` holds sixteenths of a pixel or DISPARITY_INVALID. `classes` holds an
 * enum pixel_class for each pixel from classify_holes on: a hole keeps its class when a
 * value fills it, and PIXEL_ON_PLANE marks those that a plane has filled. All views of
 * one call have the same size.
 * Ownership: the caller's; working memory comes from scratch, in the bytes that the
 * step's *_bytes function foretells, and goes back to it.
 */
#ifndef REFINE_STEPS_H
#define REFINE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "refine/row_kernels.h"
#include "stereo/disparity_map.h"

enum {
    PIXEL_ON_PLANE = 0x80, /* beside the class while refining */
    PIXEL_CLASS_MASK = 0x0f,
};

/* Invalidates left pixels whose right-image match disagrees by more than
 * `max_difference` sixteenths or lies outside; returns how many. */
uint64_t left_right_check(struct disparity_map *map, const struct disparity_map *right,
                          int max_difference, const struct row_kernels *kernels);

/* Invalidates pixels around which no row changes within the reach of a match: what they
 * hold has come from afar. Adds up how many in *dropped. */
enum {
    TEXTURE_REACH_PX = 4, /* of the census window */
    TEXTURE_LONG_AGO = 255,
};

struct texture_views {
    const struct image_view *guide;
    const struct row_kernels *kernels;
};

size_t texture_bytes(int width_px);
PO_MUST_CHECK enum po_status texture_check(struct disparity_map *map,
                                           const struct texture_views *views,
                                           struct scratch *scratch, uint64_t *dropped,
                                           struct po_error *error);

/* Invalidates pixels whose second-best match costs less than `percent` more than the
 * best; returns how many. */
uint64_t uniqueness_check(struct disparity_map *map,
                          const struct image_view *uniqueness_margin, int percent);

/* Invalidates 4-connected components, neighbours at most `max_step` sixteenths apart, of
 * at most `max_size_px` pixels; *dropped counts their pixels. */
size_t speckle_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status speckle_filter(struct disparity_map *map, int max_size_px,
                                            int max_step, struct scratch *scratch,
                                            uint64_t *dropped, struct po_error *error);

/* What a step did in rows first_row .. end_row - 1. */
struct row_tally {
    int first_row;
    int end_row;
    uint64_t pixels;
};

/* Pixels with a value in these rows of the map. */
uint64_t row_tally_values(const struct disparity_map *map, const struct row_tally *rows);

/* Of pixels that are measured: those whose score (confidence_judge) says that they are
 * surely wrong become mismatches without a value; returns how many. */
uint64_t drop_unlikely(const struct image_view *scores, struct disparity_map *map,
                       struct image_view *classes);

/* Of the finished map: those more likely wrong than right keep their value and count as
 * filled mismatches. */
void doubt_unlikely(const struct image_view *scores, struct image_view *classes,
                    struct row_tally *doubted);

struct hole_counts {
    uint64_t measured;
    uint64_t occlusions;
    uint64_t mismatches;
};

struct hole_maps {
    const struct disparity_map *map;
    const struct disparity_map *right; /* values NULL: none */
    struct disparity_range range;      /* of the right map's values */
    const struct row_kernels *kernels;
};

/* Where pixels of a right row say that their matches begin, by column of the left row.
 * Both rows go on behind the left row's ends, as far as a claim may lie. */
struct claim_rows {
    uint8_t *threes; /* 1: this pixel and the next two are claimed */
    uint8_t *fours;  /* 1: so is the one after */
    int nowhere;     /* a column too far away to matter */
};

/* Sets the class of every pixel: measured where the map has a value, else occlusion where
 * no right-image match points at the pixel, else mismatch. Without a right map the row's
 * geometry decides. */
size_t classify_holes_bytes(int width_px, struct disparity_range range);
PO_MUST_CHECK enum po_status classify_holes(const struct hole_maps *maps,
                                            struct scratch *scratch,
                                            struct image_view *classes,
                                            struct hole_counts *counts,
                                            struct po_error *error);

/* Of pixels that are not measured: takes away values that stand more than 2 px in front
 * of what the right map sees along its ray, where a measured left pixel confirms that;
 * returns how many. */
uint64_t free_space_check(struct disparity_map *map, const struct disparity_map *right,
                          const struct image_view *classes,
                          const struct row_kernels *kernels);

/* One row of both cameras. */
struct seen_row {
    int width_px;
    const int16_t *right;
    const uint8_t *classes;
    int16_t *values; /* of the left map */
};

/* Segments of similar colour. Labels are 0..count-1, dense, in raster order. */
struct segmentation {
    int width_px;
    int height_px;
    int shift; /* a pixel (x, y) of the map lies in segment (x >> shift, y >> shift) */
    int count;
    int32_t *labels; /* rows without padding */
};

/* Steps of colour of up to 2 (of 1 where `shift` averages) are noise and part nothing.
 * The labels stay in scratch; the rest is given back. `shift` 1: on the half-size image,
 * a quarter of the work; 2: on the quarter-size one, for larger segments. */
size_t segmentation_bytes(int width_px, int height_px, int channels, int shift);
size_t segmentation_label_bytes(int width_px, int height_px, int shift);
PO_MUST_CHECK enum po_status segmentation_run(const struct image_view *guide, int shift,
                                              struct scratch *scratch,
                                              struct segmentation *segmentation,
                                              struct po_error *error);

struct plane_demand {
    const struct segmentation *segmentation;
    double share;         /* of a segment's pixels with values that lie on its plane */
    uint32_t min_area_px; /* smaller segments are left to what comes next */
    struct disparity_range range;
    const struct row_kernels *kernels;
};

/* Fills holes in segments of which enough lies on a plane; *filled counts them. No side
 * of the map is longer than PLANE_SIDE_MAX_PX: plane_tiles.h cuts larger ones. */
enum { PLANE_SIDE_MAX_PX = 4096 };
size_t plane_fill_bytes(int width_px, int height_px, int shift);
PO_MUST_CHECK enum po_status plane_fill(struct disparity_map *map,
                                        struct image_view *classes,
                                        const struct plane_demand *demand,
                                        struct scratch *scratch, uint64_t *filled,
                                        struct po_error *error);

/* Fills occlusions with the smaller of the nearest values in their row, mismatches with
 * the lower median of the nearest values in eight directions. Holes that no value
 * reaches stay. */
size_t fill_directions_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status fill_directions(struct disparity_map *map,
                                             const struct image_view *classes,
                                             const struct row_kernels *kernels,
                                             struct scratch *scratch,
                                             struct po_error *error);

/* Fills the holes of each row with the smaller (background) neighbour, empty rows with
 * the nearest row. False when no pixel holds a value. */
bool fill_background(struct disparity_map *map);

enum { MEDIAN_LATTICES_MAX = 2 };

struct median_views {
    const struct disparity_map *source; /* dense */
    const struct image_view *classes;
    const struct image_view *guide;
    const struct row_kernels *kernels;
};

/* Colour-weighted median of filled pixels off planes and of pixels at depth edges;
 * changes `target`, a copy of the source; visited->pixels counts them. `lattices` 2: with
 * twice as many samples as with 1 (weighted_median.c). */
size_t weighted_median_bytes(int width_px);
PO_MUST_CHECK enum po_status weighted_median(const struct median_views *views,
                                             int lattices, struct scratch *scratch,
                                             struct disparity_map *target,
                                             struct row_tally *visited,
                                             struct po_error *error);

/* Fills holes by Navier-Stokes inpainting of 8-bit values; a map without any value stays
 * as it is. */
size_t inpaint_holes_bytes(int width_px, int height_px);
size_t inpaint_holes_library_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status inpaint_holes(struct disparity_map *map, double radius_px,
                                           struct scratch *scratch,
                                           struct po_error *error);

struct bilateral_settings {
    int diameter_px;
    double sigma_color_px; /* of disparity */
    double sigma_space_px;
};

/* Smooths pixels that hold a value with those that hold one. `source` and `target`
 * differ. */
size_t bilateral_bytes(void);
PO_MUST_CHECK enum po_status bilateral_filter(const struct disparity_map *source,
                                              const struct bilateral_settings *settings,
                                              struct scratch *scratch,
                                              struct disparity_map *target,
                                              struct po_error *error);

/* 5x5 median of a map without holes. `source` and `target` differ. */
void median_5x5(const struct disparity_map *source, const struct row_kernels *kernels,
                struct disparity_map *target);

/* Moves measured values by at most half a pixel to where the two images agree best. Of
 * images narrower than four pixels nothing moves. */
struct subpixel_views {
    struct image_view left;  /* grey */
    struct image_view right; /* grey, its rows corrected as they were matched */
    const struct image_view *classes;
    const struct row_kernels *kernels;
};

size_t subpixel_bytes(int width_px);
PO_MUST_CHECK enum po_status subpixel_step(const struct subpixel_views *views,
                                           struct scratch *scratch,
                                           struct disparity_map *map,
                                           struct po_error *error);

/* Measured values become the mean of 3x3 where all of these are measured and lie within
 * 1.5 px of each other. */
struct flat_views {
    const struct image_view *classes;
    const struct row_kernels *kernels;
};

size_t flat_mean_bytes(int width_px);
PO_MUST_CHECK enum po_status flat_mean(const struct flat_views *views,
                                       struct scratch *scratch, struct disparity_map *map,
                                       struct po_error *error);

#endif
