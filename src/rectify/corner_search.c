/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/corner_search.h"

#include <math.h>
#include <string.h>

enum {
    CORNER_SIDE = 2 * CORNER_PATCH_PX + 1,
    REGION_SIDE = CORNER_SIDE + 2 * SEARCH_PX,
    CORNER_LANES = 16, /* rows of vectors: zeros beyond the patch */
    REGION_LANES = CORNER_LANES + 2 * SEARCH_PX, /* read from each place on */
};

struct patch {
    int16_t rows[CORNER_SIDE][CORNER_LANES];
};

struct region {
    int16_t rows[REGION_SIDE][REGION_LANES];
};

/* Sums of grey and of its square over a patch. */
struct patch_sums {
    int32_t grey, square;
};

static void load_rows(const struct image_view *image, int left, int top, int side,
                      int lanes, int16_t *rows)
{
    memset(rows, 0, (size_t)side * (size_t)lanes * sizeof(*rows));
    for (int y = 0; y < side; y++) {
        const uint8_t *from = image_row(image, top + y) + left;
        int16_t *to = rows + (ptrdiff_t)y * lanes;
        for (int x = 0; x < side; x++)
            to[x] = from[x];
    }
}

/* Of each column of the region, from row `top` on. */
static void sum_columns(const struct region *region, int top,
                        struct patch_sums columns[REGION_SIDE])
{
    int32_t grey[REGION_LANES] = {0}, square[REGION_LANES] = {0};
    for (int y = top; y < top + CORNER_SIDE; y++)
        for (int x = 0; x < REGION_LANES; x++) {
            grey[x] += region->rows[y][x];
            square[x] += region->rows[y][x] * region->rows[y][x];
        }
    for (int x = 0; x < REGION_SIDE; x++)
        columns[x] = (struct patch_sums){grey[x], square[x]};
}

static struct patch_sums sum_patch(const struct patch_sums *columns)
{
    struct patch_sums sums = {0, 0};
    for (int x = 0; x < CORNER_SIDE; x++) {
        sums.grey += columns[x].grey;
        sums.square += columns[x].square;
    }
    return sums;
}

static int32_t sum_products(const struct patch *patch, const struct region *region,
                            int left, int top)
{
    int32_t sum = 0;
    for (int y = 0; y < CORNER_SIDE; y++) {
        const int16_t *a = patch->rows[y], *b = region->rows[top + y] + left;
        for (int x = 0; x < CORNER_LANES; x++)
            sum += a[x] * b[x];
    }
    return sum;
}

static double correlation(struct patch_sums a, struct patch_sums b, int64_t products)
{
    const int64_t n = (int64_t)CORNER_SIDE * CORNER_SIDE;
    double variance_a = (double)(n * a.square - (int64_t)a.grey * a.grey);
    double variance_b = (double)(n * b.square - (int64_t)b.grey * b.grey);
    if (variance_a <= 0 || variance_b <= 0)
        return 0;
    return (double)(n * products - (int64_t)a.grey * b.grey) /
           sqrt(variance_a * variance_b);
}

void corner_search(const struct image_view *left, int x, int y,
                   const struct image_view *right, int right_x,
                   double scores[SEARCH_SIDE][SEARCH_SIDE])
{
    const int reach = CORNER_PATCH_PX + SEARCH_PX;
    struct patch patch;
    struct region region;
    load_rows(left, x - CORNER_PATCH_PX, y - CORNER_PATCH_PX, CORNER_SIDE, CORNER_LANES,
              patch.rows[0]);
    load_rows(right, right_x - reach, y - reach, REGION_SIDE, REGION_LANES,
              region.rows[0]);
    struct patch_sums here = {0, 0};
    for (int row = 0; row < CORNER_SIDE; row++)
        for (int i = 0; i < CORNER_LANES; i++) {
            here.grey += patch.rows[row][i];
            here.square += patch.rows[row][i] * patch.rows[row][i];
        }
    for (int j = 0; j < SEARCH_SIDE; j++) {
        struct patch_sums columns[REGION_SIDE];
        sum_columns(&region, j, columns);
        for (int i = 0; i < SEARCH_SIDE; i++)
            scores[j][i] = correlation(here, sum_patch(columns + i),
                                       sum_products(&patch, &region, i, j));
    }
}
