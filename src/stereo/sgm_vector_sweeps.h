/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
/*
 * The sweeps of semi-global matching over the vectors of an instruction set. Included by
 * each kernels_<level>.c after it has defined (sgm_vector_features.h needs some more):
 *
 *   vec, VEC_LANES          a register of VEC_LANES unsigned bytes, its lanes
 *   vec_load, vec_store     all lanes from and to memory, at any alignment
 *   vec_set, vec_splat      one value in every lane; splat reads it from memory
 *   vec_table, vec_lookup   16 bytes in every 16 lanes; lane j becomes table[index j],
 *                           where each index is 0..15
 *   vec_add, vec_adds       sum modulo 256, sum that saturates at 255
 *   vec_sub                 difference modulo 256
 *   vec_min, vec_avg        lane by lane; avg is (a + b + 1) / 2
 *   vec_eq                  255 where lanes are equal, else 0
 *   vec_or                  bits of both
 *   vec_select(mask, a, b)  a where the mask is 255, b where it is 0
 *   vec_keep(v)             v; the compiler may not reorder sums across it, which would
 *                           spill a dozen registers
 *   vec_from_below          lane j takes lane j - 1; 255 comes in
 *   vec_from_above          lane j takes lane j + 1; 255 comes in
 *   vec_min_all             the smallest lane in every lane
 *   vec_first_byte          lane 0
 *   vec_mask                which lanes are 255, as bits, the same number a lane
 *   mask_first, mask_has    the first such lane; whether one is
 *
 * `n` is the number of vectors of a pixel: a constant in the specialised copies, so that
 * path costs stay in registers from pixel to pixel. The rightward path, the downward path
 * and the sums run in one loop: the long chain of each pixel's minimum then hides behind
 * the independent work of the other two.
 */
/* clang-format on */
#ifndef STEREO_SGM_VECTOR_SWEEPS_H
#define STEREO_SGM_VECTOR_SWEEPS_H

#include "stereo/sgm_kernels.h"
#include "stereo/sgm_vector_costs.h"

struct path_terms {
    vec p1;
    vec smallest; /* of the pixel before on the path */
    vec p2;
};

/* One step of a path (Hirschmueller 2008, eq. 13). */
ALWAYS_INLINE vec path_vector(const struct path_terms *terms, vec below, vec here,
                              vec above, vec cost)
{
    vec beside = vec_adds(vec_min(below, above), terms->p1);
    vec rise = vec_sub(vec_min(here, beside), terms->smallest);
    return vec_adds(vec_min(rise, terms->p2), cost);
}

/* What the right-to-left path carries from pixel to pixel. */
struct backward_state {
    vec path[MAX_VECTORS];
    struct path_terms terms;
};

ALWAYS_INLINE void backward_pixel(const struct sgm_row *row, struct backward_state *state,
                                  int x, uint8_t *costs, const int n)
{
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    struct path_terms *terms = &state->terms;
    terms->p2 = vec_splat(row->p2_horizontal + x + 1);
    vec below = vec_from_below(state->path[n - 1]);
    const vec top = vec_from_above(state->path[0]);
    vec smallest = vec_set(255);
    for (int i = 0; i < n; i++) {
        const ptrdiff_t at = (ptrdiff_t)VEC_LANES * i;
        const vec here = state->path[i];
        const vec above = i + 1 < n ? state->path[i + 1] : top;
        const vec path = path_vector(terms, below, here, above, vec_load(costs + at));
        smallest = i == 0 ? path : vec_min(smallest, path);
        vec_store(costs + slots + at, path);
        state->path[i] = path;
        below = here;
    }
    terms->smallest = vec_min_all(smallest);
}

ALWAYS_INLINE struct path_terms vertical_terms(const struct sgm_row *row, int x)
{
    return (struct path_terms){.p1 = vec_set(row->p1_vertical),
                               .smallest = vec_splat(row->previous_min + x),
                               .p2 = vec_splat(row->p2_vertical + x)};
}

ALWAYS_INLINE void vertical_pixel(const struct sgm_row *row, int x, const uint8_t *costs,
                                  const int n)
{
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    const uint8_t *previous = row->previous + x * slots;
    uint8_t *vertical = row->vertical + x * slots;
    const struct path_terms terms = vertical_terms(row, x);
    vec here = vec_load(previous);
    vec below = vec_from_below(vec_load(previous + slots - VEC_LANES));
    const vec top = vec_from_above(here);
    vec smallest = vec_set(255);
    for (int i = 0; i < n; i++) {
        const ptrdiff_t at = (ptrdiff_t)VEC_LANES * i;
        const vec above = i + 1 < n ? vec_load(previous + at + VEC_LANES) : top;
        const vec path = path_vector(&terms, below, here, above, vec_load(costs + at));
        smallest = i == 0 ? path : vec_min(smallest, path);
        vec_store(vertical + at, path);
        below = here;
        here = above;
    }
    row->vertical_min[x] = vec_min_byte(smallest);
}

/* Both of the above, and the mean of their paths. */
ALWAYS_INLINE void upward_pixel(const struct sgm_row *row, struct backward_state *state,
                                int x, uint8_t *costs, const int n)
{
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    const uint8_t *previous = row->previous + x * slots;
    uint8_t *vertical = row->vertical + x * slots;
    const struct path_terms v = vertical_terms(row, x);
    struct path_terms *h = &state->terms;
    h->p2 = vec_splat(row->p2_horizontal + x + 1);
    vec below = vec_from_below(state->path[n - 1]);
    const vec top = vec_from_above(state->path[0]);
    vec v_here = vec_load(previous);
    vec v_below = vec_from_below(vec_load(previous + slots - VEC_LANES));
    const vec v_top = vec_from_above(v_here);
    vec h_smallest = vec_set(255);
    vec v_smallest = vec_set(255);
    for (int i = 0; i < n; i++) {
        const ptrdiff_t at = (ptrdiff_t)VEC_LANES * i;
        const vec cost = vec_load(costs + at);
        const vec here = state->path[i];
        const vec path =
            path_vector(h, below, here, i + 1 < n ? state->path[i + 1] : top, cost);
        const vec v_above = i + 1 < n ? vec_load(previous + at + VEC_LANES) : v_top;
        const vec up = path_vector(&v, v_below, v_here, v_above, cost);
        vec_store(costs + slots + at, vec_avg(path, up));
        vec_store(vertical + at, up);
        state->path[i] = path;
        h_smallest = i == 0 ? path : vec_min(h_smallest, path);
        v_smallest = i == 0 ? up : vec_min(v_smallest, up);
        below = here;
        v_below = v_here;
        v_here = v_above;
    }
    h->smallest = vec_min_all(h_smallest);
    row->vertical_min[x] = vec_min_byte(v_smallest);
}

/* The paths of a sweep from right to left, which makes costs. */
enum leftward_paths { LEFT_ALONE, UP_ALONE, LEFT_AND_UP };

/* Costs and paths of pixels x, x - 1, ...; those of the upward path alone stay in the
 * nearest cache. */
ALWAYS_INLINE void leftward_pixels(const struct sgm_row *row,
                                   struct backward_state *state, const uint8_t *tile,
                                   const int32_t *offsets, int x, const int n,
                                   const int pixels, const enum leftward_paths paths)
{
    uint8_t passing[MAX_BLOCK_PIXELS * MAX_SLOTS];
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    const int kept = paths == LEFT_ALONE ? 3 : 4;
    const struct cost_target target =
        paths == UP_ALONE ? (struct cost_target){passing, slots}
                          : (struct cost_target){pixel_states(row, x, n, kept),
                                                 -layout_states(kept) * slots};
    cost_pixels(row, tile, offsets, x, n, pixels, target);
    for (int j = 0; j < pixels; j++) {
        uint8_t *costs = target.to + j * target.step;
        if (paths == LEFT_ALONE)
            backward_pixel(row, state, x - j, costs, n);
        else if (paths == UP_ALONE)
            vertical_pixel(row, x - j, costs, n);
        else
            upward_pixel(row, state, x - j, costs, n);
    }
}

ALWAYS_INLINE void leftward_n(const struct sgm_row *shared, const int n, const int block,
                              const enum leftward_paths paths)
{
    const struct sgm_row row = *shared; /* the stores below cannot change a copy */
    struct backward_state state;
    state.terms.p1 = vec_set(row.p1_horizontal);
    state.terms.smallest = vec_set(0);
    for (int i = 0; i < n; i++)
        state.path[i] = vec_set(0); /* before the first pixel a path costs nothing */
    const uint8_t *tile = row.right;
    for (int end = row.width; end > 0; end -= row.tile_pixels, tile += row.tile_stride) {
        const int32_t *offsets = row.right_offsets;
        const int start = end > row.tile_pixels ? end - row.tile_pixels : 0;
        int x = end - 1;
        for (; x - block >= start - 1; x -= block, offsets += block)
            leftward_pixels(&row, &state, tile, offsets, x, n, block, paths);
        for (; x >= start; x--, offsets++)
            leftward_pixels(&row, &state, tile, offsets, x, n, 1, paths);
    }
}

ALWAYS_INLINE void backward_n(const struct sgm_row *row, const int n, const int block)
{
    leftward_n(row, n, block, LEFT_ALONE);
}

ALWAYS_INLINE void vertical_n(const struct sgm_row *row, const int n, const int block)
{
    leftward_n(row, n, block, UP_ALONE);
}

ALWAYS_INLINE void upward_n(const struct sgm_row *row, const int n, const int block)
{
    leftward_n(row, n, block, LEFT_AND_UP);
}

/* What the forward sweep carries from pixel to pixel. */
struct forward_state {
    vec path[MAX_VECTORS];       /* rightward */
    vec right_best[MAX_VECTORS]; /* of the right pixel each lane looks at */
    vec right_tag[MAX_VECTORS];
    vec tag; /* x modulo 256 in every lane */
    struct path_terms horizontal;
    struct path_terms vertical;
};

ALWAYS_INLINE void forward_begin(const struct sgm_row *row, struct forward_state *state,
                                 const int n)
{
    for (int i = 0; i < n; i++) {
        state->path[i] = vec_set(0);
        state->right_best[i] = vec_set(SUM_SATURATED);
        state->right_tag[i] = vec_set(255);
    }
    state->tag = vec_set(0);
    state->horizontal.p1 = vec_set(row->p1_horizontal);
    state->horizontal.smallest = vec_set(0);
    state->vertical.p1 = vec_set(row->p1_vertical);
}

/* Paths and their sums at pixel `x`; returns the smallest sum of each lane. */
ALWAYS_INLINE vec forward_paths(const struct sgm_row *row, struct forward_state *state,
                                int x, vec *sums, const int n, const int paths)
{
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    const uint8_t *costs = pixel_states(row, x, n, paths);
    uint8_t *sum_row = pixel_states(row, x, n, paths) + slots;
    uint8_t *vertical = paths == 3 ? sum_row + slots : row->down + x * slots;
    struct path_terms *h = &state->horizontal;
    struct path_terms *v = &state->vertical;
    h->p2 = vec_splat(row->p2_horizontal + x);
    v->smallest = vec_splat(row->down_min + x);
    v->p2 = vec_splat(row->p2_vertical + x);
    vec below = vec_from_below(state->path[n - 1]);
    const vec top = vec_from_above(state->path[0]);
    vec v_here = vec_load(vertical);
    vec v_below = vec_from_below(vec_load(vertical + slots - VEC_LANES));
    const vec v_top = vec_from_above(v_here);
    vec h_smallest = vec_set(255);
    vec v_smallest = vec_set(255);
    vec sum_smallest = vec_set(255);
    for (int i = 0; i < n; i++) {
        const ptrdiff_t at = (ptrdiff_t)VEC_LANES * i;
        const vec cost = vec_load(costs + at);
        const vec here = state->path[i];
        const vec path =
            path_vector(h, below, here, i + 1 < n ? state->path[i + 1] : top, cost);
        const vec v_above = i + 1 < n ? vec_load(vertical + at + VEC_LANES) : v_top;
        const vec down = path_vector(v, v_below, v_here, v_above, cost);
        const vec others = vec_load(sum_row + at);
        sums[i] = paths == 3 ? vec_adds(vec_adds(path, others), down)
                             : vec_adds(vec_avg(path, down), others);
        state->path[i] = path;
        vec_store(vertical + at, down);
        vec_store(sum_row + at, sums[i]);
        h_smallest = i == 0 ? path : vec_min(h_smallest, path);
        v_smallest = i == 0 ? down : vec_min(v_smallest, down);
        sum_smallest = i == 0 ? sums[i] : vec_min(sum_smallest, sums[i]);
        below = here;
        v_below = v_here;
        v_here = v_above;
    }
    h->smallest = vec_min_all(h_smallest);
    row->down_min[x] = vec_min_byte(v_smallest);
    return sum_smallest;
}

/* The lanes move up by one disparity a pixel, so each keeps looking at its right pixel;
 * the one that leaves at the top is done. Storing whole vectors towards falling addresses
 * leaves just their last lanes behind. */
ALWAYS_INLINE void forward_right(const struct sgm_row *row, struct forward_state *state,
                                 int x, const vec *sums, const int n)
{
    vec best = vec_from_below(state->right_best[n - 1]);
    vec tag = vec_from_below(state->right_tag[n - 1]);
    for (int i = 0; i < n; i++) {
        const vec next_best = state->right_best[i];
        const vec next_tag = state->right_tag[i];
        state->right_best[i] = vec_min(best, sums[i]);
        state->right_tag[i] =
            vec_select(vec_eq(state->right_best[i], best), tag, state->tag);
        best = next_best;
        tag = next_tag;
    }
    const ptrdiff_t position = row->width - 1 - x + (ptrdiff_t)VEC_LANES * (n - 1);
    vec_store(row->right_best + position, state->right_best[n - 1]);
    vec_store(row->right_tag + position, state->right_tag[n - 1]);
    state->tag = vec_add(state->tag, vec_set(1));
}

/* Right pixels still looked at when the row ends: position d is disparity d of its last.
 */
ALWAYS_INLINE void forward_flush(const struct sgm_row *row,
                                 const struct forward_state *state, const int n)
{
    uint8_t best[VEC_LANES];
    uint8_t tag[VEC_LANES];
    for (int i = 0; i < n; i++) {
        vec_store(best, state->right_best[i]);
        vec_store(tag, state->right_tag[i]);
        for (int j = 0; j < VEC_LANES; j++) {
            row->right_best[j * n + i] = best[j];
            row->right_tag[j * n + i] = tag[j];
        }
    }
}

/* The first disparity whose sum is `smallest`: its lane is the first that any vector has
 * it in, its vector the first that has it in the lane. `lanes` are the smallest sums by
 * lane. Without branches, which would be taken at random. */
ALWAYS_INLINE int first_disparity(const uint8_t *sum_row, vec lanes, vec smallest,
                                  const int n)
{
    const int lane = mask_first(vec_mask(vec_eq(lanes, smallest)));
    const uint8_t *column = sum_row + lane;
    const uint8_t value = vec_first_byte(smallest);
    int vector = n - 1;
    for (int i = n - 2; i >= 0; i--)
        vector = column[(ptrdiff_t)VEC_LANES * i] == value ? i : vector;
    return lane * n + vector;
}

ALWAYS_INLINE void forward_winner(const struct sgm_row *row, int x, const vec *sums,
                                  vec lanes, const int n, const int paths,
                                  struct winner_chunk *chunk, int k)
{
    const uint8_t *sum_row = pixel_states(row, x, n, paths) + (ptrdiff_t)n * VEC_LANES;
    const vec smallest = vec_min_all(lanes);
    const int winner = first_disparity(sum_row, lanes, smallest, n);
    const uint16_t *slots = row->winner_slots + (ptrdiff_t)2 * winner;
    chunk->winner[k] = (uint16_t)winner;
    chunk->best[k] = vec_first_byte(smallest);
    chunk->before[k] = sum_row[slots[0]];
    chunk->after[k] = sum_row[slots[1]];
    if (!row->wants_second)
        return;
    const uint16_t *excluded = row->excluded_offsets + (ptrdiff_t)n * winner;
    vec second = vec_set(255);
    for (int i = 0; i < n; i++) {
        const vec remaining = vec_or(sums[i], vec_load(row->excluded + excluded[i]));
        second = i == 0 ? remaining : vec_min(second, remaining);
    }
    chunk->second[k] = vec_min_byte(second);
}

ALWAYS_INLINE void forward_n(const struct sgm_row *shared, const int n, const int paths)
{
    const struct sgm_row row = *shared;
    struct forward_state state;
    forward_begin(&row, &state, n);
    struct winner_chunk *chunk = row.winners;
    for (int first = 0; first < row.width; first += WINNER_CHUNK, chunk++) {
        const int left = row.width - first;
        const int count = left < WINNER_CHUNK ? left : WINNER_CHUNK;
        for (int k = 0; k < count; k++) {
            const int x = first + k;
            vec sums[MAX_VECTORS];
            const vec lanes = forward_paths(&row, &state, x, sums, n, paths);
            forward_right(&row, &state, x, sums, n);
            forward_winner(&row, x, sums, lanes, n, paths, chunk, k);
        }
    }
    forward_flush(&row, &state, n);
}

ALWAYS_INLINE void forward_three(const struct sgm_row *row, const int n, const int block)
{
    (void)block;
    forward_n(row, n, 3);
}

ALWAYS_INLINE void forward_four(const struct sgm_row *row, const int n, const int block)
{
    (void)block;
    forward_n(row, n, 4);
}

/* A copy of KERNEL for each small number of vectors, with its arrays in registers or at
 * least fully unrolled; one that loops for the others. Sanitizers multiply the code of
 * each copy by ten, so their builds have but the loop, made of plain functions.
 *
 * The second number is how many pixels' costs are made at once: as many as their
 * registers allow. Vector i of pixel x - 1 looks at the right features of vector i + 1 of
 * pixel x, so a block of B pixels loads each plane n + B - 1 times instead of n B. */
#ifdef PO_SANITIZED
#define FOR_VECTORS(COUNT, KERNEL) KERNEL(row, COUNT, 2);
#else
#define CASE_VECTORS(COUNT, KERNEL, BLOCK)                                               \
    case COUNT:                                                                          \
        KERNEL(row, COUNT, BLOCK);                                                       \
        break;
#define FOR_VECTORS(COUNT, KERNEL)                                                       \
    switch (COUNT) {                                                                     \
        CASE_VECTORS(1, KERNEL, 4)                                                       \
        CASE_VECTORS(2, KERNEL, 4)                                                       \
        CASE_VECTORS(3, KERNEL, 3)                                                       \
        CASE_VECTORS(4, KERNEL, 2)                                                       \
        CASE_VECTORS(5, KERNEL, 2)                                                       \
        CASE_VECTORS(6, KERNEL, 2)                                                       \
        CASE_VECTORS(7, KERNEL, 2)                                                       \
        CASE_VECTORS(8, KERNEL, 2)                                                       \
    default:                                                                             \
        KERNEL(row, COUNT, 2);                                                           \
    }
#endif

static void backward_vectors(const struct sgm_row *row)
{
    FOR_VECTORS(row->layout.vectors, backward_n)
}

static void vertical_vectors(const struct sgm_row *row)
{
    FOR_VECTORS(row->layout.vectors, vertical_n)
}

static void upward_vectors(const struct sgm_row *row)
{
    FOR_VECTORS(row->layout.vectors, upward_n)
}

static void forward_vectors(const struct sgm_row *row)
{
    if (row->paths == 3)
        FOR_VECTORS(row->layout.vectors, forward_three)
    else
        FOR_VECTORS(row->layout.vectors, forward_four)
}

/* The sweeps over vectors whose vec functions are defined above. */
#define SGM_VECTOR_SWEEPS                                                                \
    {                                                                                    \
        .lanes = VEC_LANES, .backward = backward_vectors, .forward = forward_vectors,    \
        .vertical = vertical_vectors, .upward = upward_vectors,                          \
    }

/* The kernels of an instruction set, with `sweeps_vectors` for its sweeps. */
#define SGM_VECTOR_KERNELS(NAME, WIDE)                                                   \
    {                                                                                    \
        .name = (NAME), .sweeps = &sweeps_vectors, .wide_sweeps = (WIDE),                \
        .census = census_vectors, .census_interleave = census_interleave_vectors,        \
        .gradient = gradient_vectors, .penalty = penalty_vectors,                        \
        .disparities = disparities_vectors,                                              \
        .right_disparities = right_disparities_vectors,                                  \
        .uniqueness_margins = uniqueness_margins_vectors, .forest = forest_vectors,      \
    }

#endif
