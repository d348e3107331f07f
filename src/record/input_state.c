/* SPDX-License-Identifier: Apache-2.0 */
#include "record/input_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"

enum { INPUT_STATE_FILE_BYTES = 4096 };

#define INPUT_STATE_HEADER "process_offline input state 2\n"
#define RECORD_WORD "record "

enum po_status input_state_write(const struct input_state *state, const char *path,
                                 struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    enum po_status status = atomic_file_open_shared(file, path, error);
    file->sync = false;
    if (status == PO_OK)
        status = atomic_file_print(file, error, "%s", INPUT_STATE_HEADER);
    for (int i = 0; status == PO_OK && i < state->count; i++) {
        const struct input_state_entry *entry = &state->entries[i];
        status = atomic_file_print(file, error,
                                   "%" PRIu64 " %" PRId64 " %" PRId64 " %" PRIu64
                                   " %016" PRIx64 "%016" PRIx64 "\n",
                                   entry->stat.size_bytes, entry->stat.mtime_ns,
                                   entry->stat.ctime_ns, entry->stat.inode,
                                   entry->hash.high, entry->hash.low);
    }
    if (status == PO_OK && state->has_record)
        status =
            atomic_file_print(file, error, RECORD_WORD "%016" PRIx64 "%016" PRIx64 "\n",
                              state->record.high, state->record.low);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    free(file);
    return status;
}

/* False when the line is not one entry. */
static bool read_line(const char *line, struct input_state_entry *entry)
{
    int used = 0;
    int fields =
        sscanf(line,
               "%20" SCNu64 " %20" SCNd64 " %20" SCNd64 " %20" SCNu64 " %16" SCNx64
               "%16" SCNx64 "%n",
               &entry->stat.size_bytes, &entry->stat.mtime_ns, &entry->stat.ctime_ns,
               &entry->stat.inode, &entry->hash.high, &entry->hash.low, &used);
    return fields == 6 && line[used] == '\0';
}

static bool read_record_line(const char *line, struct input_state *state)
{
    int used = 0;
    int fields = sscanf(line, RECORD_WORD "%16" SCNx64 "%16" SCNx64 "%n",
                        &state->record.high, &state->record.low, &used);
    state->has_record = fields == 2 && line[used] == '\0';
    return state->has_record;
}

static bool read_entries(char *text, struct input_state *state)
{
    size_t header = strlen(INPUT_STATE_HEADER);
    if (strncmp(text, INPUT_STATE_HEADER, header) != 0)
        return false;
    char *rest = NULL;
    char *line = strtok_r(text + header, "\n", &rest);
    for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, RECORD_WORD, strlen(RECORD_WORD)) == 0) {
            if (!read_record_line(line, state))
                return false;
            continue;
        }
        if (state->count == INPUT_STATE_MAX)
            return false;
        if (!read_line(line, &state->entries[state->count++]))
            return false;
    }
    return true;
}

enum po_status input_state_read(const char *path, struct input_state *state,
                                struct po_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    memset(state, 0, sizeof(*state));
    enum po_status status =
        input_file_read(path, INPUT_STATE_FILE_BYTES, &text, &bytes, error);
    if (status != PO_OK)
        return status;
    if (!read_entries(text, state)) {
        memset(state, 0, sizeof(*state));
        status = po_fail(error, PO_BAD_FORMAT, "%s: not an input state", path);
    }
    free(text);
    return status;
}
