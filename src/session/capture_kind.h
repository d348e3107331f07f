/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture kind: whether a name means a capture, or what was made of one.
 *
 * Results (rectified, undistorted, disparity and depth images) and pictures of a
 * calibration board lie beside captures in many folders. They are used only where nothing
 * else is. Judges the words of a name.
 */
#ifndef SESSION_CAPTURE_KIND_H
#define SESSION_CAPTURE_KIND_H

enum capture_kind { KIND_CAPTURE, KIND_CALIBRATION_BOARD, KIND_RESULT };

/* Of a file or folder name; a path is judged by all its parts. */
enum capture_kind capture_kind_of(const char *name);

/* What such images do: "are captures", "show a calibration board by their names". */
const char *capture_kind_text(enum capture_kind kind);

#endif
