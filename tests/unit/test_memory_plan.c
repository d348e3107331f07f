/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory plan by its rules: which limit holds, what the program keeps of it, the
 * first level that fits, how many frames run at once, and what a refusal says.
 *
 * The program counts for what it is or for what its frames' rows take, whichever is more:
 * sessions here name so many frames that the rows decide, and numbers stay the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget/memory_plan.h"
#include "pool/memory_available.h"
#include "process/processors.h"

#define MB ((uint64_t)1 << 20)
#define GB ((uint64_t)1 << 30)

static int processors = 8;

/* Stands for the one of the library, which is linked behind this program. */
int processor_count(void)
{
    return processors;
}

enum { FRAMES = 3, ROWS_MB = 516 };

static const struct disparity_range range = {0, 256};
static struct frame_entry entries[FRAMES];
static struct frame_probe probes[FRAMES];
static struct run_state run;
static struct manifest manifest;
static struct frame_setup asked;
static struct memory_request request;
static struct memory_plan plan;
static struct frame_demand demands[FRAMES];
static uint64_t baseline_bytes;

static uint64_t row_bytes(void)
{
    return sizeof(struct frame_entry) + sizeof(struct frame_state) +
           sizeof(struct frame_probe);
}

static void set_size(int frame, int width_px, int height_px)
{
    const struct image_header header = {.width_px = width_px,
                                        .height_px = height_px,
                                        .channels = 1,
                                        .bits = 8,
                                        .decoder_bytes = 1 << 16};
    probes[frame].known = PROBE_HEADERS;
    probes[frame].left = probes[frame].right = header;
}

static void set_frames(int count)
{
    run_state_release(&run);
    assert_int_equal(run_state_init(&run, count, NULL), PO_OK);
}

/* One frame of VGA size at the level quality, in a session of many. */
static int set_up(void **state)
{
    (void)state;
    memset(&asked, 0, sizeof(asked));
    memset(probes, 0, sizeof(probes));
    memset(entries, 0, sizeof(entries));
    processors = 8;
    for (int i = 0; i < FRAMES; i++)
        entries[i].calibration = -1;
    manifest = (struct manifest){.frames = entries,
                                 .frame_count = (int)(ROWS_MB * MB / row_bytes())};
    po_settings_defaults(&asked.settings);
    asked.settings.match.level = PO_SGM_QUALITY;
    asked.settings.run.workers = PO_AUTO;
    asked.settings.run.batch_size = PO_AUTO;
    asked.context.settings = &asked.settings;
    asked.context.manifest = &manifest;
    asked.context.ranges = &range;
    asked.context.downscale = 1;
    request =
        (struct memory_request){.session = {.manifest = &manifest, .probes = probes},
                                .asked = &asked,
                                .state = &run};
    set_frames(1);
    set_size(0, 640, 480);
    memory_plan_budget(&request, &plan);
    baseline_bytes = plan.baseline_bytes;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_state_release(&run);
    return 0;
}

/* Plans with so much for frames. */
static void make(uint64_t budget_bytes)
{
    asked.settings.run.memory_limit_bytes = baseline_bytes + budget_bytes;
    memset(&plan, 77, sizeof(plan));
    memset(demands, 77, sizeof(demands));
    memory_plan_make(&request, &plan, demands);
    assert_int_equal(plan.baseline_bytes, baseline_bytes);
    assert_int_equal(plan.budget_bytes, budget_bytes);
}

/* What a frame takes at a level; 0: it does not fit in the budget. */
static uint64_t bytes_at(int frame, enum degradation level, uint64_t budget_bytes,
                         size_t *scratch_bytes)
{
    struct frame_setup setup;
    struct frame_planner planner;
    struct frame_plan frame_plan;
    uint64_t strip_budget_bytes = level == DEGRADATION_NONE ? 0 : budget_bytes;
    frame_setup_degrade(&asked, level, strip_budget_bytes, &setup);
    frame_planner_init(&planner, &request.session, &setup);
    if (frame_planner_plan(&planner, frame, &frame_plan, NULL) != PO_OK ||
        frame_plan.total_bytes > budget_bytes)
        return 0;
    if (scratch_bytes != NULL)
        *scratch_bytes = frame_plan.scratch_bytes;
    return frame_plan.total_bytes;
}

static uint64_t whole_bytes(int frame)
{
    return bytes_at(frame, DEGRADATION_NONE, UINT64_MAX, NULL);
}

/* The smallest budget in which a frame fits at the lowest level, to the byte. */
static uint64_t least_budget(int frame)
{
    uint64_t fits = whole_bytes(frame);
    uint64_t too_little = 0;
    while (fits - too_little > 1) {
        uint64_t middle = (fits + too_little) / 2;
        if (bytes_at(frame, DEGRADATION_QUARTER, middle, NULL) > 0)
            fits = middle;
        else
            too_little = middle;
    }
    return fits;
}

static void the_limit_is_as_asked_or_three_quarters(void **state)
{
    (void)state;
    struct po_run_settings settings = asked.settings.run;
    struct memory_limit limit = memory_limit_choose(&settings);
    assert_int_equal(limit.bytes, (uint64_t)((double)limit.available_bytes * 0.75));
    assert_false(limit.is_explicit);
    assert_string_not_equal(limit.origin, "--memory-limit");
    settings.memory_limit_percent = 1;
    limit = memory_limit_choose(&settings);
    assert_int_equal(limit.bytes, (uint64_t)((double)limit.available_bytes * 0.01));
    assert_true(limit.is_explicit);
    assert_string_equal(limit.origin, "--memory-limit");
    settings.memory_limit_bytes = 1;
    settings.memory_limit_percent = 0;
    limit = memory_limit_choose(&settings);
    assert_int_equal(limit.bytes, 1);
    assert_true(limit.is_explicit);
    assert_string_equal(limit.origin, "--memory-limit");
}

static void expect_workers(int cores, uint64_t available_bytes, int workers,
                           int batch_size)
{
    int found_workers;
    int found_batch;
    processors = cores;
    memory_plan_workers(&asked.settings.run, available_bytes, &found_workers,
                        &found_batch);
    assert_int_equal(found_workers, workers);
    assert_int_equal(found_batch, batch_size);
}

static void workers_follow_memory_and_processors(void **state)
{
    (void)state;
    expect_workers(16, 4 * GB - 1, 1, 1);
    expect_workers(16, 4 * GB, 4, 2);
    expect_workers(16, 8 * GB - 1, 4, 2);
    expect_workers(16, 8 * GB, 16, 1);
    expect_workers(10, 4 * GB, 4, 2);
    expect_workers(7, 4 * GB, 3, 2);
    expect_workers(4, 4 * GB, 2, 2);
    expect_workers(1, 4 * GB, 1, 2);
    asked.settings.run.memory_profile = PO_MEMORY_CONSERVATIVE;
    expect_workers(16, 64 * GB, 1, 1);
    asked.settings.run.memory_profile = PO_MEMORY_AGGRESSIVE;
    expect_workers(16, 1 * GB, 16, 1);
    asked.settings.run.workers = 5;
    asked.settings.run.batch_size = 3;
    expect_workers(16, 1 * GB, 5, 3);
}

/* 12 MB and steps of 8 MB, twice, and 8 MB for a child. */
static uint64_t baseline_of_steps(uint64_t steps)
{
    return 2 * (12 + 8 * steps) * MB + 8 * MB;
}

/* As many rows as end exactly where a step does, and one more. */
static void rows_of_many_frames_count_in_steps(void **state)
{
    (void)state;
    uint64_t odd = row_bytes();
    while (odd % 2 == 0)
        odd /= 2;
    while (odd < 99) /* above all that this program holds */
        odd *= 3;
    uint64_t own_bytes = 4 * MB * odd; /* 12 MB + 8 MB * steps */
    assert_int_equal(own_bytes % row_bytes(), 0);
    manifest.frame_count = (int)(own_bytes / row_bytes());
    memory_plan_budget(&request, &plan);
    assert_int_equal(plan.baseline_bytes, baseline_of_steps((odd - 3) / 2));
    manifest.frame_count++;
    memory_plan_budget(&request, &plan);
    assert_int_equal(plan.baseline_bytes, baseline_of_steps((odd - 3) / 2 + 1));
    request.network_bytes = 5 * MB + 1;
    memory_plan_budget(&request, &plan);
    assert_int_equal(plan.baseline_bytes,
                     baseline_of_steps((odd - 3) / 2 + 1) + 5 * MB + 1);
}

static void a_program_larger_than_reckoned_counts(void **state)
{
    (void)state;
    enum { HELD_MB = 64 };
    char *held = malloc(HELD_MB * MB);
    assert_non_null(held);
    for (size_t i = 0; i < HELD_MB * MB; i += 4096)
        ((volatile char *)held)[i] = 1;
    manifest.frame_count = 1;
    memory_plan_budget(&request, &plan);
    uint64_t steps = (plan.baseline_bytes - baseline_of_steps(0)) / (16 * MB);
    assert_int_equal(plan.baseline_bytes, baseline_of_steps(steps));
    assert_true((12 + 8 * steps) * MB > HELD_MB * MB);
    assert_true((12 + 8 * steps) * MB < memory_resident_bytes(getpid()) + 9 * MB);
    free(held);
}

static void a_limit_below_the_program_leaves_nothing(void **state)
{
    (void)state;
    asked.settings.run.memory_limit_bytes = baseline_bytes - 1;
    memory_plan_budget(&request, &plan);
    assert_int_equal(plan.budget_bytes, 0);
    asked.settings.run.memory_limit_bytes = baseline_bytes + 1;
    memory_plan_budget(&request, &plan);
    assert_int_equal(plan.budget_bytes, 1);
}

static void a_frame_that_just_fits_is_made_as_asked(void **state)
{
    (void)state;
    size_t scratch_bytes;
    uint64_t bytes = bytes_at(0, DEGRADATION_NONE, UINT64_MAX, &scratch_bytes);
    make(bytes);
    assert_int_equal(plan.degradation, DEGRADATION_NONE);
    assert_int_equal(plan.frame_budget_bytes, 0);
    assert_int_equal(plan.frame_bytes, bytes);
    assert_int_equal(plan.scratch_bytes, scratch_bytes);
    assert_int_equal(demands[0].bytes, bytes);
    assert_false(demands[0].refused);
    make(bytes - 1);
    assert_int_equal(plan.degradation, DEGRADATION_STRIPS);
    assert_int_equal(plan.frame_budget_bytes, bytes - 1);
    assert_true(plan.frame_bytes < bytes);
}

/* From all that a frame takes down to nothing, every level is met once it is the first
 * that fits. */
static void the_first_level_that_fits_is_taken(void **state)
{
    (void)state;
    enum { STEPS = 120 };
    uint64_t whole = whole_bytes(0);
    bool met[DEGRADATION_COUNT + 1] = {false};
    for (uint64_t step = 0; step <= STEPS; step++) {
        uint64_t budget_bytes = whole * step / STEPS;
        enum degradation first = DEGRADATION_NONE;
        while (first < DEGRADATION_COUNT && bytes_at(0, first, budget_bytes, NULL) == 0)
            first++;
        met[first] = true;
        make(budget_bytes);
        assert_int_equal(demands[0].refused, first == DEGRADATION_COUNT);
        if (first == DEGRADATION_COUNT) {
            assert_int_equal(plan.degradation, DEGRADATION_QUARTER);
            assert_int_equal(plan.frame_bytes, 0);
            assert_int_equal(plan.scratch_bytes, 0);
            continue;
        }
        assert_int_equal(plan.degradation, first);
        assert_int_equal(plan.frame_bytes, bytes_at(0, first, budget_bytes, NULL));
    }
    for (int i = 0; i <= DEGRADATION_COUNT; i++)
        if (!met[i])
            fail_msg("level %d was not met", i);
}

static void what_fits_nowhere_lowers_no_other_frame(void **state)
{
    (void)state;
    set_frames(3);
    set_size(1, 16000, 12000);
    set_size(2, 320, 240);
    make(whole_bytes(0));
    assert_int_equal(plan.degradation, DEGRADATION_NONE);
    assert_int_equal(plan.frame_bytes, whole_bytes(0));
    assert_false(demands[0].refused);
    assert_true(demands[1].refused);
    assert_false(demands[2].refused);
    assert_int_equal(demands[2].bytes, whole_bytes(2));
    assert_int_equal(plan.workers, 1); /* one of the two left, by memory */
    assert_true(plan.lowers_workers);
    set_size(0, 16000, 12000);
    make(whole_bytes(2));
    assert_int_equal(plan.frame_bytes, whole_bytes(2));
    assert_int_equal(plan.workers, 1);
    assert_false(plan.lowers_workers);
    run_state_end(&run, 2, PO_FRAME_DONE, PO_OK, NULL);
    make(whole_bytes(2)); /* nothing fits: the last level says so */
    assert_int_equal(plan.degradation, DEGRADATION_QUARTER);
    assert_int_equal(plan.frame_bytes, 0);
    assert_int_equal(plan.workers, 1);
    assert_false(plan.lowers_workers);
    run_state_end(&run, 0, PO_FRAME_DONE, PO_OK, NULL);
    run_state_end(&run, 1, PO_FRAME_DONE, PO_OK, NULL);
    make(MB); /* nothing is left: nothing is lowered */
    assert_int_equal(plan.degradation, DEGRADATION_NONE);
    assert_int_equal(plan.workers, 1);
}

/* Such a frame itself says what is wrong with it. */
static void what_cannot_be_planned_is_not_refused(void **state)
{
    (void)state;
    set_frames(2);
    probes[0].known = 0;
    run_state_end(&run, 1, PO_FRAME_DONE, PO_OK, NULL);
    make(100 * MB);
    assert_int_equal(plan.degradation, DEGRADATION_NONE);
    assert_false(demands[0].refused);
    assert_int_equal(demands[0].bytes, 0);
    assert_int_equal(plan.frame_bytes, 0);
    assert_int_equal(plan.scratch_bytes, 0);
    assert_int_equal(plan.workers, 1);
}

static void as_many_run_as_memory_holds(void **state)
{
    (void)state;
    static const struct {
        int frames, workers, fitting, expected;
        bool lowers;
    } cases[] = {
        {3, 7, 9, 3, false}, {3, 2, 9, 2, false}, {3, 3, 3, 3, false}, {3, 3, 2, 2, true},
        {3, 3, 1, 1, true},  {2, 2, 1, 1, true},  {1, 4, 1, 1, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_frames(cases[i].frames);
        for (int frame = 0; frame < cases[i].frames; frame++)
            set_size(frame, 640, 480);
        asked.settings.run.workers = cases[i].workers;
        make(whole_bytes(0) * (uint64_t)cases[i].fitting);
        assert_int_equal(plan.workers, cases[i].expected);
        assert_int_equal(plan.lowers_workers, cases[i].lowers);
        make(whole_bytes(0) * (uint64_t)(cases[i].fitting + 1) - 1);
        assert_int_equal(plan.workers, cases[i].expected);
    }
}

/* Whatever would be chosen now. */
static void an_earlier_choice_is_kept(void **state)
{
    (void)state;
    request.is_kept = true;
    request.kept_degradation = DEGRADATION_HALF;
    request.kept_frame_budget_bytes = whole_bytes(0) / 3;
    make(2 * whole_bytes(0));
    assert_int_equal(plan.degradation, DEGRADATION_HALF);
    assert_int_equal(plan.frame_budget_bytes, whole_bytes(0) / 3);
    assert_int_equal(plan.frame_bytes,
                     bytes_at(0, DEGRADATION_HALF, whole_bytes(0) / 3, NULL));
    request.kept_degradation = DEGRADATION_NONE;
    make(whole_bytes(0) / 2);
    assert_true(demands[0].refused);
}

/* The number behind the first of two texts. */
static uint64_t number_after(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    if (at == NULL)
        fail_msg("no \"%s\" in: %s", words, text);
    return strtoull(at + strlen(words), NULL, 10);
}

/* The frame's need is found to a quarter of a megabyte; the limit has 2 MB to spare. */
static void a_refusal_names_the_smallest_limit_that_works(void **state)
{
    (void)state;
    static const int sizes_px[][2] = {{640, 480}, {900, 700}, {1280, 960}};
    for (size_t i = 0; i < sizeof(sizes_px) / sizeof(sizes_px[0]); i++) {
        struct po_error error;
        set_size(0, sizes_px[i][0], sizes_px[i][1]);
        uint64_t least = least_budget(0);
        uint64_t most = least + MB / 4;
        make(least - 1);
        assert_true(demands[0].refused);
        assert_int_equal(memory_plan_refuse(&request, &plan, 0, &error), PO_MEMORY_LIMIT);
        assert_non_null(strstr(error.message, "quarter resolution"));
        assert_in_range(number_after(error.message, "the frame needs "), least / MB + 1,
                        most / MB + 1);
        assert_int_equal(number_after(error.message, "the program itself "),
                         baseline_bytes / MB + 1);
        assert_int_equal(number_after(error.message, "the limit is "),
                         (baseline_bytes + least - 1) / MB);
        uint64_t limit_mb = number_after(error.message, "works is about ");
        assert_in_range(limit_mb, (baseline_bytes + least) / MB + 3,
                        (baseline_bytes + most) / MB + 3);
        make(limit_mb * MB - baseline_bytes);
        assert_false(demands[0].refused);
    }
}

static void what_no_limit_helps_is_said(void **state)
{
    (void)state;
    struct po_error error;
    probes[0].known = 0;
    assert_int_equal(memory_plan_refuse(&request, &plan, 0, &error), PO_MEMORY_LIMIT);
    assert_string_equal(error.message, "the frame fits no memory at all");
}

#define PLAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(the_limit_is_as_asked_or_three_quarters),
        PLAN_TEST(workers_follow_memory_and_processors),
        PLAN_TEST(rows_of_many_frames_count_in_steps),
        PLAN_TEST(a_program_larger_than_reckoned_counts),
        PLAN_TEST(a_limit_below_the_program_leaves_nothing),
        PLAN_TEST(a_frame_that_just_fits_is_made_as_asked),
        PLAN_TEST(the_first_level_that_fits_is_taken),
        PLAN_TEST(what_fits_nowhere_lowers_no_other_frame),
        PLAN_TEST(what_cannot_be_planned_is_not_refused),
        PLAN_TEST(as_many_run_as_memory_holds),
        PLAN_TEST(an_earlier_choice_is_kept),
        PLAN_TEST(a_refusal_names_the_smallest_limit_that_works),
        PLAN_TEST(what_no_limit_helps_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
