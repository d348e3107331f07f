/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON scan: a JSON file read once, front to back, for what is too long or too frequent
 * to become a tree (json_file.h).
 *
 * The reader goes where the file goes: each call takes exactly one value, or one step of
 * the object or array it has entered. Invariant: at most 64 levels and a window of the
 * file are held, however long it is; the first failure sticks, and from then on there is
 * nothing more to read, so loops end. Ownership: json_scan_close releases it, whatever
 * the status; texts belong to the window and last until the next call.
 *
 *     if (json_scan_object(scan))
 *         while ((key = json_scan_member(scan)) != NULL)
 *             strcmp(key, "points") == 0 ? points = json_scan_number(scan, 0)
 *                                        : json_scan_skip(scan);
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "process_offline/status.h"

enum { JSON_SCAN_KEY_BYTES = 64 };

struct json_scan {
    const char *path;
    int descriptor;
    enum po_status status; /* of the first failure */
    int cause;             /* errno of a failed read */
    char *window;
    size_t capacity; /* of the window, without the NUL after its end */
    char *at;        /* the next byte */
    char *end;       /* of what has been read: a NUL */
    int lines;       /* before the window */
    int depth;
    bool is_first; /* of the members of what was just entered */
    bool is_read;  /* all of the file is, or was, in the window */
    char key[JSON_SCAN_KEY_BYTES];
};

PO_MUST_CHECK enum po_status json_scan_open(struct json_scan *scan, const char *path,
                                            size_t max_bytes, struct po_error *error);
/* PO_OK when the file was one JSON value, and all of it was read. */
PO_MUST_CHECK enum po_status json_scan_close(struct json_scan *scan,
                                             struct po_error *error);

/* Whether the next value is an object or array, which is then entered; another value is
 * passed over. */
bool json_scan_object(struct json_scan *scan);
bool json_scan_array(struct json_scan *scan);
/* The key of the next member, the end of one that is longer cut off; NULL when there is
 * none, and the object is left. */
const char *json_scan_member(struct json_scan *scan);
/* Whether there is an element; else the array is left. */
bool json_scan_element(struct json_scan *scan);

/* The next value; one of another type is passed over and gives `otherwise`. */
double json_scan_number(struct json_scan *scan, double otherwise);
bool json_scan_bool(struct json_scan *scan, bool otherwise);
const char *json_scan_text(struct json_scan *scan, const char *otherwise);
void json_scan_skip(struct json_scan *scan);

/* What the next value is, by its first byte: '{', '[', '"', 't', 'f', 'n', or a digit or
 * '-' of a number. */
char json_scan_peek(struct json_scan *scan);

#endif
