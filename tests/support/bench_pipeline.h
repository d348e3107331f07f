/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline of a frame, PNG in and PLY out, timed stage by stage: ours here, the usual
 * recipe in classic_recipe.h.
 *
 * Ownership: a pipeline owns its settings (bench_pipeline_init, bench_pipeline_release);
 * images live in the caller's scratch for one run.
 */
#ifndef SUPPORT_BENCH_PIPELINE_H
#define SUPPORT_BENCH_PIPELINE_H

#include "settings/settings_table.h"
#include "support/bench_input.h"

enum { BENCH_REPEAT_MAX = 101, BENCH_STAGES_MAX = 8 };

/* Of one core. With other work on the machine the thread's own time is the steadier. */
struct bench_time {
    double wall_ms;
    double cpu_ms;
};

struct bench_time bench_time_now(void);

struct bench_pipeline {
    const char *name;
    bool classic;
    struct settings_set set;
    const char *stages[BENCH_STAGES_MAX];
    int stage_count;
    struct bench_time laps[BENCH_STAGES_MAX][BENCH_REPEAT_MAX];
    struct bench_time totals[BENCH_REPEAT_MAX];
    uint64_t points;
    double matched_percent; /* of the raw match */
    double scratch_bytes;
};

/* Time since the last lap goes to the named stage; a stopwatch NULL counts nothing. */
struct stopwatch {
    struct bench_pipeline *pipeline;
    int repeat;
    int stage;
    struct bench_time last;
};

void stopwatch_init(struct stopwatch *watch, struct bench_pipeline *pipeline, int repeat);
/* What went by since the last lap is nobody's. */
void stopwatch_skip(struct stopwatch *watch);
void stopwatch_lap(struct stopwatch *watch, const char *stage);

struct bench_views {
    struct image_view colour; /* rectified left */
    struct image_view left;   /* rectified, grey */
    struct image_view right;
};

/* Percent of pixels whose value is not `invalid`. */
double bench_matched_percent(const struct disparity_map *map, int invalid);

/* Stages "read" and "rectify". */
PO_MUST_CHECK enum po_status bench_read_and_rectify(const struct bench_input *input,
                                                    struct scratch *scratch,
                                                    struct bench_views *views,
                                                    struct stopwatch *watch,
                                                    struct po_error *error);

/* `name` is a profile, or "opencv": profile fast with OpenCV's matcher. */
PO_MUST_CHECK enum po_status bench_pipeline_init(struct bench_pipeline *pipeline,
                                                 const char *name,
                                                 struct po_error *error);
void bench_pipeline_release(struct bench_pipeline *pipeline);

PO_MUST_CHECK enum po_status bench_pipeline_run(const struct bench_input *input,
                                                struct bench_pipeline *pipeline,
                                                struct stopwatch *watch,
                                                struct scratch *scratch,
                                                struct po_error *error);

#endif
