/* SPDX-License-Identifier: Apache-2.0 */
/* Which folder is the session, and which layout it has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "session/session_below.h"

static enum po_status no_such_layout(const char *name, struct po_error *error)
{
    char list[512] = "";
    size_t used = 0;
    const char *const *names = layout_names();
    for (int i = 0; names[i] != NULL && used < sizeof(list); i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i > 0 ? ", " : "", names[i]);
    return po_fail(error, PO_BAD_ARGUMENT, "--layout: '%.100s' is not one of %s", name,
                   list);
}

static bool is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISDIR(facts.st_mode);
}

static void take_set(struct found_session *found, struct session_set *set)
{
    (void)snprintf(found->base, sizeof(found->base), "%s", set->path);
    found->layout = set->layout;
    pair_list_release(&found->pairs);
    found->pairs = set->pairs;
    memset(&set->pairs, 0, sizeof(set->pairs));
}

/* One pair with left and right in its name may be a sample, or a result by another name.
 */
static bool is_lone_pair(const struct session_set *set)
{
    return set->layout == &layout_named_pairs && set->pairs.count == 1;
}

/* Whether the one session below is meant rather than what lies beside it. */
static bool outdoes(const struct session_set *below, const struct session_set *here)
{
    enum { MANY_PAIRS = 4 };
    if (below->pairs.kind != here->pairs.kind)
        return below->pairs.kind < here->pairs.kind;
    return is_lone_pair(here) && below->pairs.count >= MANY_PAIRS;
}

static void tell_unused(const struct session_set *set, struct warning_list *warnings)
{
    warning_list_add(
        warnings,
        "not used: %d %s of %.200s (%s); give that folder as --input to take "
        "%s",
        set->pairs.count, set->pairs.count == 1 ? "pair" : "pairs", set->path,
        set->layout->name, set->pairs.count == 1 ? "it" : "them");
}

/* The input folder has pairs: they are the session, unless one below outdoes them. */
static void choose_here_or_below(struct session_set *here, struct session_sets *below,
                                 struct found_session *found)
{
    enum { REPORTED_MAX = 8 };
    int best = session_sets_only(below);
    bool deeper = best >= 0 && outdoes(&below->sets[best], here);
    take_set(found, deeper ? &below->sets[best] : here);
    if (deeper)
        tell_unused(here, &found->pairs.warnings);
    for (int i = 0, reported = 0; i < below->count; i++) {
        if (below->sets[i].pairs.count == 0)
            continue; /* none, or taken */
        if (reported++ < REPORTED_MAX)
            tell_unused(&below->sets[i], &found->pairs.warnings);
        else
            found->pairs.warnings.dropped++;
    }
}

static enum po_status choose_below(const struct po_input_settings *input,
                                   struct session_sets *below,
                                   struct found_session *found, struct po_error *error)
{
    char names[600];
    int best = session_sets_only(below);
    if (best >= 0) {
        if (below->sets[best].pairs.count == 0)
            return po_fail(error, below->sets[best].problem.status, "%s",
                           below->sets[best].problem.message);
        take_set(found, &below->sets[best]);
        for (int i = 0; i < below->count; i++)
            if (below->sets[i].pairs.count > 0)
                tell_unused(&below->sets[i], &found->pairs.warnings);
        return PO_OK;
    }
    session_sets_names(below, input->input, names, sizeof(names));
    return po_fail(error, PO_BAD_SESSION,
                   "%s: %d sessions in it (%s); give one of them as --input",
                   input->input, below->count, names);
}

static enum po_status find_directory(const struct po_input_settings *input,
                                     bool want_ground_truth, struct session_set *here,
                                     struct session_sets *below,
                                     struct found_session *found, struct po_error *error)
{
    struct po_error problem = {0};
    enum po_status status =
        session_set_list(input->input, input, want_ground_truth, here, &problem);
    bool is_known = here->layout != NULL && status == PO_OK;
    /* A folder of scenes is made of the folders below it. */
    if (is_known && (here->layout->is_particular || input->layout != NULL ||
                     here->layout == &layout_scene_folders)) {
        take_set(found, here);
        return PO_OK;
    }
    if (status != PO_OK && (here->layout == NULL || status != PO_BAD_SESSION))
        return po_fail(error, status, "%s", problem.message);
    status =
        session_sets_find(input->input, input, want_ground_truth, is_known, below, error);
    if (status != PO_OK)
        return status;
    if (is_known) {
        choose_here_or_below(here, below, found);
        if (below->unread.status != PO_OK)
            warning_list_add(&found->pairs.warnings, "%s", below->unread.message);
        return PO_OK;
    }
    if (below->unread.status != PO_OK)
        return po_fail(error, below->unread.status, "%s", below->unread.message);
    if (problem.status != PO_OK && !session_sets_have_pairs(below))
        return po_fail(error, problem.status, "%s", problem.message);
    return below->count > 0 ? choose_below(input, below, found, error)
                            : session_nothing_known(input->input, input, error);
}

/* Frames that cannot be listed cannot be counted. */
static enum po_status as_session_error(enum po_status status, struct po_error *error)
{
    if (status != PO_IO)
        return status;
    if (error != NULL)
        error->status = PO_BAD_SESSION;
    return PO_BAD_SESSION;
}

enum po_status session_find(const struct po_input_settings *input, bool want_ground_truth,
                            struct found_session *found, struct po_error *error)
{
    if (strlen(input->input) > SESSION_PATH_BYTES / 2)
        return po_fail(error, PO_BAD_ARGUMENT, "--input: the path is too long");
    if (input->layout != NULL && layout_find(input->layout) == NULL)
        return no_such_layout(input->layout, error);
    if (is_file(input->input))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--input %s: this is a file, and a directory is wanted; give one "
                       "pair of images with --left and --right",
                       input->input);
    struct session_set *here = calloc(1, sizeof(*here));
    struct session_sets below = {0};
    if (here == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
    enum po_status status = as_session_error(
        find_directory(input, want_ground_truth, here, &below, found, error), error);
    session_set_release(here);
    session_sets_release(&below);
    free(here);
    return status;
}

enum po_status session_find_pair(const struct po_input_settings *input,
                                 bool want_ground_truth, struct found_session *found,
                                 struct po_error *error)
{
    static const struct layout one_pair = {.name = "one-pair"};
    char key[SIDE_KEY_BYTES];
    if (input->left == NULL || input->right == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s needs %s: give both images of the pair",
                       input->left != NULL ? "--left" : "--right",
                       input->left != NULL ? "--right" : "--left");
    found->layout = &one_pair;
    if (!path_directory(found->base, sizeof(found->base), input->left))
        return po_fail(error, PO_BAD_ARGUMENT, "--left: the path is too long");
    const char *const files[2] = {input->left, input->right};
    for (int side = 0; side < 2; side++)
        if (!entry_exists("", files[side], NULL)) /* else reading it says why */
            return po_fail(error, PO_NOT_FOUND, "--%s %s: no such file",
                           side == 0 ? "left" : "right", files[side]);
    pair_key(path_name(input->left), path_name(input->right), key);
    enum po_status status =
        pair_list_add(&found->pairs, key,
                      &(struct pair_paths){"", input->left, "", input->right}, error);
    struct listing listing;
    if (status != PO_OK || !want_ground_truth)
        return status;
    status = listing_read_allowed(found->base, &listing, error);
    if (status == PO_OK)
        status =
            ground_truth_of_scene(found->base, &listing, path_name(input->left),
                                  &found->pairs.pairs[0], &found->pairs.warnings, error);
    listing_release(&listing);
    return status;
}
