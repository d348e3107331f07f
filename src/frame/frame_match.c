/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/number.h"
#include "base/path.h"
#include "frame/frame_key.h"
#include "frame/frame_views.h"
#include "frame/map_kernels.h"
#include "match/match_cache.h"

/* Above this share of winners at an end of the range, the range probably cuts the scene.
 */
static const double SATURATION_SHARE = 0.02;
/* Fewer do where they are crowded there: this many times as dense as in the pixels next
 * to the end. What lies beyond finds no match, so few of its pixels are winners at all.
 */
static const double CROWDED_SHARE = 0.01;
static const double CROWDED_TIMES = 2;
enum { END_BAND_PX = 16 };

/* A match that either camera's rectification did not see is a match of black borders. */
static void drop_invalid(struct frame *frame)
{
    const struct frame_strip *strip = &frame->strip;
    if (strip->left_valid.pixels == NULL)
        return;
    uint64_t dropped = 0;
    const struct map_kernels *kernels = map_kernels_find();
    int width = frame->match.left.width_px;
    for (int y = 0; y < frame->match.left.height_px; y++) {
        int16_t *values = disparity_row(&frame->match.left, y);
        const uint8_t *left_valid = image_row(&strip->left_valid, y);
        const uint8_t *right_valid = image_row(&strip->right_valid, y);
        if (kernels->all_set(left_valid, width) && kernels->all_set(right_valid, width))
            continue;
        for (int x = 0; x < width; x++) {
            if (values[x] == DISPARITY_INVALID)
                continue;
            int right = x - (values[x] + DISPARITY_SCALE / 2) / DISPARITY_SCALE;
            bool valid =
                left_valid[x] && (right < 0 || right >= width || right_valid[right]);
            if (!valid) {
                values[x] = DISPARITY_INVALID;
                dropped += y >= strip->first && y < strip->end;
            }
        }
    }
    count_list_add(&frame->result->counts, "unseen_by_rectification", dropped);
}

static int16_t value_at(int sixteenths)
{
    return (int16_t)clamp(sixteenths, INT16_MIN, INT16_MAX);
}

/* Within half a pixel of an end, and the bands next to it. */
static struct range_ends ends_of(const struct disparity_range *range)
{
    int low = range->min_px * DISPARITY_SCALE + DISPARITY_SCALE / 2 - 1;
    int high =
        (range->min_px + range->count - 1) * DISPARITY_SCALE - DISPARITY_SCALE / 2 - 1;
    int band = (END_BAND_PX - 1) * DISPARITY_SCALE;
    return (struct range_ends){value_at(low), value_at(low + band), value_at(high),
                               value_at(high - band)};
}

/* Counts the strip's own winners at the ends of the range. */
static void count_ends(struct frame *frame)
{
    const struct disparity_range *range = &frame->job->plan.range;
    struct match_ends *ends = &frame->match_ends;
    const struct range_ends places = ends_of(range);
    const struct map_kernels *kernels = map_kernels_find();
    uint64_t before = ends->matched;
    for (int y = frame->strip.first; y < frame->strip.end; y++) {
        const struct range_counts row = kernels->count_ends(
            &places, disparity_row(&frame->match.left, y), frame->match.left.width_px);
        ends->matched += (uint64_t)row.matched;
        ends->at_low += (uint64_t)row.at_low;
        ends->near_low += (uint64_t)row.near_low;
        ends->at_high += (uint64_t)row.at_high;
        ends->near_high += (uint64_t)row.near_high;
    }
    count_list_add(&frame->result->counts, "matched", ends->matched - before);
}

/* Winners at an end, of `near` in the pixels next to it. */
static bool is_cut(uint64_t at_end, uint64_t near, uint64_t matched)
{
    double share = (double)at_end / (double)matched;
    double usual = (double)near / END_BAND_PX;
    return share > SATURATION_SHARE ||
           (share > CROWDED_SHARE && (double)at_end > CROWDED_TIMES * usual);
}

/* Where a limit ends the search, it was asked for. */
static void warn_if_saturated(struct frame *frame)
{
    const struct po_match_settings *match = &frame->context->settings->match;
    bool is_automatic = match->num_disparities == PO_AUTO;
    bool near_asked = is_automatic && match->min_depth_mm > 0;
    bool far_asked = is_automatic && match->max_depth_mm > 0;
    const struct disparity_range *range = &frame->job->plan.range;
    const struct match_ends *ends = &frame->match_ends;
    int scale = frame->job->plan.downscale;
    if (is_cut(ends->at_high, ends->near_high, ends->matched) && !near_asked)
        warning_list_add(
            &frame->result->warnings,
            "%.1f %% of the matches lie at the largest disparity searched (%d "
            "px): nearer surfaces are cut off; raise --num-disparities or lower "
            "--min-depth",
            100.0 * (double)ends->at_high / (double)ends->matched,
            (range->min_px + range->count - 1) * scale);
    if (is_cut(ends->at_low, ends->near_low, ends->matched) && range->min_px != 0 &&
        !far_asked)
        warning_list_add(
            &frame->result->warnings,
            "%.1f %% of the matches lie at the smallest disparity searched (%d "
            "px): farther surfaces are cut off; lower --min-disparity or raise "
            "--max-depth",
            100.0 * (double)ends->at_low / (double)ends->matched, range->min_px * scale);
}

static bool cache_of(const struct frame *frame, char *directory, size_t bytes,
                     struct match_cache *cache)
{
    *cache = (struct match_cache){directory, frame->context->settings->run.cache_bytes};
    return cache->limit_bytes > 0 &&
           path_join(directory, bytes, frame->context->state_directory,
                     MATCH_CACHE_FOLDER);
}

static struct hash match_key(const struct frame *frame)
{
    /* A second pass starts from the refined first one. */
    bool refined = frame->job->plan.match.second_pass;
    struct hash key = frame_key(frame->context, frame->job->frame, frame->input_hashes,
                                refined ? SETTING_REFINE : SETTING_MATCH);
    const int32_t strip[] = {frame->job->plan.strip_count, frame->strip.index};
    return strip[0] > 1 ? hash_combine(key, hash_bytes(strip, sizeof(strip))) : key;
}

/* The strip's raw match is probably in the cache. */
static bool is_kept(const struct frame *frame)
{
    char directory[ATOMIC_FILE_PATH_BYTES];
    struct match_cache cache;
    return cache_of(frame, directory, sizeof(directory), &cache) &&
           match_cache_has(&cache, match_key(frame));
}

static bool recall(struct frame *frame, struct kept_match *match)
{
    char directory[ATOMIC_FILE_PATH_BYTES];
    struct match_cache cache;
    return cache_of(frame, directory, sizeof(directory), &cache) &&
           match_cache_load(&cache, match_key(frame), match);
}

/* A cache that cannot be written is no reason to fail a frame. */
static void keep(struct frame *frame, const struct kept_match *match)
{
    char directory[ATOMIC_FILE_PATH_BYTES];
    struct match_cache cache;
    struct po_error error = {0};
    if (cache_of(frame, directory, sizeof(directory), &cache) &&
        match_cache_store(&cache, match_key(frame), match, frame->file, &error) != PO_OK)
        log_debug("match not kept: %s", error.message);
}

static enum po_status compute(struct frame *frame, struct vertical_disparity *offset,
                              struct po_error *error)
{
    struct match_stage_input input = {
        .left = frame->strip.left_grey,
        .right = frame->strip.right_grey,
        .guide = frame->strip.left,
        .range = frame->job->plan.range,
        .settings = frame->context->settings,
        .cancel = frame->cancel,
    };
    return match_stage_run(&frame->job->plan.match, &input, frame->scratch, &frame->match,
                           offset, error);
}

/* From the network's maps; from the matcher where the network failed. */
static enum po_status match_by_network(struct frame *frame,
                                       struct vertical_disparity *offset,
                                       struct po_error *error)
{
    enum po_status status = PO_OK;
    if (frame_network_wanted(frame) && frame->network_maps.left.values == NULL)
        status = frame_network_run(frame, error);
    if (status != PO_OK)
        return status;
    if (!frame_network_wanted(frame))
        return compute(frame, offset, error);
    network_match_fill(&frame->network_maps, frame->strip.top, &frame->job->plan.range,
                       &frame->match);
    return PO_OK;
}

/* Of the strip's own rows: what the network gave and the range does not hold. */
static void count_outside(struct frame *frame)
{
    uint64_t outside = 0;
    for (int y = frame->strip.first; y < frame->strip.end; y++) {
        const int16_t *row = disparity_row(&frame->match.left, y);
        for (int x = 0; x < frame->match.left.width_px; x++)
            outside += row[x] == DISPARITY_INVALID;
    }
    count_list_add(&frame->result->counts, "network_outside_range", outside);
}

/* What follows looks at the right image as it was matched. */
static enum po_status correct_recalled(struct frame *frame,
                                       const struct vertical_disparity *offset,
                                       struct po_error *error)
{
    return offset->corrected ? vertical_disparity_warp(offset, frame->scratch,
                                                       &frame->strip.right_grey, error)
                             : PO_OK;
}

/* A network gives no second-best match: what is kept of it holds none. */
static void drop_costs(struct match_output *output)
{
    output->uniqueness_margin = (struct image_view){0};
    output->cost = (struct image_view){0};
}

enum po_status frame_match(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    enum po_status status =
        match_stage_take_output(&plan->match, frame->scratch, plan->match_width_px,
                                frame->strip.left.height_px, &frame->match, error);
    if (status != PO_OK)
        return status;
    struct match_output taken = frame->match;
    struct kept_match match = {.output = &frame->match};
    if (frame_network_wanted(frame))
        drop_costs(&frame->match);
    bool recalled = recall(frame, &match);
    if (!recalled)
        frame->match = taken;
    frame->result->match_reused =
        recalled && (frame->strip.index == 0 || frame->result->match_reused);
    if (!recalled) {
        status = match_by_network(frame, &match.vertical_disparity, error);
        if (status != PO_OK)
            return status;
        if (!frame->network_failed) /* the next run may have better luck */
            keep(frame, &match);
    } else {
        status = correct_recalled(frame, &match.vertical_disparity, error);
        if (status != PO_OK)
            return status;
    }
    if (frame_network_wanted(frame))
        count_outside(frame);
    match_stage_count(&plan->match, &match.vertical_disparity, &frame->result->counts);
    drop_invalid(frame);
    count_ends(frame);
    if (frame->strip.last)
        warn_if_saturated(frame);
    return PO_OK;
}

enum po_status frame_match_network(struct frame *frame, struct po_error *error)
{
    /* A match that is kept needs no network; frame_match runs it where that is broken. */
    bool elsewhere = frame->job->plan.strip_count > 1 || is_kept(frame);
    return elsewhere ? PO_OK : frame_network_run(frame, error);
}

enum po_status frame_refine(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    bool by_matcher = !frame_network_wanted(frame) || frame->network_failed;
    enum po_status status =
        refine_take_output(frame->scratch, plan->match_width_px,
                           frame->strip.left.height_px, &frame->refined, error);
    if (status != PO_OK)
        return status;
    struct refine_input input = {
        .guide = frame->strip.left,
        .left = frame->strip.left_grey,
        .right = by_matcher ? frame->strip.right_grey : (struct image_view){0},
        .valid = frame->strip.left_valid,
        .range = plan->range,
        .settings = frame->context->settings,
        .cancel = frame->cancel,
        .prior = frame_prior_of_strip(frame),
        .first_row = frame->strip.first,
        .end_row = plan->strip_count > 1 ? frame->strip.end : 0,
    };
    status = refine_run(&input, &frame->match, frame->scratch, &frame->refined,
                        &frame->result->counts, error);
    if (status == PO_OK)
        frame_prior_note(frame);
    return status;
}
