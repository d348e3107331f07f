/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of one rule joined to those of another. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/pair_rules.h"

/* Strings in order, to be found again. */
struct word_set {
    int count;
    const char **words;
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool holds(const struct word_set *set, const char *word)
{
    return set->count > 0 && bsearch(&word, set->words, (size_t)set->count,
                                     sizeof(*set->words), compare_words) != NULL;
}

static bool set_init(struct word_set *set, int most)
{
    set->count = 0;
    set->words = calloc((size_t)most + 1, sizeof(*set->words));
    return set->words != NULL;
}

static void set_sort(struct word_set *set)
{
    if (set->count > 1)
        qsort(set->words, (size_t)set->count, sizeof(*set->words), compare_words);
}

static bool sets_make(const struct pair_list *list, struct word_set *files,
                      struct word_set *keys)
{
    if (!set_init(files, 2 * list->count) || !set_init(keys, list->count))
        return false;
    for (int i = 0; i < list->count; i++) {
        files->words[files->count++] = list->pairs[i].left;
        files->words[files->count++] = list->pairs[i].right;
        if (list->pairs[i].key[0] != '\0')
            keys->words[keys->count++] = list->pairs[i].key;
    }
    set_sort(files);
    set_sort(keys);
    return true;
}

/* Moves the free pairs to the front of `from`; returns how many there are. */
static int keep_free(struct pair_list *from, const struct word_set *files,
                     const struct word_set *keys, int *rejected)
{
    int kept = 0;
    for (int i = 0; i < from->count; i++) {
        struct pair pair = from->pairs[i];
        if (holds(files, pair.left) || holds(files, pair.right))
            continue;
        if (holds(keys, pair.key)) {
            ++*rejected;
            continue;
        }
        from->pairs[i] = from->pairs[kept];
        from->pairs[kept++] = pair;
    }
    return kept;
}

/* What has a partner now is unmatched no more. */
static bool drop_matched(struct pair_list *list, const struct pair_list *joined,
                         int joined_count)
{
    struct word_set files = {0};
    int kept = 0;
    if (!set_init(&files, 2 * joined_count))
        return false;
    for (int i = 0; i < joined_count; i++) {
        files.words[files.count++] = joined->pairs[i].left;
        files.words[files.count++] = joined->pairs[i].right;
    }
    set_sort(&files);
    for (int i = 0; i < list->unmatched_count; i++) {
        if (holds(&files, list->unmatched[i]))
            free(list->unmatched[i]);
        else
            list->unmatched[kept++] = list->unmatched[i];
    }
    list->unmatched_count = kept;
    free(files.words);
    return true;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    int order = path_compare_natural(x->key, y->key);
    return order != 0 ? order : path_compare_natural(x->left, y->left);
}

static enum po_status append(struct pair_list *to, struct pair_list *from, int count,
                             struct po_error *error)
{
    for (int i = 0; i < count; i++) {
        void *pairs = to->pairs;
        bool grown = array_grow(&pairs, to->count, &to->capacity, sizeof(*to->pairs));
        to->pairs = pairs;
        if (!grown)
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
        to->pairs[to->count++] = from->pairs[i];
        memset(&from->pairs[i], 0, sizeof(from->pairs[i]));
    }
    qsort(to->pairs, (size_t)to->count, sizeof(*to->pairs), compare_pairs);
    return PO_OK;
}

enum po_status pair_list_join(struct pair_list *to, struct pair_list *from, int *rejected,
                              struct po_error *error)
{
    struct word_set files = {0};
    struct word_set keys = {0};
    enum po_status status = PO_OK;
    *rejected = 0;
    bool is_made = sets_make(to, &files, &keys);
    int kept = is_made ? keep_free(from, &files, &keys, rejected) : 0;
    if (!is_made || (kept > 0 && !drop_matched(to, from, kept)))
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
    else if (kept > 0)
        status = append(to, from, kept, error);
    free(files.words);
    free(keys.words);
    return status;
}
