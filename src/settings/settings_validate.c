/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that hold between settings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "settings/penalty_limit.h"
#include "settings/settings_table.h"

/* "0,1": two different numbers. */
static bool names_two_cameras(const char *text)
{
    size_t first = strspn(text, "0123456789");
    if (first == 0 || first > 3 || text[first] != ',')
        return false;
    const char *rest = text + first + 1;
    size_t second = strspn(rest, "0123456789");
    return second > 0 && second <= 3 && rest[second] == '\0' &&
           strtol(text, NULL, 10) != strtol(rest, NULL, 10);
}

static enum po_status check_globs(const struct po_input_settings *input,
                                  struct po_error *error)
{
    if ((input->left_glob != NULL) != (input->right_glob != NULL))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--left-glob and --right-glob need each other");
    if (input->left_glob == NULL)
        return PO_OK;
    if (strcmp(input->left_glob, input->right_glob) == 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--left-glob and --right-glob are the same, %s: every image would "
                       "be paired with itself",
                       input->left_glob);
    if (input->layout != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--layout and --left-glob/--right-glob exclude each other");
    return PO_OK;
}

static enum po_status check_input(const struct po_input_settings *input,
                                  struct po_error *error)
{
    bool pair = input->left != NULL || input->right != NULL;
    if (input->input != NULL && pair)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--input and --left/--right exclude each other; give the session "
                       "directory or one pair");
    if (pair && (input->left == NULL || input->right == NULL))
        return po_fail(error, PO_BAD_ARGUMENT, "%s needs %s: a pair has two images",
                       input->left != NULL ? "--left" : "--right",
                       input->left != NULL ? "--right" : "--left");
    if (input->input == NULL && !pair)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "nothing to process; give --input DIR, or --left FILE and --right "
                       "FILE");
    if (input->cameras != NULL && !names_two_cameras(input->cameras))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--cameras %s: want two different numbers, left and right, such "
                       "as 0,1",
                       input->cameras);
    if (input->single_frame && input->frames != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--single-frame and --frames exclude each other");
    return check_globs(input, error);
}

static enum po_status check_sgm_penalties(const struct po_match_settings *match,
                                          struct po_error *error)
{
    if (match->matcher != PO_MATCHER_SGM)
        return PO_OK;
    if (match->p2 != PO_AUTO && match->p2 > SGM_P2_MAX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--p2: %d would overflow the matcher's 8-bit path costs; give at "
                       "most %d, or --matcher opencv",
                       match->p2, SGM_P2_MAX);
    if (match->p1 != PO_AUTO && match->p1 >= SGM_P2_MAX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--p1: %d leaves no room for a larger --p2 in 8-bit path costs; "
                       "give at most %d, or --matcher opencv",
                       match->p1, SGM_P2_MAX - 1);
    return PO_OK;
}

static enum po_status check_match(const struct po_match_settings *match,
                                  struct po_error *error)
{
    if (match->num_disparities != PO_AUTO && match->num_disparities % 16 != 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--num-disparities: %d is not a multiple of 16; give %d",
                       match->num_disparities, (match->num_disparities + 15) / 16 * 16);
    if (match->block_size_px % 2 == 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--block-size: %d is even; give an odd number, 1 to 11",
                       match->block_size_px);
    if (match->downscale == 3)
        return po_fail(error, PO_BAD_ARGUMENT, "--downscale: give 1, 2, 4 or auto");
    if (match->p1 != PO_AUTO && match->p2 != PO_AUTO && match->p1 >= match->p2)
        return po_fail(error, PO_BAD_ARGUMENT, "--p1: %d must be below --p2, which is %d",
                       match->p1, match->p2);
    if (match->max_depth_mm > 0 && match->min_depth_mm >= match->max_depth_mm)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--min-depth: %g must be below --max-depth, which is %g",
                       match->min_depth_mm, match->max_depth_mm);
    return check_sgm_penalties(match, error);
}

static enum po_status check_cloud(const struct po_cloud_settings *cloud,
                                  struct po_error *error)
{
    static const char axes[] = "xyz";
    for (size_t axis = 0; cloud->roi_given && axis < 3; axis++) {
        const double *bounds = &cloud->roi_mm[2 * axis];
        if (bounds[0] >= bounds[1])
            return po_fail(error, PO_BAD_ARGUMENT,
                           "--roi: on %c, %g must be below %g; give X0,X1,Y0,Y1,Z0,Z1",
                           axes[axis], bounds[0], bounds[1]);
    }
    /* Below this, cell numbers of any real scene overflow. */
    if (cloud->voxel_mm > 0 && cloud->voxel_mm < 1e-3)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--voxel: %g is too small; give at least 0.001, or 0 for none",
                       cloud->voxel_mm);
    return PO_OK;
}

/* What the parser does not let through may come from a program. */
static enum po_status check_quality(const struct po_output_settings *output,
                                    struct po_error *error)
{
    const int *region = output->quality_region_px;
    bool by_region = region[2] != 0;
    bool is_bounded = output->quality_percent >= 0 && output->quality_percent <= 100 &&
                      region[0] >= 0 && region[1] >= 0 && region[2] >= 0 &&
                      (by_region ? region[3] > 0 : region[3] == 0);
    if (!is_bounded || (by_region && output->quality_percent > 0))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--quality-check: the value is out of range; give WxH+X+Y, 1%% to "
                       "100%%, auto or none");
    if (output->true_distance_mm > 0 && !by_region && output->quality_percent <= 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--true-distance needs --quality-check: no flat target is looked "
                       "at");
    return PO_OK;
}

enum { SMALLEST_MEMORY = 1 << 16 };

static enum po_status check_run(const struct po_settings *settings,
                                struct po_error *error)
{
    const struct po_output_settings *output = &settings->output;
    const struct po_run_settings *run = &settings->run;
    if (run->shard_count > 0 && run->shard != PO_AUTO &&
        (run->shard < 1 || run->shard > run->shard_count))
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--shard %d/%d: there is no such part; the parts are 1/%d to %d/%d",
            run->shard, run->shard_count, run->shard_count, run->shard_count,
            run->shard_count);
    if (output->quiet && output->verbose > 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--quiet and --verbose exclude each other");
    if (settings->run.memory_limit_bytes > 0 &&
        settings->run.memory_limit_bytes < SMALLEST_MEMORY)
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--memory-limit: %llu bytes hold no frame; was %llu%% or %lluM meant?",
            (unsigned long long)settings->run.memory_limit_bytes,
            (unsigned long long)settings->run.memory_limit_bytes,
            (unsigned long long)settings->run.memory_limit_bytes);
    if (output->tolerance != NULL && output->baseline == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--tolerance needs --baseline: there is nothing to compare with");
    if (settings->run.force && settings->run.verify)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--force and --verify exclude each other: with --force nothing is "
                       "reused");
    return PO_OK;
}

static int choice_count(const struct setting_row *row)
{
    int count = 0;
    while (row->choices[count] != NULL)
        count++;
    return count;
}

static bool value_is_bounded(const struct setting_row *row, const void *field)
{
    int number = 0;
    if (row->kind == SETTING_INT || row->kind == SETTING_CHOICE)
        memcpy(&number, field, sizeof(number));
    if (row->kind == SETTING_INT)
        return (row->allow_auto && number == PO_AUTO) ||
               (number >= row->min && number <= row->max);
    if (row->kind == SETTING_CHOICE)
        return number >= 0 && number < choice_count(row);
    if (row->kind == SETTING_REAL || row->kind == SETTING_LENGTH) {
        double real = *(const double *)field;
        return isfinite(real) && real >= row->min && real <= row->max;
    }
    return true;
}

/* For settings that a program filled in, past the parser. */
static enum po_status check_bounds(const struct po_settings *settings,
                                   struct po_error *error)
{
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        if (!value_is_bounded(row, (const char *)settings + row->field))
            return po_fail(error, PO_BAD_ARGUMENT,
                           "--%s: the value is out of range; give %s", row->name,
                           row->argument);
    }
    return PO_OK;
}

/* A prior replaces plain fills: without those it has nothing to do. */
static enum po_status check_prior(const struct po_settings *settings,
                                  struct po_error *error)
{
    const struct po_network_settings *network = &settings->network;
    const struct po_refine_settings *refine = &settings->refine;
    bool fills = refine->fill == PO_FILL_AUTO ? refine->refine != PO_REFINE_NONE
                                              : refine->fill != PO_FILL_NONE;
    if (network->prior == NULL && network->prior_config != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--prior-config has no effect without --prior");
    if (network->prior == NULL && settings->output.artefacts == PO_OUT_PRIOR)
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--outputs prior needs --prior, the network or the maps to take it "
            "from");
    if (network->prior != NULL && !fills)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--prior %.200s has no effect without filled pixels: do without "
                       "--fill none and --refine none",
                       network->prior);
    return PO_OK;
}

static enum po_status check_network(const struct po_settings *settings,
                                    struct po_error *error)
{
    bool matches = settings->match.matcher == PO_MATCHER_NETWORK;
    if (matches && settings->network.network == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--matcher network needs --network FILE, the network to run");
    if (!matches && settings->network.network != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--network %.200s has no effect without --matcher network",
                       settings->network.network);
    return check_prior(settings, error);
}

enum po_status settings_validate(const struct po_settings *settings,
                                 struct po_error *error)
{
    enum po_status status = check_bounds(settings, error);
    if (status == PO_OK)
        status = check_input(&settings->input, error);
    if (status == PO_OK)
        status = check_match(&settings->match, error);
    if (status == PO_OK)
        status = check_network(settings, error);
    if (status == PO_OK)
        status = check_cloud(&settings->cloud, error);
    if (status == PO_OK)
        status = check_quality(&settings->output, error);
    if (status == PO_OK)
        status = check_run(settings, error);
    return status;
}
