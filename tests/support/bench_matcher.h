/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scene's pair at any size, and matchers with their own memory, timed: for benchmarks
 * of matching alone. Errors end the program.
 *
 * Ownership: a pair lies in the caller's scratch; a matcher's scratch is released by who
 * made it.
 */
#ifndef SUPPORT_BENCH_MATCHER_H
#define SUPPORT_BENCH_MATCHER_H

#include "stereo/matchers.h"
#include "support/scene_list.h"

struct bench_match_options {
    const char *directory;
    const char *scene;
    int width_px;
    int height_px;
    struct disparity_range range;
    int repeat;
    bool without_opencv;
    bool growth;
    bool tiles;
};

struct bench_match_pair {
    struct image_view colour;
    struct image_view left;
    struct image_view right;
    struct scene scene;
};

/* A matcher with its own memory, so that several may run side by side. */
struct bench_matcher {
    struct po_match_settings settings;
    struct match_input input;
    struct match_plan plan;
    struct scratch scratch;
    struct match_output output;
    struct po_error error;
    enum po_status status;
    int repeat;
};

void bench_match_fail(const struct po_error *error);

void bench_match_load(const struct bench_match_options *options, struct scratch *scratch,
                      struct bench_match_pair *pair);

/* A copy of that size, bilinear. */
struct image_view bench_match_scaled(const struct image_view *from, int width_px,
                                     int height_px, struct scratch *scratch);

void bench_matcher_init(struct bench_matcher *runner, const struct bench_match_pair *pair,
                        const struct bench_match_options *options,
                        enum po_sgm_level level, enum po_cpu_level cpu);

/* A worker pool's job: matches `repeat` times with matcher number `job` of an array. */
void bench_matcher_run(void *context, int worker, int job);

/* Seconds of processor time, the fastest of so many. */
double bench_matcher_time(struct bench_matcher *runner, int repeat);

#endif
