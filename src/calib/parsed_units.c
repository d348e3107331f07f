/* SPDX-License-Identifier: Apache-2.0 */
/* Units, and the baseline that files state up to four times. */
#include <math.h>
#include <stdio.h>

#include "calib/matrix3.h"
#include "calib/parsed_calibration.h"

static void set_origin(struct calibration *calibration, const char *origin)
{
    (void)snprintf(calibration->unit_origin, sizeof(calibration->unit_origin), "%s",
                   origin);
}

static bool near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b));
}

/* Between an endoscope's and a wide mast's. */
static bool is_baseline_of_a_rig(double baseline_mm)
{
    static const double NARROWEST_MM = 2;
    static const double WIDEST_MM = 5000;
    return baseline_mm >= NARROWEST_MM && baseline_mm <= WIDEST_MM;
}

/* Millimetres or metres: squares may be of any size. */
static bool states_length(const struct parsed_calibration *parsed)
{
    return parsed->unit == PARSED_UNIT_MM || parsed->unit == PARSED_UNIT_M;
}

/* The unit the user named wins over the file's; a contradiction is worth a sentence.
 * Where it would make no rig and the unit that the format fixes makes one, that stays. */
static bool scale_of_request(const struct parsed_calibration *parsed,
                             const struct calibration_request *request, double length,
                             struct parsed_scale *scale, struct calibration *calibration)
{
    if (request == NULL || request->unit == PO_CALIB_UNIT_AUTO)
        return false;
    scale->unit = RIG_MM;
    scale->mm = request->unit == PO_CALIB_UNIT_MM  ? 1
                : request->unit == PO_CALIB_UNIT_M ? 1000
                                                   : request->square_mm;
    double stated = parsed->unit == PARSED_UNIT_M ? 1000 : 1;
    if (states_length(parsed) && scale->mm != stated &&
        !is_baseline_of_a_rig(length * scale->mm) &&
        is_baseline_of_a_rig(length * stated)) {
        warning_list_add(&calibration->warnings,
                         "%s: --calibration-unit is not followed: the format %s is in "
                         "%s, and by the option the cameras would stand %.6g mm apart",
                         calibration->path, calibration->format,
                         parsed->unit == PARSED_UNIT_M ? "metres" : "millimetres",
                         length * scale->mm);
        return false;
    }
    set_origin(calibration, "--calibration-unit");
    if (states_length(parsed) && scale->mm != stated)
        warning_list_add(&calibration->warnings,
                         "%s: the format %s is in %s, but --calibration-unit is followed",
                         calibration->path, calibration->format,
                         parsed->unit == PARSED_UNIT_M ? "metres" : "millimetres");
    return true;
}

/* A stereo rig is 1 cm to 1 m wide: |T| below 1 is metres, above 10 millimetres, between
 * them the squares of a calibration target. */
static struct parsed_scale scale_guess(double length, double square_mm,
                                       struct calibration *calibration)
{
    struct parsed_scale scale = {.mm = 1, .unit = RIG_MM};
    char square[64] = "";
    if (square_mm > 0)
        (void)snprintf(square, sizeof(square), " (the file states squares of %g mm)",
                       square_mm);
    set_origin(calibration, "guessed");
    if (length < 1) {
        scale.mm = 1000;
        warning_list_add(&calibration->warnings,
                         "%s: the unit is not stated; |T| = %.6g suggests metres; say "
                         "--calibration-unit m or mm",
                         calibration->path, length);
    } else if (length >= 10) {
        warning_list_add(&calibration->warnings,
                         "%s: the unit is not stated; |T| = %.6g suggests millimetres; "
                         "say --calibration-unit mm or m",
                         calibration->path, length);
    } else {
        scale.unit = RIG_SQUARES;
        warning_list_add(&calibration->warnings,
                         "%s: |T| = %.6g looks like chessboard squares%s, so lengths are "
                         "in squares; say --calibration-unit square:MM for millimetres",
                         calibration->path, length, square);
    }
    return scale;
}

struct parsed_scale parsed_scale_find(const struct parsed_calibration *parsed,
                                      const struct calibration_request *request,
                                      double length, struct calibration *calibration)
{
    struct parsed_scale scale = {.mm = 1, .unit = RIG_MM};
    if (scale_of_request(parsed, request, length, &scale, calibration))
        return scale;
    set_origin(calibration, "format");
    if (parsed->unit == PARSED_UNIT_SQUARES) {
        scale.unit = RIG_SQUARES;
        return scale;
    }
    if (parsed->unit != PARSED_UNIT_UNKNOWN) {
        scale.mm = parsed->unit == PARSED_UNIT_M ? 1000 : 1;
        return scale;
    }
    if (parsed->has_baseline && near(length, parsed->baseline_mm, 0.02)) {
        set_origin(calibration, "baseline_mm");
        return scale;
    }
    if (parsed->has_baseline && near(length * 1000, parsed->baseline_mm, 0.02)) {
        set_origin(calibration, "baseline_mm");
        scale.mm = 1000;
        return scale;
    }
    return scale_guess(length, parsed->square_mm, calibration);
}

static void warn_of_odd_baseline(double baseline_mm, struct calibration *calibration)
{
    if (calibration->unit != RIG_MM || is_baseline_of_a_rig(baseline_mm))
        return;
    warning_list_add(
        &calibration->warnings,
        "%s: the cameras would stand %.6g mm apart, which is hardly a stereo "
        "rig: a wrong unit? It is from %s; see --calibration-unit",
        calibration->path, baseline_mm, calibration->unit_origin);
}

struct baseline_claim {
    const char *name;
    double mm;
};

static int collect_claims(const struct parsed_calibration *parsed, double mm,
                          struct baseline_claim claims[4])
{
    int count = 0;
    const double *left = parsed->cameras[0].projection;
    const double *right = parsed->cameras[1].projection;
    if (parsed->has_translation)
        claims[count++] =
            (struct baseline_claim){"|T|", vector3_length(parsed->translation) * mm};
    if (parsed->cameras[0].has_projection && parsed->cameras[1].has_projection &&
        right[0] > 0)
        claims[count++] =
            (struct baseline_claim){"-P2[0][3]/f", (left[3] - right[3]) / right[0] * mm};
    if (parsed->has_q && parsed->q[14] != 0)
        claims[count++] = (struct baseline_claim){"1/Q[3][2]", 1 / parsed->q[14] * mm};
    if (parsed->has_baseline)
        claims[count++] = (struct baseline_claim){"baseline", parsed->baseline_mm};
    return count;
}

void parsed_compare_baselines(const struct parsed_calibration *parsed,
                              const struct parsed_scale *scale, double used_mm,
                              const char *used_name, struct calibration *calibration)
{
    struct baseline_claim claims[4];
    int count = collect_claims(parsed, scale->mm, claims);
    char text[256] = "";
    size_t used = 0;
    bool differ = false;
    bool thousand = false;
    for (int i = 0; i < count; i++) {
        double ratio = claims[i].mm / used_mm;
        differ |= !near(ratio, 1, 0.01);
        thousand |= near(fabs(ratio), 1000, 0.01) || near(fabs(ratio), 0.001, 0.01);
        int wrote = snprintf(text + used, sizeof(text) - used, "%s%s = %.6g",
                             i > 0 ? ", " : "", claims[i].name, claims[i].mm);
        if (wrote > 0 && (size_t)wrote < sizeof(text) - used)
            used += (size_t)wrote;
    }
    if (differ)
        warning_list_add(&calibration->warnings,
                         "the calibration contradicts itself on the baseline%s: %s %s; "
                         "%s is used",
                         thousand ? " (metres beside millimetres?)" : "", text,
                         scale->unit == RIG_SQUARES ? "squares" : "mm", used_name);
    warn_of_odd_baseline(used_mm, calibration);
}
