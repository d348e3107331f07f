/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/result_files.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/input_file.h"
#include "base/named_file.h"
#include "base/path.h"
#include "calibrate/rig_document.h"

enum { MARK_SEARCHED_BYTES = 1 << 20, PAGE_SEARCHED_BYTES = 1 << 28 };

/* Of the page; the calibration's is RIG_DOCUMENT_MARK. */
static const char PAGE_MARK[] = "<title>Calibration</title>";

enum po_status result_file_name(const char *output, const char *suffix,
                                const char *extension, char path[RESULT_PATH_BYTES],
                                struct po_error *error)
{
    const char *name = path_name(output);
    const char *dot = strrchr(name, '.');
    size_t stem = dot != NULL && dot != name ? (size_t)(dot - output) : strlen(output);
    int length = snprintf(path, RESULT_PATH_BYTES, "%.*s%s%s", (int)stem, output, suffix,
                          extension != NULL ? extension : output + stem);
    if (length < 0 || length >= RESULT_PATH_BYTES)
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return PO_OK;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return a != NULL && b != NULL && stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool holds_mark(const char *path, const char *mark, size_t most)
{
    char *text = NULL;
    size_t bytes = 0;
    if (input_file_read(path, most, &text, &bytes, NULL) != PO_OK)
        return false;
    bool found = memmem(text, bytes, mark, strlen(mark)) != NULL;
    free(text);
    return found;
}

static enum po_status check_file(const char *path, const char *mark, size_t most,
                                 const char *read_path, struct po_error *error)
{
    struct named_file_place place;
    struct stat facts;
    enum po_status status = named_file_find(path, &place, error);
    if (status != PO_OK || place.through || !place.exists)
        return status;
    if (is_same_file(path, read_path))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--output %s: is the calibration that is read, and inputs are "
                       "never changed; choose another name",
                       path);
    if (stat(path, &facts) == 0 && facts.st_size == 0)
        return PO_OK;
    if (!holds_mark(path, mark, most))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--output: %s is there already and was not written by this "
                       "program; choose another name, or remove it",
                       path);
    return PO_OK;
}

enum po_status result_files_check(const char *output, enum po_calibration_format format,
                                  const char *read_path, struct po_error *error)
{
    static const char *const one[] = {"", NULL};
    static const char *const two[] = {"_left", "_right", NULL};
    char path[RESULT_PATH_BYTES];
    if (output == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "say where the calibration goes with --output FILE%s",
                       format == PO_CALIBRATION_JSON ? ".json" : ".yml");
    struct stat facts;
    if (stat(output, &facts) == 0 && S_ISDIR(facts.st_mode))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--output %s: is a directory, and a calibration is a file; give "
                       "--output %s/calibration.yml",
                       output, output);
    enum po_status status = PO_OK;
    const char *const *suffix = format == PO_CALIBRATION_ROS ? two : one;
    for (; *suffix != NULL && status == PO_OK; suffix++) {
        status = result_file_name(output, *suffix, NULL, path, error);
        if (status == PO_OK)
            status = check_file(path, RIG_DOCUMENT_MARK, MARK_SEARCHED_BYTES, read_path,
                                error);
    }
    if (status == PO_OK)
        status = result_file_name(output, "", ".html", path, error);
    if (status == PO_OK)
        status = check_file(path, PAGE_MARK, PAGE_SEARCHED_BYTES, NULL, error);
    return status;
}

enum po_status result_file_write(const char *path, const char *text, size_t bytes,
                                 struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    enum po_status status = named_file_open(file, path, error);
    if (status == PO_OK)
        status = atomic_file_write(file, text, bytes, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    free(file);
    return status;
}
