/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/confidence_curve.h"

#include <math.h>

/* What has been taken, surest first. */
struct taken {
    double pixels, wrong;
    double area; /* of the wrong share over the pixels taken */
};

/* Takes `count` more pixels of one level; a span wide enough to matter is cut in steps.
 */
static void take(struct taken *taken, double count, double wrong_share)
{
    enum { STEPS = 64 };
    for (int i = 0; i < STEPS && count > 0; i++) {
        double middle = count / STEPS / 2;
        double wrong = taken->wrong + middle * wrong_share;
        taken->area += count / STEPS * wrong / (taken->pixels + middle);
        taken->pixels += count / STEPS;
        taken->wrong += count / STEPS * wrong_share;
    }
}

static double left_at(const struct curve_sum *sum, int level, double used)
{
    return (double)sum->measured[level] - used;
}

struct confidence_curve confidence_curve_make(const struct curve_sum *sum)
{
    struct confidence_curve curve = {.present = sum->pixels > 0};
    struct taken taken = {0};
    int level = CURVE_LEVELS - 1;
    double used = 0; /* of this level */
    for (int i = 0; i < CURVE_COVERAGES; i++) {
        double wanted = (double)sum->pixels * (i + 1) / CURVE_COVERAGES;
        while (level >= 0 && taken.pixels < wanted) {
            double share = sum->measured[level] > 0
                               ? (double)sum->wrong[level] / (double)sum->measured[level]
                               : 0;
            double count = fmin(left_at(sum, level, used), wanted - taken.pixels);
            double before = taken.pixels;
            take(&taken, count, share);
            taken.pixels = before + count; /* steps do not add up to the last bit */
            used += count;
            if (left_at(sum, level, used) > 0)
                break;
            level--;
            used = 0;
        }
        bool reached = taken.pixels >= wanted && wanted > 0;
        curve.bad2[i] = reached ? 100 * taken.wrong / taken.pixels : NAN;
    }
    curve.area = taken.pixels > 0 ? 100 * taken.area / taken.pixels : NAN;
    return curve;
}

double confidence_curve_area_to(const struct curve_sum *sum, double coverage)
{
    struct taken taken = {0};
    double wanted = coverage * (double)sum->pixels;
    for (int level = CURVE_LEVELS - 1; level >= 0 && taken.pixels < wanted; level--)
        if (sum->measured[level] > 0) {
            double measured = (double)sum->measured[level];
            take(&taken, fmin(measured, wanted - taken.pixels),
                 (double)sum->wrong[level] / measured);
        }
    /* Steps do not add up to the last bit. */
    bool reached = taken.pixels >= wanted * (1 - 1e-9) && wanted > 0;
    return reached ? 100 * taken.area / taken.pixels : NAN;
}
