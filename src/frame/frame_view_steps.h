/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.html: a page of one frame that opens by itself, and from which report.html takes
 * what it shows: pictures, and points that a frame around it is given by a message.
 *
 * Its form is fixed (report/frame_page.h reads it back): lines of one tag each, whose
 * data are base64 or JSON without '<'.
 */
#ifndef FRAME_FRAME_VIEW_STEPS_H
#define FRAME_FRAME_VIEW_STEPS_H

#include "frame/frame_view.h"
#include "frame/frame_views.h"

/* The page's script, and the base64 of its SHA-256: what the policy allows to run. */
#define FRAME_VIEW_SCRIPT                                                                \
    "parent.postMessage({facts:facts.textContent,points:points.textContent},'*')"
#define FRAME_VIEW_SCRIPT_HASH "ncmg/vTsyPNFN0vi/pqyv/0e5TMs0TvLHYWsJs9+hFY="

extern const struct frame_artefact_steps frame_view_page;

enum po_status frame_view_rows(struct frame *frame, struct artefact_writer *writer,
                               struct po_error *error);

#endif
