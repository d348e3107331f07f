/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_manifest.h"

#include "check/size_apart.h"
#include "session/image_samples.h"
#include "session/manifest_load.h"
#include "survey/halves_survey.h"

static enum po_status load(const struct po_settings *settings,
                           const struct po_input_settings *input,
                           struct manifest **manifest, struct po_error *error)
{
    const struct size_peek peek = size_apart(settings->run.frame_timeout_s);
    const struct manifest_request request = {input, settings->output.ground_truth,
                                             settings->output.ground_truth_scale,
                                             settings->run.in_process ? NULL : &peek};
    return manifest_load_as(&request, manifest, error);
}

/* Nobody said how the folder is laid out. */
static bool may_be_halves(const struct po_input_settings *input)
{
    return input->input != NULL && input->layout == NULL && input->left_glob == NULL &&
           input->right_glob == NULL;
}

static enum po_status survey_halves(const struct po_settings *settings,
                                    struct halves_survey *survey, struct po_error *error)
{
    struct image_samples samples;
    const char *paths[HALVES_SAMPLES];
    const struct engine_settings engine = engine_settings_alone(&settings->run);
    *survey = (struct halves_survey){0};
    enum po_status status =
        image_samples_find(settings->input.input, HALVES_SAMPLES, &samples, error);
    for (int i = 0; i < samples.count; i++)
        paths[i] = samples.paths[i];
    if (status == PO_OK && samples.count > 0)
        status = halves_survey_run(&engine, paths, samples.count, survey, error);
    image_samples_release(&samples);
    return status;
}

/* Whether most of the images that could be surveyed are two views. */
static bool are_halves(const struct po_settings *settings, struct halves_survey *survey)
{
    return survey_halves(settings, survey, NULL) == PO_OK &&
           2 * survey->pairs > survey->known;
}

static enum po_status load_halves(const struct po_settings *settings,
                                  const struct halves_survey *survey,
                                  struct manifest **manifest, struct po_error *error)
{
    struct po_input_settings input = settings->input;
    input.layout = "side-by-side";
    enum po_status status = load(settings, &input, manifest, error);
    if (status == PO_OK)
        warning_list_add(&(*manifest)->warnings,
                         "taken as two views side by side: the images are %d times %d "
                         "pixels, and %d of %d corners of the left half are in the right "
                         "one too (%d of %d images looked at); another --layout says "
                         "otherwise",
                         survey->first_pair.width_px, survey->first_pair.height_px,
                         survey->first_pair.agreeing, survey->first_pair.corners,
                         survey->pairs, survey->known);
    return status;
}

enum po_status session_manifest_load(const struct po_settings *settings,
                                     struct manifest **manifest, struct po_error *error)
{
    struct halves_survey survey;
    struct po_error unknown = {0};
    enum po_status status = load(settings, &settings->input, manifest, &unknown);
    bool doubtful =
        status == PO_BAD_SESSION || (status == PO_OK && (*manifest)->sides_are_digits);
    if (doubtful && may_be_halves(&settings->input) && are_halves(settings, &survey)) {
        manifest_destroy(*manifest);
        return load_halves(settings, &survey, manifest, error);
    }
    return status == PO_OK ? PO_OK : po_fail(error, status, "%s", unknown.message);
}
