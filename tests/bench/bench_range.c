/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The automatic disparity range over the scenes with ground truth.
 *
 *   bench_range DATA_DIR [--negative] [--shift PX] [--scene SUBSTRING]
 *
 * One line a scene: the true range, the estimated one, percent of the truth at or above
 * its low end and at or below its high end, span over true span, ms. --negative: negative
 * disparities are thought possible. --shift: the right image moved right by that much, so
 * that they are real.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/range_measure.h"

static const double WANTED_INSIDE = 99.9; /* percent */

struct options {
    const char *directory;
    const char *scene;
    bool negative;
    int shift_px;
};

static bool parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--negative") == 0)
            options->negative = true;
        else if (strcmp(argv[i], "--shift") == 0 && i + 1 < argc)
            options->shift_px = atoi(argv[++i]);
        else if (strcmp(argv[i], "--scene") == 0 && i + 1 < argc)
            options->scene = argv[++i];
        else if (argv[i][0] != '-' && options->directory == NULL)
            options->directory = argv[i];
        else
            return false;
    }
    return options->directory != NULL;
}

static void print_scene(const struct scene *scene, const struct range_measure *measure)
{
    (void)printf("%-28s truth %7.1f %7.1f  found %7.1f %7.1f  low %7.3f %%  high %7.3f "
                 "%%  ratio %5.2f  %6.1f ms\n",
                 scene->name, measure->truth_low_px, measure->truth_high_px,
                 measure->estimate.low_px, measure->estimate.high_px, measure->above_low,
                 measure->below_high, measure->span_ratio, measure->ms);
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    struct scene_list list;
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status != PO_OK)
        return status;
    struct range_measure *measures = calloc((size_t)list.count + 1, sizeof(*measures));
    if (measures == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
    int low = 0, high = 0, both = 0, measured = 0;
    for (int i = 0; i < list.count && status == PO_OK; i++) {
        struct range_measure *measure = &measures[measured];
        struct po_error cause;
        if (range_measure(&list.scenes[i], options->negative ? -INFINITY : 0.0,
                          options->shift_px, measure, &cause) != PO_OK) {
            (void)printf("%-28s %s\n", list.scenes[i].name, cause.message);
            continue;
        }
        measured++;
        print_scene(&list.scenes[i], measure);
        low += measure->above_low >= WANTED_INSIDE;
        high += measure->below_high >= WANTED_INSIDE;
        both += measure->inside >= WANTED_INSIDE;
    }
    if (status == PO_OK)
        (void)printf("%d scenes: %.1f %% or more of the truth above the low end on %d, "
                     "below the high end on %d, inside on %d; median span over true "
                     "span %.2f\n",
                     list.count, WANTED_INSIDE, low, high, both,
                     range_measure_median_ratio(measures, measured));
    free(measures);
    scene_list_release(&list);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    if (!parse(argc, argv, &options)) {
        (void)fputs("usage: bench_range DATA_DIR [--negative] [--shift PX] [--scene "
                    "SUBSTRING]\n",
                    stderr);
        return 2;
    }
    if (run(&options, &error) == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_range: %s\n", error.message);
    return 1;
}
