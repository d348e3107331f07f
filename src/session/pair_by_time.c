/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two rows of time stamps, paired one to one, the nearest first.
 *
 * Both rows stand in one line in order of time. The nearest two of different sides are
 * always neighbours in it; taken out, their neighbours become neighbours. A heap holds
 * the gaps of neighbours, so n stamps take n log n steps, however wide the tolerance.
 */
#include <stdio.h>
#include <stdlib.h>

#include "session/time_stamps.h"

enum { NOBODY = -1 };

struct place {
    int64_t stamp_ns;
    int side;
    int index; /* in its list */
    int previous;
    int next;
    int partner; /* index in the other list */
};

struct gap {
    int64_t ns;
    int first; /* places in the line */
    int second;
};

struct time_line {
    int count;
    struct place *places;
    int gap_count;
    struct gap *gaps; /* a heap, the least on top; at most two a place were ever in it */
    int64_t tolerance_ns;
};

static bool is_less(const struct gap *a, const struct gap *b)
{
    return a->ns != b->ns ? a->ns < b->ns : a->first < b->first;
}

static void swap_gaps(struct gap *a, struct gap *b)
{
    struct gap other = *a;
    *a = *b;
    *b = other;
}

static void push_gap(struct time_line *line, int first, int second)
{
    if (first == NOBODY || second == NOBODY)
        return;
    const struct place *a = &line->places[first];
    const struct place *b = &line->places[second];
    int64_t ns = b->stamp_ns - a->stamp_ns;
    if (a->side == b->side || ns > line->tolerance_ns)
        return;
    int at = line->gap_count++;
    line->gaps[at] = (struct gap){ns, first, second};
    for (; at > 0 && is_less(&line->gaps[at], &line->gaps[(at - 1) / 2]);
         at = (at - 1) / 2)
        swap_gaps(&line->gaps[at], &line->gaps[(at - 1) / 2]);
}

static struct gap pop_gap(struct time_line *line)
{
    struct gap least = line->gaps[0];
    int at = 0;
    line->gaps[0] = line->gaps[--line->gap_count];
    for (;;) {
        int child = 2 * at + 1;
        if (child + 1 < line->gap_count &&
            is_less(&line->gaps[child + 1], &line->gaps[child]))
            child++;
        if (child >= line->gap_count || !is_less(&line->gaps[child], &line->gaps[at]))
            return least;
        swap_gaps(&line->gaps[child], &line->gaps[at]);
        at = child;
    }
}

static void line_fill(struct time_line *line, const struct stamped_list sides[2])
{
    int next[2] = {0, 0};
    for (int i = 0; i < line->count; i++) {
        bool left_ends = next[0] == sides[0].count;
        bool right_ends = next[1] == sides[1].count;
        int side = left_ends || (!right_ends && sides[1].names[next[1]].stamp_ns <
                                                    sides[0].names[next[0]].stamp_ns);
        line->places[i] =
            (struct place){.stamp_ns = sides[side].names[next[side]].stamp_ns,
                           .side = side,
                           .index = next[side]++,
                           .previous = i - 1,
                           .next = i + 1 < line->count ? i + 1 : NOBODY,
                           .partner = NOBODY};
    }
    for (int i = 0; i + 1 < line->count; i++)
        push_gap(line, i, i + 1);
}

/* Takes two neighbours out of the line. */
static void take_out(struct time_line *line, int first, int second)
{
    struct place *a = &line->places[first];
    struct place *b = &line->places[second];
    a->partner = b->index;
    b->partner = a->index;
    if (a->previous != NOBODY)
        line->places[a->previous].next = b->next;
    if (b->next != NOBODY)
        line->places[b->next].previous = a->previous;
    push_gap(line, a->previous, b->next);
}

static enum po_status line_tell(const struct time_line *line, struct pair_list *pairs,
                                const char *const folders[2],
                                const struct stamped_list sides[2],
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < line->count && status == PO_OK; i++) {
        const struct place *place = &line->places[i];
        const struct stamped_name *own = &sides[place->side].names[place->index];
        char key[32];
        (void)snprintf(key, sizeof(key), "%lld", (long long)own->stamp_ns);
        if (place->partner == NOBODY)
            status =
                pair_list_add_unmatched(pairs, folders[place->side], own->name, error);
        else if (place->side == SIDE_LEFT)
            status =
                pair_list_add(pairs, own->key != NULL ? own->key : key,
                              &(struct pair_paths){folders[0], own->name, folders[1],
                                                   sides[1].names[place->partner].name},
                              error);
    }
    return status;
}

static void line_pair(struct time_line *line, const struct stamped_list sides[2])
{
    line_fill(line, sides);
    while (line->gap_count > 0) {
        struct gap gap = pop_gap(line);
        if (line->places[gap.first].partner == NOBODY &&
            line->places[gap.second].partner == NOBODY)
            take_out(line, gap.first, gap.second);
    }
}

enum po_status pair_by_time(struct pair_list *pairs, const char *const folders[2],
                            const struct stamped_list sides[2], double tolerance_s,
                            struct po_error *error)
{
    struct time_line line = {.count = sides[0].count + sides[1].count,
                             .tolerance_ns = tolerance_s < 1e9
                                                 ? (int64_t)(tolerance_s * 1e9 + 0.5)
                                                 : INT64_MAX};
    enum po_status status = PO_OK;
    line.places = calloc((size_t)line.count + 1, sizeof(*line.places));
    line.gaps = calloc(2 * (size_t)line.count + 1, sizeof(*line.gaps));
    if (line.places == NULL || line.gaps == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to pair %d time stamps",
                         line.count);
    } else {
        line_pair(&line, sides);
        status = line_tell(&line, pairs, folders, sides, error);
    }
    free(line.places);
    free(line.gaps);
    return status;
}

double stamped_lists_gap_s(const struct stamped_list sides[2])
{
    double least_s = -1;
    for (int l = 0, r = 0; l < sides[0].count && r < sides[1].count;) {
        double gap_s =
            (double)(sides[1].names[r].stamp_ns - sides[0].names[l].stamp_ns) * 1e-9;
        bool right_is_later = gap_s > 0;
        gap_s = right_is_later ? gap_s : -gap_s;
        least_s = least_s < 0 || gap_s < least_s ? gap_s : least_s;
        l += right_is_later;
        r += !right_is_later;
    }
    return least_s;
}
