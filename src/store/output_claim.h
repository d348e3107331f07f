/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output claim: before anything is written, whether a run may write where it would.
 *
 * Refused is an input of any kind that lies in a place the run replaces or removes, and a
 * place that another program has filled. Places are known by device and inode of every
 * folder on the way, by the name that was given and behind each link, so neither links
 * nor ".." hide anything. Nothing is changed. Plain values.
 */
#ifndef STORE_OUTPUT_CLAIM_H
#define STORE_OUTPUT_CLAIM_H

#include "session/manifest.h"
#include "settings/settings_table.h"

/* Where the run would write; nothing of it needs to be there yet. */
struct output_claim {
    const char *output;
    const char *frames; /* <output>/frames */
    const char *state;  /* <output>/.state */
};

/* PO_BAD_ARGUMENT names the input or the place, and what to do. */
PO_MUST_CHECK enum po_status output_claim_check(const struct output_claim *claim,
                                                const struct manifest *manifest,
                                                const struct settings_set *settings,
                                                struct po_error *error);

#endif
