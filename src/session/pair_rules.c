/* SPDX-License-Identifier: Apache-2.0 */
#include "session/pair_rules.h"

#include <stdlib.h>
#include <string.h>

#include "session/capture_kind.h"

/* What is tried, and which of the images count in one try. */
struct trial {
    const struct pair_files *files;
    const struct pair_rule *rules;
    int count;
    unsigned char *kinds[2]; /* enum capture_kind by entry; of one folder: [0] alone */
    bool one_folder;
    enum capture_kind most;  /* images of higher kinds are left out */
    struct pair_list *tries; /* by rule */
    char reason[WARNING_BYTES];
};

static bool counts(const struct trial *trial, int side, int entry)
{
    return trial->files->listings[side]->entries[entry].is_image &&
           trial->kinds[side][entry] <= trial->most;
}

static enum po_status add_file(const struct trial *trial, const struct pair_rule *rule,
                               int side, const char *name, struct keyed_list sides[2],
                               struct po_error *error)
{
    char key[SIDE_KEY_BYTES];
    return rule->key(trial->files, rule->family, side, name, key)
               ? keyed_list_add(&sides[side], key, name, error)
               : PO_OK;
}

/* Images of one folder are of the left side where they may be of either. */
static enum po_status collect(const struct trial *trial, const struct pair_rule *rule,
                              struct keyed_list sides[2], struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 - trial->one_folder; side++) {
        const struct listing *listing = trial->files->listings[side];
        for (int i = 0; i < listing->count && status == PO_OK; i++) {
            const char *name = listing->entries[i].name;
            int before = sides[SIDE_LEFT].count;
            if (!counts(trial, side, i))
                continue;
            status = add_file(trial, rule, side, name, sides, error);
            if (trial->one_folder && status == PO_OK && sides[SIDE_LEFT].count == before)
                status = add_file(trial, rule, SIDE_RIGHT, name, sides, error);
        }
    }
    return status;
}

static enum po_status try_rule(const struct trial *trial, int rule_index,
                               struct po_error *error)
{
    const struct pair_files *files = trial->files;
    const struct pair_rule *rule = &trial->rules[rule_index];
    struct keyed_list sides[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    if (rule->allows != NULL && !rule->allows(files, rule->family))
        return PO_OK;
    status = collect(trial, rule, sides, error);
    if (status == PO_OK && sides[0].count > 0 && sides[1].count > 0)
        status = pair_by_key_or_time(&trial->tries[rule_index], files->folders, sides,
                                     files->tolerance_s, error);
    keyed_list_release(&sides[0]);
    keyed_list_release(&sides[1]);
    return status;
}

/* How many images have a kind above `most`; `first` of them. */
static int count_above(const struct trial *trial, int most, const char **first,
                       enum capture_kind *kind)
{
    int count = 0;
    for (int side = 0; side < 2 - trial->one_folder; side++)
        for (int i = 0; i < trial->files->listings[side]->count; i++) {
            const struct listing_entry *entry = &trial->files->listings[side]->entries[i];
            if (!entry->is_image || trial->kinds[side][i] <= most || count++ > 0)
                continue;
            *first = entry->name;
            *kind = (enum capture_kind)trial->kinds[side][i];
        }
    return count;
}

/* No rule can give more pairs than this. */
static int most_pairs(const struct trial *trial)
{
    int images[2] = {0, 0};
    for (int side = 0; side < 2 - trial->one_folder; side++)
        for (int i = 0; i < trial->files->listings[side]->count; i++)
            images[side] += counts(trial, side, i);
    if (trial->one_folder)
        return images[0] / 2;
    return images[0] < images[1] ? images[0] : images[1];
}

static int find_largest(const struct pair_list *tries, int count)
{
    int largest = 0;
    for (int i = 1; i < count; i++)
        if (tries[i].count > tries[largest].count)
            largest = i;
    return largest;
}

/* Left in a list whose pairs were joined. */
static const char *any_key(const struct pair_list *list)
{
    for (int i = list->count - 1; i >= 0; i--)
        if (list->pairs[i].key != NULL)
            return list->pairs[i].key;
    return "";
}

static enum po_status join_largest(const struct trial *trial, struct pair_list *pairs,
                                   struct po_error *error)
{
    int rejected;
    int largest = find_largest(trial->tries, trial->count);
    struct pair_list *from = &trial->tries[largest];
    enum po_status status = pair_list_join(pairs, from, &rejected, error);
    if (rejected > 0)
        warning_list_add(&pairs->warnings,
                         "not used: %d %s by %s, whose frames would have the same names "
                         "as others (such as '%.80s')",
                         rejected, rejected == 1 ? "pair" : "pairs",
                         trial->rules[largest].name, any_key(from));
    pair_list_release(from);
    return status;
}

/* The largest set, then what fits beside it. */
static enum po_status join_all(const struct trial *trial, struct pair_list *pairs,
                               struct po_error *error)
{
    enum po_status status = PO_OK;
    struct pair_list *tries = trial->tries;
    int largest = find_largest(tries, trial->count);
    pair_list_take_over(pairs, &tries[largest]);
    pairs->is_weak = trial->rules[largest].is_weak;
    while (status == PO_OK && tries[find_largest(tries, trial->count)].count > 0)
        status = join_largest(trial, pairs, error);
    return status;
}

/* Why no rule gave a pair, as the first says it. */
static void keep_reason(struct trial *trial)
{
    for (int i = 0; i < trial->count && trial->reason[0] == '\0'; i++)
        if (trial->tries[i].warnings.length > 0)
            memcpy(trial->reason, trial->tries[i].warnings.texts[0], WARNING_BYTES);
}

static enum po_status try_all(struct trial *trial, struct pair_list *pairs,
                              struct po_error *error)
{
    enum po_status status = PO_OK;
    int most = most_pairs(trial);
    for (int i = 0; i < trial->count && status == PO_OK; i++) {
        status = try_rule(trial, i, error);
        if (trial->tries[i].count == most)
            break; /* nothing is left for another rule */
    }
    if (status == PO_OK &&
        trial->tries[find_largest(trial->tries, trial->count)].count > 0)
        status = join_all(trial, pairs, error);
    else
        keep_reason(trial);
    for (int i = 0; i < trial->count; i++)
        pair_list_release(&trial->tries[i]);
    return status;
}

static enum po_status trial_init(struct trial *trial, struct po_error *error)
{
    trial->one_folder = trial->files->listings[0] == trial->files->listings[1];
    trial->tries = calloc((size_t)trial->count, sizeof(*trial->tries));
    for (int side = 0; side < 2 - trial->one_folder; side++) {
        const struct listing *listing = trial->files->listings[side];
        trial->kinds[side] = calloc((size_t)listing->count + 1, 1);
        for (int i = 0; i < listing->count && trial->kinds[side] != NULL; i++)
            if (listing->entries[i].is_image)
                trial->kinds[side][i] =
                    (unsigned char)capture_kind_of(listing->entries[i].name);
    }
    bool whole = trial->tries != NULL && trial->kinds[0] != NULL &&
                 (trial->one_folder || trial->kinds[1] != NULL);
    return whole ? PO_OK
                 : po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
}

static void trial_release(struct trial *trial)
{
    free(trial->tries);
    free(trial->kinds[0]);
    free(trial->kinds[1]);
}

enum po_status pair_by_rules(const struct pair_files *files,
                             const struct pair_rule *rules, int count,
                             struct pair_list *pairs, struct po_error *error)
{
    struct trial trial = {.files = files, .rules = rules, .count = count};
    const char *first = NULL;
    enum capture_kind kind = KIND_CAPTURE;
    enum po_status status = trial_init(&trial, error);
    int tried = -1;
    for (int most = KIND_CAPTURE; most <= KIND_RESULT && status == PO_OK; most++) {
        int above = count_above(&trial, most, &first, &kind);
        if (above == tried)
            continue; /* the same images again */
        tried = above;
        trial.most = (enum capture_kind)most;
        status = try_all(&trial, pairs, error);
        pairs->kind = trial.most;
        if (status == PO_OK && pairs->count > 0 && above > 0)
            warning_list_add(&pairs->warnings, "not used: %d %s that %s (such as %.120s)",
                             above, above == 1 ? "image" : "images",
                             capture_kind_text(kind), first);
        if (pairs->count > 0)
            break;
    }
    if (status == PO_OK && pairs->count == 0 && trial.reason[0] != '\0')
        warning_list_add(&pairs->warnings, "%s", trial.reason);
    trial_release(&trial);
    return status;
}
