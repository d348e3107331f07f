/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame planner: the bytes of frames from their probed headers, in the supervisor, by the
 * same frame_plan the frame itself will use. Pure arithmetic; remembers the last
 * rectification, as frames of a session mostly share one.
 */
#ifndef BUDGET_FRAME_PLANNER_H
#define BUDGET_FRAME_PLANNER_H

#include "check/frame_probes.h"
#include "frame/frame_rectifiers.h"
#include "frame/frame_setup.h"

struct frame_planner {
    const struct probed_session *session;
    const struct frame_setup *setup;
    bool remembers;
    int calibration;
    int width_px, height_px;
    struct rectification rectification;
};

void frame_planner_init(struct frame_planner *planner,
                        const struct probed_session *session,
                        const struct frame_setup *setup);
/* The frame must have been probed: probes.known has PROBE_HEADERS. */
PO_MUST_CHECK enum po_status frame_planner_plan(struct frame_planner *planner, int frame,
                                                struct frame_plan *plan,
                                                struct po_error *error);
/* Full size of a frame's left view, 0 when it was not probed. */
void frame_planner_size(const struct probed_session *session, int frame, int *width_px,
                        int *height_px);
/* The rectifiers of a session, each for the size of the first of its frames that was
 * probed. Calls OpenCV. */
PO_MUST_CHECK enum po_status
frame_planner_rectifiers(const struct probed_session *session,
                         struct frame_rectifiers **rectifiers, struct po_error *error);
/* Makes room for their tables, once, which all children after it then share. */
void frame_planner_keep_tables(const struct probed_session *session,
                               struct kept_tables *tables);
/* The rectification of a calibration for the first of its frames that was probed. */
bool frame_planner_rig(const struct probed_session *session, int calibration,
                       struct rectification *rectification);
/* What fitting the calibration to that frame's size has to say. */
void frame_planner_fit_warnings(const struct probed_session *session, int calibration,
                                struct warning_list *warnings);
/* Bytes of all remap tables. */
uint64_t frame_planner_table_bytes(const struct probed_session *session);

#endif
