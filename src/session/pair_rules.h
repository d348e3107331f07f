/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pair rules: the ways in which names say which two files are one frame.
 *
 * All rules are tried over all images. Captures go before results and before pictures of
 * a calibration board; then the rule that gives the most pairs goes first (the upper of
 * equals), and pairs of the others join where neither their files nor their ids are
 * taken. What is left over is reported with counts.
 */
#ifndef SESSION_PAIR_RULES_H
#define SESSION_PAIR_RULES_H

#include "session/pair_keys.h"

/* Where the images of both sides lie; one folder may stand twice. */
struct pair_files {
    const char *folders[2];
    const struct listing *listings[2];
    double tolerance_s;
    struct po_error *trouble; /* what hid whether a rule makes sense: struct folder's */
};

/* The key of a file under a rule; false: the file is none of this rule's. */
struct pair_rule {
    const char *name; /* "equal names", in the plural */
    int family;       /* of side marks, for `key` */
    bool is_weak;     /* its sides may be something else */
    bool (*key)(const struct pair_files *files, int family, int side, const char *name,
                char key[SIDE_KEY_BYTES]);
    /* Whether the rule makes sense of these files; NULL: always. */
    bool (*allows)(const struct pair_files *files, int family);
};

enum { PAIR_RULES_MAX = SIDE_MARK_FAMILIES + 8 };

/* No pair is no error; a warning may say why there is none. */
PO_MUST_CHECK enum po_status pair_by_rules(const struct pair_files *files,
                                           const struct pair_rule *rules, int count,
                                           struct pair_list *pairs,
                                           struct po_error *error);

/* Appends the pairs of `from` whose files and ids are free; the rest is counted in
 * `rejected` where its files are free. */
PO_MUST_CHECK enum po_status pair_list_join(struct pair_list *to, struct pair_list *from,
                                            int *rejected, struct po_error *error);

#endif
