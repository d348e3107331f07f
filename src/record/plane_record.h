/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flat target of --quality-check in frame.json and report.json: of a frame, and of
 * all of a run.
 *
 * A summary is zeroed, then given frames, then finished. Plain values, no pointers.
 */
#ifndef RECORD_PLANE_RECORD_H
#define RECORD_PLANE_RECORD_H

#include "base/json_scan.h"
#include "record/frame_record.h"
#include "record/json_writer.h"

struct plane_summary {
    int frames;         /* that were looked at */
    enum rig_unit unit; /* of the last one */
    int frames_measured[PLANE_MEASURES];
    struct plane_quality mean;         /* of the frames that have the measure */
    struct plane_quality worst;        /* of all frames, each measure on its own */
    char worst_frame[RECORD_ID_BYTES]; /* of the largest sub-pixel RMS; "": none */
};

void plane_summary_add(struct plane_summary *summary, const struct frame_record *record);
void plane_summary_finish(struct plane_summary *summary);

/* Writes nothing where no flat target was looked at. `unit` names the keys. */
void record_write_plane(struct json_writer *writer, const char *key,
                        const struct plane_quality *plane, enum rig_unit unit);
void record_write_plane_summary(struct json_writer *writer, const char *key,
                                const struct plane_summary *summary);
/* Takes the next value. Absent and mistyped members give nothing and NaN; never an error.
 */
void record_read_plane(struct json_scan *scan, struct plane_quality *plane);

#endif
