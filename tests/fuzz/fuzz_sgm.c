/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes, ranges, settings and pixels of a match from bytes. Whatever the plan accepts
 * must run inside its bytes, and give what the scalar reference gives.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stereo/matchers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER_BYTES = 12, ARENA_BYTES = 64 << 20 };

struct reader {
    const uint8_t *data;
    size_t size;
    size_t at;
};

static uint8_t next_byte(struct reader *reader)
{
    uint8_t byte = reader->size > 0 ? reader->data[reader->at++ % reader->size] : 0;
    return (uint8_t)(byte + reader->at / (reader->size + 1));
}

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void fill(struct image_view *image, struct reader *reader)
{
    for (int y = 0; y < image->height_px; y++)
        for (int x = 0; x < image->width_px * image->channels; x++)
            image_row(image, y)[x] = next_byte(reader);
}

static struct po_match_settings settings_of(const uint8_t *header)
{
    struct po_settings settings;
    po_settings_defaults(&settings);
    settings.match.level = (enum po_sgm_level)(header[4] % 3);
    settings.match.p1 = header[5] % 3 == 0 ? PO_AUTO : header[5];
    settings.match.p2 = header[6] % 3 == 0 ? PO_AUTO : header[6];
    return settings.match;
}

static void take(struct scratch *scratch, int width, int height, int channels,
                 struct image_view *image, struct reader *reader)
{
    check(image_view_take(scratch, width, height, channels, image, NULL) == PO_OK);
    fill(image, reader);
}

static void take_prior(struct scratch *scratch, struct match_input *input,
                       struct disparity_map *prior, struct reader *reader)
{
    check(disparity_map_take(scratch, input->left.width_px, input->left.height_px, prior,
                             NULL) == PO_OK);
    for (int y = 0; y < prior->height_px; y++)
        for (int x = 0; x < prior->width_px; x++)
            disparity_row(prior, y)[x] =
                (int16_t)(next_byte(reader) << 8 | next_byte(reader));
    input->prior = prior;
}

/* Runs at one CPU level; false when the plan refuses. */
static bool match(struct po_match_settings settings, enum po_cpu_level cpu, size_t budget,
                  const struct match_input *input, struct scratch *scratch,
                  struct match_output *output)
{
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    struct match_plan plan;
    int width = input->left.width_px;
    int height = input->left.height_px;
    settings.cpu = cpu;
    if (matcher->plan(
            &settings,
            &(struct match_size){width, height, input->guide.channels, input->range},
            budget, &plan, NULL) != PO_OK)
        return false;
    check(matcher_take_output(matcher, scratch, width, height, output, NULL) == PO_OK);
    size_t before = scratch->used;
    scratch->peak = before;
    check(matcher->run(&settings, &plan, input, scratch, output, NULL) == PO_OK);
    check(scratch->used == before && scratch->peak - before <= plan.scratch_bytes);
    return true;
}

static void compare(const struct match_output *a, const struct match_output *b)
{
    size_t width = (size_t)a->left.width_px;
    for (int y = 0; y < a->left.height_px; y++) {
        check(memcmp(disparity_row(&a->left, y), disparity_row(&b->left, y), 2 * width) ==
              0);
        check(memcmp(disparity_row(&a->right, y), disparity_row(&b->right, y),
                     2 * width) == 0);
        check(memcmp(image_row(&a->uniqueness_margin, y),
                     image_row(&b->uniqueness_margin, y), width) == 0);
        check(memcmp(image_row(&a->cost, y), image_row(&b->cost, y), width) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER_BYTES)
        return 0;
    struct scratch scratch;
    struct disparity_map prior;
    struct match_output reference;
    struct match_output fast;
    struct reader reader = {data + HEADER_BYTES, size - HEADER_BYTES, 0};
    struct po_match_settings settings = settings_of(data);
    int width = 1 + data[0] % 90;
    int height = 1 + data[1] % 24;
    struct match_input input = {
        .range = {(int8_t)data[2] * 9, 16 * (1 + data[3] % 20)},
    };
    if (scratch_init(&scratch, ARENA_BYTES, NULL) != PO_OK)
        return 0;
    take(&scratch, width, height, 1, &input.left, &reader);
    take(&scratch, width, height, 1, &input.right, &reader);
    take(&scratch, width, height, data[7] % 2 == 0 ? 1 : 3, &input.guide, &reader);
    if (settings.level == PO_SGM_QUALITY && data[8] % 2 == 1)
        take_prior(&scratch, &input, &prior, &reader);
    size_t budget = data[9] % 2 == 0 ? 0 : (size_t)data[10] << 13;
    if (match(settings, PO_CPU_SCALAR, budget, &input, &scratch, &reference) &&
        match(settings, PO_CPU_AUTO, budget, &input, &scratch, &fast))
        compare(&reference, &fast);
    scratch_release(&scratch);
    return 0;
}
