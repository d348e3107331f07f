/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces frame.json and report.json share: written once, read once. */
#ifndef RECORD_RECORD_JSON_H
#define RECORD_RECORD_JSON_H

#include "base/json_file.h"
#include "base/json_scan.h"
#include "record/frame_record.h"
#include "record/json_writer.h"

/* `unit` names the keys: lengths of a rig in chessboard squares are no millimetres. */
void record_write_extent(struct json_writer *writer, const char *key,
                         const struct record_extent *extent, enum rig_unit unit);
void record_write_scores(struct json_writer *writer, const char *key,
                         const struct frame_scores *scores);
/* Downscale, searched range and vertical field. */
void record_write_search(struct json_writer *writer, const struct frame_record *record);
/* Nothing where there is none. */
void record_write_prior(struct json_writer *writer, const char *key,
                        const struct record_prior *prior);
void record_write_counts(struct json_writer *writer, const struct frame_record *record);
void record_write_lacks(struct json_writer *writer, uint32_t lacks);
void record_write_warnings(struct json_writer *writer,
                           const struct warning_list *warnings);
void record_write_rig(struct json_writer *writer, const char *key,
                      const struct rectified_rig *rig, const char *format);
/* Whether the frame's disparities are lengths, and what rectified it. */
void record_write_scale(struct json_writer *writer, const struct frame_record *record);

/* Each takes the next value. Missing and mistyped members give NaN, zero and empty; never
 * an error. */
void record_read_extent(struct json_scan *scan, struct record_extent *extent);
void record_read_scores(struct json_scan *scan, struct frame_scores *scores);
void record_read_prior(struct json_scan *scan, struct record_prior *prior);

/* Of a tree. 0 for what is no whole number from 0 to 2^53. */
uint64_t record_read_integer(const struct json *node);
int record_read_int(const struct json *node);
/* False when it is no string or does not fit. */
bool record_read_text(const struct json *node, char *text, size_t text_bytes);

#endif
