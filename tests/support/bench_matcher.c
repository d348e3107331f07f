/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bench_matcher.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/bench_pipeline.h"

void bench_match_fail(const struct po_error *error)
{
    (void)fprintf(stderr, "bench: %s\n", error->message);
    exit(1);
}

static void scale_image(const struct image_view *from, struct image_view *to)
{
    for (int y = 0; y < to->height_px; y++)
        for (int x = 0; x < to->width_px; x++) {
            double u = (x + 0.5) * from->width_px / to->width_px - 0.5;
            double v = (y + 0.5) * from->height_px / to->height_px - 0.5;
            u = u < 0 ? 0 : u > from->width_px - 1 ? from->width_px - 1 : u;
            v = v < 0 ? 0 : v > from->height_px - 1 ? from->height_px - 1 : v;
            int ix = (int)u < from->width_px - 1 ? (int)u : from->width_px - 2;
            int iy = (int)v < from->height_px - 1 ? (int)v : from->height_px - 2;
            for (int c = 0; c < from->channels; c++) {
                const uint8_t *a = image_row(from, iy) + ix * from->channels + c;
                const uint8_t *b = image_row(from, iy + 1) + ix * from->channels + c;
                double top = a[0] + (u - ix) * (a[from->channels] - a[0]);
                double bottom = b[0] + (u - ix) * (b[from->channels] - b[0]);
                image_row(to, y)[x * from->channels + c] =
                    (uint8_t)(top + (v - iy) * (bottom - top) + 0.5);
            }
        }
}

struct image_view bench_match_scaled(const struct image_view *from, int width_px,
                                     int height_px, struct scratch *scratch)
{
    struct image_view to;
    struct po_error error;
    if (image_view_take(scratch, width_px, height_px, from->channels, &to, &error) !=
        PO_OK)
        bench_match_fail(&error);
    scale_image(from, &to);
    return to;
}

void bench_match_load(const struct bench_match_options *options, struct scratch *scratch,
                      struct bench_match_pair *pair)
{
    struct po_error error;
    struct scene_list list;
    struct scene_pair loaded;
    if (scene_list_read(options->directory, options->scene, &list, &error) != PO_OK)
        bench_match_fail(&error);
    if (list.count == 0) {
        (void)fprintf(stderr, "bench: no scene named %s\n", options->scene);
        exit(1);
    }
    if (scene_load(&list.scenes[0], scratch, &loaded, &error) != PO_OK)
        bench_match_fail(&error);
    int width = options->width_px > 0 ? options->width_px : loaded.left.width_px;
    int height = options->height_px > 0 ? options->height_px : loaded.left.height_px;
    pair->colour = bench_match_scaled(&loaded.colour, width, height, scratch);
    pair->left = bench_match_scaled(&loaded.left, width, height, scratch);
    pair->right = bench_match_scaled(&loaded.right, width, height, scratch);
    pair->scene = list.scenes[0];
    scene_list_release(&list);
}

void bench_matcher_init(struct bench_matcher *runner, const struct bench_match_pair *pair,
                        const struct bench_match_options *options,
                        enum po_sgm_level level, enum po_cpu_level cpu)
{
    struct po_settings settings;
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    po_settings_defaults(&settings);
    *runner =
        (struct bench_matcher){.settings = settings.match, .repeat = options->repeat};
    runner->settings.level = level;
    runner->settings.cpu = cpu;
    runner->input = (struct match_input){
        .left = pair->left,
        .right = pair->right,
        .guide = level == PO_SGM_FAST ? pair->left : pair->colour,
        .range = options->range,
    };
    int width = pair->left.width_px;
    int height = pair->left.height_px;
    if (matcher->plan(&runner->settings,
                      &(struct match_size){width, height, runner->input.guide.channels,
                                           options->range},
                      0, &runner->plan, &runner->error) != PO_OK)
        bench_match_fail(&runner->error);
    if (scratch_init(&runner->scratch,
                     runner->plan.scratch_bytes + runner->plan.output_bytes,
                     &runner->error) != PO_OK ||
        matcher_take_output(matcher, &runner->scratch, width, height, &runner->output,
                            &runner->error) != PO_OK)
        bench_match_fail(&runner->error);
}

void bench_matcher_run(void *context, int worker, int job)
{
    struct bench_matcher *runner = (struct bench_matcher *)context + job;
    (void)worker;
    for (int i = 0; i < runner->repeat && runner->status == PO_OK; i++)
        runner->status = matcher_find(PO_MATCHER_SGM)
                             ->run(&runner->settings, &runner->plan, &runner->input,
                                   &runner->scratch, &runner->output, &runner->error);
}

double bench_matcher_time(struct bench_matcher *runner, int repeat)
{
    double best = 1e30;
    runner->repeat = 1;
    for (int i = 0; i < repeat; i++) {
        double start_ms = bench_time_now().cpu_ms;
        bench_matcher_run(runner, 0, 0);
        double seconds = (bench_time_now().cpu_ms - start_ms) * 1e-3;
        best = seconds < best ? seconds : best;
        if (runner->status != PO_OK)
            bench_match_fail(&runner->error);
    }
    return best;
}
