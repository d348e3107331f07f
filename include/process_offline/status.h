/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status codes and error texts of every fallible call.
 *
 * Invariant: a function that returns other than PO_OK has filled its po_error with a
 * message that names the file or option, what was wrong and what to do.
 * Ownership: po_error is a plain value of the caller; NULL is allowed.
 */
#ifndef PROCESS_OFFLINE_STATUS_H
#define PROCESS_OFFLINE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PO_MUST_CHECK __attribute__((warn_unused_result))
#define PO_PRINTF(format_index, first)                                                   \
    __attribute__((format(printf, format_index, first)))
#define PO_EXPORT __attribute__((visibility("default")))
#else
#define PO_MUST_CHECK
#define PO_PRINTF(format_index, first)
#define PO_EXPORT
#endif

enum po_status {
    PO_OK = 0,
    PO_INTERNAL = -1,      /* a defect of this program */
    PO_OUT_OF_MEMORY = -2, /* the system refused an allocation */
    PO_MEMORY_LIMIT = -3,  /* the memory limit cannot hold the work */
    PO_BAD_ARGUMENT = -4,  /* option or configuration */
    PO_IO = -5,            /* read, write, rename or sync failed */
    PO_NOT_FOUND = -6,
    PO_BAD_IMAGE = -7, /* broken, truncated or hostile image file */
    PO_BAD_CALIBRATION = -8,
    PO_BAD_SESSION = -9,  /* no usable frame pair in a directory */
    PO_BAD_FORMAT = -10,  /* any other broken file: JSON, YAML, CSV, state */
    PO_UNSUPPORTED = -11, /* well formed, but not something this program reads */
    PO_CANCELLED = -12,
    PO_NO_RANGE = -13,   /* the disparity range of a frame cannot be found */
    PO_MISALIGNED = -14, /* rows of the rectified pair do not align */
    PO_LOCKED = -15,     /* another run holds the output directory */
    PO_UNMEASURED = -16, /* almost nothing of a frame was measured */
    PO_CHANGED = -17,    /* an input changed while it was read */
};

enum { PO_ERROR_MESSAGE_BYTES = 1024 };

struct po_error {
    enum po_status status;
    char message[PO_ERROR_MESSAGE_BYTES];
};

/* Fills `error` (may be NULL) with a printf-style message and returns `status`. */
PO_EXPORT enum po_status po_fail(struct po_error *error, enum po_status status,
                                 const char *format, ...) PO_PRINTF(3, 4);

/* A short stable name, "bad_image", for logs and JSON. */
PO_EXPORT const char *po_status_name(enum po_status status);

#ifdef __cplusplus
}
#endif
#endif
