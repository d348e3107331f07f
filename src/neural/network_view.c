/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_view.h"

#include <math.h>

#include "base/number.h"

/* The tile of a picture that is being packed, and its lines of floats. */
struct packing {
    const struct network_picture *picture;
    const struct network_fit *fit;
    const struct network_tile *tile;
    float *wide; /* a row of source pixels, summed over its rows */
    float *line; /* a row at the network's scale */
};

size_t network_view_pack_bytes(const struct network_picture *picture)
{
    size_t row = scratch_array_size((size_t)picture->width_px * (size_t)picture->channels,
                                    sizeof(float));
    return scratch_sum(row, row);
}

static const uint8_t *source_pixel(const struct packing *packing, int x, int y)
{
    const struct network_picture *picture = packing->picture;
    int row = clamp(packing->tile->y + y, 0, picture->height_px - 1);
    int column = clamp(packing->tile->x + x, 0, picture->width_px - 1);
    if (picture->mirrored)
        column = picture->width_px - 1 - column;
    return picture->pixels + row * picture->stride_bytes +
           (ptrdiff_t)column * picture->channels;
}

/* Pixels a tile covers before it is scaled. */
static int source_width(const struct packing *packing)
{
    return packing->fit->scale_x < 1.0 ? packing->picture->width_px
                                       : packing->fit->width_px;
}

static void add_source_row(const struct packing *packing, int y, float weight)
{
    int channels = packing->picture->channels;
    int width = source_width(packing);
    for (int x = 0; x < width; x++) {
        const uint8_t *pixel = source_pixel(packing, x, y);
        for (int c = 0; c < channels; c++)
            packing->wide[x * channels + c] += weight * (float)pixel[c];
    }
}

/* The rows that row `y` of the scaled picture covers, each by its share. */
static void sum_rows(const struct packing *packing, int y)
{
    double from = y / packing->fit->scale_y;
    double to = (y + 1) / packing->fit->scale_y;
    int count = source_width(packing) * packing->picture->channels;
    for (int i = 0; i < count; i++)
        packing->wide[i] = 0.0F;
    for (int row = (int)from; row < to; row++) {
        double share = fmin(row + 1, to) - fmax(row, from);
        if (share > 1e-6)
            add_source_row(packing, row, (float)(share / (to - from)));
    }
}

static void sum_columns(const struct packing *packing)
{
    int channels = packing->picture->channels;
    double step = 1.0 / packing->fit->scale_x;
    for (int x = 0; x < packing->fit->width_px; x++) {
        double from = x * step, to = (x + 1) * step;
        float sums[3] = {0.0F, 0.0F, 0.0F};
        for (int column = (int)from; column < to; column++) {
            double share = fmin(column + 1, to) - fmax(column, from);
            int at = clamp(column, 0, source_width(packing) - 1);
            for (int c = 0; c < channels; c++)
                sums[c] += (float)(share / step) * packing->wide[at * channels + c];
        }
        for (int c = 0; c < channels; c++)
            packing->line[x * channels + c] = sums[c];
    }
}

/* One row of the tile at the network's scale, 0..255. */
static void make_line(const struct packing *packing, int y)
{
    if (packing->fit->scale_x < 1.0 || packing->fit->scale_y < 1.0) {
        sum_rows(packing, y);
        sum_columns(packing);
        return;
    }
    int channels = packing->picture->channels;
    for (int x = 0; x < packing->fit->width_px; x++)
        for (int c = 0; c < channels; c++)
            packing->line[x * channels + c] = (float)source_pixel(packing, x, y)[c];
}

/* BT.601, as image_to_grey. */
static float grey_of(const float *rgb)
{
    return (4899.0F * rgb[0] + 9617.0F * rgb[1] + 1868.0F * rgb[2]) / 16384.0F;
}

static float channel_of(const float *pixel, int channels,
                        const struct network_model *model, int channel)
{
    if (channels == 1)
        return pixel[0];
    if (model->channels == 1)
        return grey_of(pixel);
    return pixel[model->bgr ? 2 - channel : channel];
}

/* Mean and deviation are given in the order of the channels fed. */
static void store_line(const struct packing *packing, const struct network_model *model,
                       int row, const struct network_slice *slice)
{
    const struct network_fit *fit = packing->fit;
    size_t width = (size_t)fit->tensor_width_px;
    size_t plane = width * (size_t)fit->tensor_height_px;
    size_t step = model->channels_last ? (size_t)slice->channels : 1;
    size_t channel_step = model->channels_last ? 1 : plane;
    ptrdiff_t channels = packing->picture->channels;
    for (int c = 0; c < model->channels; c++) {
        size_t channel = (size_t)slice->first + (size_t)c;
        float *to = slice->tensor + channel * channel_step + (size_t)row * width * step;
        for (int x = 0; x < fit->tensor_width_px; x++) {
            int at = clamp(x - fit->left, 0, fit->width_px - 1);
            float value =
                channel_of(&packing->line[at * channels], (int)channels, model, c);
            to[(size_t)x * step] =
                (value * model->scale - model->mean[c]) / model->deviation[c];
        }
    }
}

enum po_status network_view_pack(const struct network_picture *picture,
                                 const struct network_part *part,
                                 const struct network_slice *slice,
                                 struct scratch *scratch, struct po_error *error)
{
    const struct network_fit *fit = part->fit;
    size_t mark = scratch_mark(scratch);
    size_t count = (size_t)picture->width_px * (size_t)picture->channels;
    struct packing packing = {.picture = picture, .fit = fit, .tile = part->tile};
    packing.wide = scratch_take_array(scratch, count, sizeof(float));
    packing.line = scratch_take_array(scratch, count, sizeof(float));
    if (packing.wide == NULL || packing.line == NULL)
        return scratch_exhausted(scratch, "a network's input", error);
    int held = -1;
    for (int row = 0; row < fit->tensor_height_px; row++) {
        int y = clamp(row - fit->top, 0, fit->height_px - 1);
        if (y != held)
            make_line(&packing, y);
        held = y;
        store_line(&packing, part->model, row, slice);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}

/* The output as rows, columns and where a value lies. */
struct output_grid {
    const float *data;
    int width;
    int height;
    ptrdiff_t column_step;
    ptrdiff_t row_step;
};

enum { OUTPUT_CHANNELS_MAX = 16 };

/* Channels stand before the rows, or behind the columns. */
static bool read_grid(const struct network_result *result, int channel,
                      struct output_grid *grid)
{
    int rank = result->rank;
    if (rank < 2 || rank > 4 || (rank == 4 && result->shape[0] != 1))
        return false;
    const int64_t *shape = result->shape + (rank == 4 ? 1 : 0);
    int64_t channels = 1, height = shape[0], width = shape[1];
    bool first = rank > 2 && shape[0] <= OUTPUT_CHANNELS_MAX;
    if (rank > 2) {
        channels = first ? shape[0] : shape[2];
        height = first ? shape[1] : shape[0];
        width = first ? shape[2] : shape[1];
    }
    if (channel >= channels || height < 1 || width < 1 || height > INT16_MAX ||
        width > INT16_MAX)
        return false;
    ptrdiff_t step = first ? 1 : (ptrdiff_t)channels;
    *grid = (struct output_grid){
        .data = result->data +
                (first ? (ptrdiff_t)channel * (ptrdiff_t)(height * width) : channel),
        .width = (int)width,
        .height = (int)height,
        .column_step = step,
        .row_step = (ptrdiff_t)width * step,
    };
    return true;
}

static float grid_at(const struct output_grid *grid, int x, int y)
{
    x = clamp(x, 0, grid->width - 1);
    y = clamp(y, 0, grid->height - 1);
    return grid->data[y * grid->row_step + x * grid->column_step];
}

/* Between four values where they are within a step of each other; else the nearest. */
static float grid_between(const struct output_grid *grid, double x, double y)
{
    int x0 = (int)floor(x), y0 = (int)floor(y);
    float nearest = grid_at(grid, (int)floor(x + 0.5), (int)floor(y + 0.5));
    float a = grid_at(grid, x0, y0), b = grid_at(grid, x0 + 1, y0);
    float c = grid_at(grid, x0, y0 + 1), d = grid_at(grid, x0 + 1, y0 + 1);
    float low = fminf(fminf(a, b), fminf(c, d)), high = fmaxf(fmaxf(a, b), fmaxf(c, d));
    if (!isfinite(a + b + c + d) || high - low > 1.0F + 0.02F * fabsf(nearest))
        return nearest;
    float right = (float)(x - x0), down = (float)(y - y0);
    return (1.0F - down) * (a + right * (b - a)) + down * (c + right * (d - c));
}

enum po_status network_view_unpack(const struct network_result *result,
                                   const struct network_part *part, bool mirrored,
                                   struct network_map *map, struct po_error *error)
{
    const struct network_model *model = part->model;
    const struct network_fit *fit = part->fit;
    const struct network_tile *tile = part->tile;
    struct output_grid grid;
    if (!read_grid(result, model->output_channel, &grid))
        return po_fail(error, PO_UNSUPPORTED,
                       "the network's output of %d dimensions (%lld x %lld x %lld x "
                       "%lld) holds no map in channel %d",
                       result->rank, (long long)result->shape[0],
                       (long long)result->shape[1], (long long)result->shape[2],
                       (long long)result->shape[3], model->output_channel);
    double to_x = (double)grid.width / fit->tensor_width_px;
    double to_y = (double)grid.height / fit->tensor_height_px;
    for (int y = tile->own_top; y < tile->own_bottom; y++)
        for (int x = tile->own_left; x < tile->own_right; x++) {
            double at_x = (x - tile->x + 0.5) * fit->scale_x + fit->left;
            double at_y = (y - tile->y + 0.5) * fit->scale_y + fit->top;
            float value = grid_between(&grid, at_x * to_x - 0.5, at_y * to_y - 0.5);
            int column = mirrored ? map->width_px - 1 - x : x;
            map->values[(size_t)y * (size_t)map->width_px + (size_t)column] =
                isfinite(value) ? value : NAN;
        }
    return PO_OK;
}
