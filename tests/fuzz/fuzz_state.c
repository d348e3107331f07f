/* SPDX-License-Identifier: Apache-2.0 */
/* State of an earlier run, of any content: frame.json, report.json, input state. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "record/frame_record.h"
#include "record/input_state.h"
#include "record/run_report.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz_state_XXXXXX";
static char rewritten_path[] = "/tmp/fuzz_state_XXXXXX";
static struct frame_record record;
static struct frame_record again;
static struct atomic_file file;

static void remove_files(void)
{
    (void)unlink(path);
    (void)unlink(rewritten_path);
}

static void make_files(void)
{
    static int made;
    if (made)
        return;
    int fd = mkstemp(path);
    int rewritten = mkstemp(rewritten_path);
    if (fd < 0 || rewritten < 0 || close(fd) != 0 || close(rewritten) != 0 ||
        atexit(remove_files) != 0)
        abort();
    made = 1;
}

/* A record that was accepted can be written and read again. Foreign bytes grow when they
 * are escaped, so texts may then be too long. */
static void check_record(void)
{
    enum po_status status = atomic_file_open_plain(&file, rewritten_path, false, NULL);
    if (status == PO_OK)
        status = frame_record_write(&record, &file, NULL);
    if (status == PO_OK)
        status = atomic_file_publish(&file, NULL);
    atomic_file_discard(&file);
    if (status != PO_OK)
        return;
    if (frame_record_read(rewritten_path, &again, NULL) == PO_OK &&
        (again.points != record.points || again.count_count != record.count_count))
        abort();
    (void)!frame_record_verify(&record, "/nonexistent", true, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct past_report past;
    struct input_state inputs;
    make_files();
    FILE *stream = fopen(path, "wb");
    if (stream == NULL)
        return 0;
    size_t written = fwrite(data, 1, size, stream);
    if (fclose(stream) != 0 || written != size)
        return 0;
    torture_begin();
    bool is_record = frame_record_read(path, &record, NULL) == PO_OK;
    torture_end();
    if (is_record)
        check_record();
    torture_begin();
    if (run_report_read(path, &past, NULL) == PO_OK)
        past_report_release(&past);
    if (input_state_read(path, &inputs, NULL) == PO_OK && inputs.count > INPUT_STATE_MAX)
        abort();
    torture_end();
    return 0;
}
