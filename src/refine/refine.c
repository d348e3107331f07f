/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/refine.h"

#include <string.h>

#include "refine/steps.h"

size_t refine_scratch_bytes(const struct po_settings *settings, int width_px,
                            int height_px, int guide_channels,
                            struct disparity_range range)
{
    (void)settings;
    (void)width_px;
    (void)height_px;
    (void)guide_channels;
    (void)range;
    return 0;
}

size_t refine_library_bytes(const struct po_settings *settings, int width_px,
                            int height_px)
{
    (void)settings;
    (void)width_px;
    (void)height_px;
    return 0;
}

size_t refine_output_bytes(int width_px, int height_px)
{
    size_t images = image_view_bytes(width_px, height_px, 1);
    return scratch_sum(disparity_map_bytes(width_px, height_px),
                       scratch_sum(images, scratch_sum(images, images)));
}

enum po_status refine_take_output(struct scratch *scratch, int width_px, int height_px,
                                  struct refine_output *output, struct po_error *error)
{
    struct image_view *views[] = {&output->classes, &output->confidence, &output->sigma};
    enum po_status status =
        disparity_map_take(scratch, width_px, height_px, &output->map, error);
    for (int i = 0; i < 3 && status == PO_OK; i++)
        status = image_view_take(scratch, width_px, height_px, 1, views[i], error);
    return status;
}

static void copy_map(const struct disparity_map *source, struct disparity_map *target)
{
    for (int y = 0; y < source->height_px; y++)
        memcpy(disparity_row(target, y), disparity_row(source, y),
               (size_t)source->width_px * sizeof(int16_t));
}

/* Classes of the checked map: what is left is measured. */
static uint64_t classify(const struct disparity_map *map, struct image_view *classes)
{
    uint64_t measured = 0;
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        uint8_t *to = image_row(classes, y);
        for (int x = 0; x < map->width_px; x++) {
            bool valid = row[x] != DISPARITY_INVALID;
            to[x] = valid ? PIXEL_MEASURED : PIXEL_FILLED_OCCLUSION;
            measured += valid;
        }
    }
    return measured;
}

/* Takes away what nobody asked for: filled pixels, and those rectification never saw. */
static void cut_output(const struct refine_input *input, bool keep_filled,
                       struct refine_output *output)
{
    for (int y = 0; y < output->map.height_px; y++) {
        int16_t *row = disparity_row(&output->map, y);
        uint8_t *classes = image_row(&output->classes, y);
        const uint8_t *seen = input->seen.pixels ? image_row(&input->seen, y) : NULL;
        for (int x = 0; x < output->map.width_px; x++) {
            bool keep = classes[x] == PIXEL_MEASURED || keep_filled;
            if (keep && (seen == NULL || seen[x] != 0))
                continue;
            row[x] = DISPARITY_INVALID;
            classes[x] = PIXEL_NONE;
        }
        uint8_t *confidence = image_row(&output->confidence, y);
        uint8_t *sigma = image_row(&output->sigma, y);
        for (int x = 0; x < output->map.width_px; x++) {
            confidence[x] = classes[x] == PIXEL_MEASURED ? 255 : 0;
            sigma[x] = classes[x] == PIXEL_MEASURED ? 16 : 255;
        }
    }
}

enum po_status refine_run(const struct refine_input *input, struct match_output *match,
                          struct scratch *scratch, struct refine_output *output,
                          struct count_list *counts, struct po_error *error)
{
    (void)scratch;
    const struct po_settings *settings = input->settings;
    double max_difference_px = settings->match.left_right_max_diff_px;
    if (match->right.values != NULL && max_difference_px >= 0)
        count_list_add(counts, "left_right_dropped",
                       left_right_check(&match->left, &match->right,
                                        (int)(max_difference_px * DISPARITY_SCALE)));
    if (cancel_requested(input->cancel))
        return po_fail(error, PO_CANCELLED, "cancelled");
    count_list_add(counts, "measured", classify(&match->left, &output->classes));
    if (fill_background(&match->left))
        median_5x5(&match->left, &output->map);
    else
        copy_map(&match->left, &output->map);
    cut_output(input,
               settings->refine.fill != PO_FILL_NONE &&
                   settings->refine.refine != PO_REFINE_NONE &&
                   (output->map.values[0] != DISPARITY_INVALID),
               output);
    return PO_OK;
}
