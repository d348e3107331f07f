/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a session: what is known to ruin a night's work, from surveys of its
 * frames before hours are spent. Pure: it sees no image.
 *
 * Invariant: rows and order of the cameras are judged for a calibration as a whole, over
 * all frames surveyed; one odd frame is a warning. Plain values.
 */
#ifndef CHECK_SESSION_CHECK_H
#define CHECK_SESSION_CHECK_H

#include "check/rows_summary.h"

enum { CHECK_FINDINGS_MAX = 64, CHECK_FINDING_BYTES = 400, CHECK_TOPIC_BYTES = 16 };

enum check_severity { CHECK_NOTE, CHECK_WARNING, CHECK_ERROR };

/* One thing that was checked and how it stands. */
struct check_finding {
    enum check_severity severity;
    int frame;                     /* index in the manifest; -1: the session */
    char topic[CHECK_TOPIC_BYTES]; /* "rows", "swap", "range", "images", "calibration",
                                      "frame" */
    char text[CHECK_FINDING_BYTES];
};

struct session_check {
    int frames_surveyed;
    int finding_count;
    int findings_dropped;
    bool shows_boards; /* a calibration can be made from frames that have none */
    struct check_finding findings[CHECK_FINDINGS_MAX];
};

struct session_check_input {
    const struct po_input_settings *settings;
    const struct manifest *manifest;
    const struct frame_groups *groups;
    const struct frame_survey *surveys;           /* by frame */
    const struct vertical_field *vertical_fields; /* by group: already taken out of the
                                           rows that were looked at; NULL: none */
    const struct disparity_range *ranges;         /* by group: what will be searched */
    const bool *ranges_known;                     /* by group */
};

/* Adds a finding; when there is no room, only counts it. */
void session_check_add(struct session_check *check, enum check_severity severity,
                       int frame, const char *topic, const char *format, ...)
    PO_PRINTF(5, 6);

/* Adds all findings of the surveys. */
void session_check_make(const struct session_check_input *input,
                        struct session_check *check);

/* Whether frames of this group may be processed: PO_MISALIGNED when rows are off or left
 * and right are exchanged, with the sentence for the user. */
PO_MUST_CHECK enum po_status session_check_group(const struct session_check_input *input,
                                                 int group, struct po_error *error);

/* Compares what the frames of a group show with the range that will be searched: adds
 * the frames whose matches lie outside it. PO_NO_RANGE when none of them lies inside, on
 * most of the frames. */
PO_MUST_CHECK enum po_status session_check_range(const struct session_check_input *input,
                                                 int group, struct session_check *check,
                                                 struct po_error *error);

/* Whether what was seen of a frame leaves open if a run finishes it: only a match shows.
 */
bool session_check_doubts(const struct frame_survey *survey,
                          struct disparity_range range);

enum check_severity session_check_worst(const struct session_check *check);

#endif
