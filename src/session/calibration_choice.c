/* SPDX-License-Identifier: Apache-2.0 */
#include "session/calibration_choice.h"

#include <stdlib.h>

#include "calib/calibration_file.h"
#include "session/calibration_agreement.h"

bool calibration_is_meant(const struct calibration_candidate *candidate,
                          enum po_status status)
{
    return candidate->named || status == PO_BAD_CALIBRATION ||
           (candidate->likely && status != PO_UNSUPPORTED);
}

struct choice {
    const struct candidate_list *list;
    const struct calibration_request *request;
    const int *image_px;
    struct calibration *scratch; /* the one being read */
    struct warning_list *warnings;
    int best; /* -1: none */
    enum calibration_fit fit;
    bool disagreed;           /* with another one at its distance */
    struct calibration taken; /* the best one, ready for the images */
    struct po_error wrong;    /* the first near one whose values are wrong */
};

/* Well-known names promise the same; others by their rank. */
static int promise_of(const struct calibration_candidate *candidate)
{
    return candidate->rank < WELL_KNOWN_BELOW ? 0 : candidate->rank;
}

static void name_unusable(struct choice *c, const struct calibration_candidate *candidate,
                          enum po_status status, const struct po_error *cause)
{
    if (calibration_is_meant(candidate, status))
        warning_list_add(c->warnings, "not used: %s", cause->message);
    if (status == PO_BAD_CALIBRATION && candidate->distance <= NEAR_DISTANCE &&
        c->wrong.status == PO_OK)
        c->wrong = *cause;
}

/* Takes the calibration in `scratch` into account. */
static void weigh(struct choice *c, int index, enum calibration_fit fit)
{
    const struct calibration_candidate *candidate = &c->list->candidates[index];
    if (c->best < 0 || fit > c->fit) {
        c->best = index;
        c->fit = fit;
        c->disagreed = false;
        c->taken = *c->scratch;
        return;
    }
    const struct calibration_candidate *best = &c->list->candidates[c->best];
    if (fit < c->fit || c->disagreed || promise_of(candidate) != promise_of(best) ||
        !calibrations_disagree(&c->taken, c->scratch))
        return;
    char text[WARNING_BYTES];
    c->disagreed = true;
    calibration_difference(&c->taken, c->scratch, text, (int)sizeof(text));
    warning_list_add(c->warnings,
                     "no calibration is taken: %s and %s lie equally near and disagree; "
                     "name one with --calibration",
                     best->path, candidate->path);
    warning_list_add(c->warnings, "%s: %s", candidate->path, text);
}

static enum po_status look_at(struct choice *c, int index, struct po_error *error)
{
    const struct calibration_candidate *candidate = &c->list->candidates[index];
    struct po_error cause = {0};
    enum po_status status =
        calibration_read(candidate->path, c->request, c->scratch, &cause);
    bool is_unreadable = status == PO_IO && candidate->distance <= NEAR_DISTANCE;
    if (status == PO_OUT_OF_MEMORY || status == PO_BAD_ARGUMENT || is_unreadable)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK) {
        name_unusable(c, candidate, status, &cause);
        return PO_OK;
    }
    enum calibration_fit fit =
        calibration_fit_of(c->scratch, c->image_px[0], c->image_px[1], &cause);
    if (fit == FITS_NOT && candidate->distance > NEAR_DISTANCE)
        return PO_OK; /* of some other session */
    if (fit == FITS_NOT)
        warning_list_add(c->warnings, "%s", cause.message);
    weigh(c, index, fit);
    return PO_OK;
}

static enum po_status choose(struct choice *c, int *chosen, struct po_error *error)
{
    const struct calibration_candidate *candidates = c->list->candidates;
    for (int i = 0; i < c->list->count; i++) {
        if (c->best >= 0 && c->fit > FITS_NOT &&
            candidates[c->best].distance < candidates[i].distance)
            break;
        enum po_status status = look_at(c, i, error);
        if (status != PO_OK)
            return status;
    }
    *chosen = c->disagreed ? -1 : c->best;
    if (c->best < 0 && c->wrong.status != PO_OK)
        return po_fail(error, PO_BAD_CALIBRATION, "%s", c->wrong.message);
    return PO_OK;
}

enum po_status calibration_choose(const struct candidate_list *list,
                                  const struct wanted_calibration *wanted,
                                  struct calibration *scratch, int *chosen,
                                  struct warning_list *warnings, struct po_error *error)
{
    struct choice *c = calloc(1, sizeof(*c));
    *chosen = -1;
    if (c == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to read calibrations");
    c->list = list;
    c->request = wanted->request;
    c->image_px = wanted->image_px;
    c->scratch = scratch;
    c->warnings = warnings;
    c->best = -1;
    enum po_status status = choose(c, chosen, error);
    free(c);
    return status;
}
