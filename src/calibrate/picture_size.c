/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/picture_size.h"

#include <sys/mman.h>

#include "calibrate/left_out.h"
#include "calibrate/solo_job.h"
#include "image/image_file.h"

enum { LOOKED_AT = 64 };

static const double FORECAST_S = 2;

/* In shared memory, so that the child can fill it. */
struct size_table {
    int under; /* 1 + the frame whose header is being read; 0: none */
    int count;
    int width_px[LOOKED_AT];
    int height_px[LOOKED_AT];
};

struct size_work {
    const struct manifest *manifest;
    struct size_table *table;
};

static enum po_status look(void *context, const struct cancel *cancel,
                           struct po_error *error)
{
    const struct size_work *work = context;
    const struct manifest *manifest = work->manifest;
    struct size_table *table = work->table;
    (void)cancel;
    table->count = 0;
    for (int i = 0; i < manifest->frame_count && table->count < LOOKED_AT; i++) {
        struct image_header header;
        const struct frame_entry *frame = &manifest->frames[i];
        if (frame->calibration >= 0 || frame->problem != NULL)
            continue;
        table->under = i + 1;
        enum po_status status = image_file_probe(frame->left_path, &header, error);
        table->under = 0;
        if (is_fault_of_picture_at(status, frame->left_path))
            continue;
        if (status != PO_OK)
            return status;
        table->width_px[table->count] =
            frame->side_by_side ? header.width_px / 2 : header.width_px;
        table->height_px[table->count++] = header.height_px;
    }
    return PO_OK;
}

/* Of sizes that are equally many, the first. */
static void choose(const struct size_table *table, int *width_px, int *height_px)
{
    int most = 0;
    for (int i = 0; i < table->count; i++) {
        int same = 0;
        for (int k = 0; k < table->count; k++)
            same += table->width_px[k] == table->width_px[i] &&
                    table->height_px[k] == table->height_px[i];
        if (same <= most)
            continue;
        most = same;
        *width_px = table->width_px[i];
        *height_px = table->height_px[i];
    }
}

enum po_status picture_size_of_most(const struct po_run_settings *settings,
                                    const struct manifest *manifest,
                                    struct run_control *control, struct sandbox *sandbox,
                                    int *width_px, int *height_px, struct po_error *error)
{
    struct po_error cause = {0};
    void *pages = mmap(NULL, sizeof(struct size_table), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to look at sizes");
    struct size_table *table = pages;
    struct size_work work = {manifest, table};
    const struct solo_job job = {.name = "size",
                                 .context = &work,
                                 .run = look,
                                 .forecast_s = FORECAST_S,
                                 .settings = settings,
                                 .sandbox = sandbox,
                                 .control = control};
    *width_px = *height_px = 0;
    enum po_status status = solo_job_run(&job, &cause);
    if (status == PO_OK)
        choose(table, width_px, height_px);
    else if (table->under > 0) /* the child died there */
        (void)po_fail(error, status, "%s: %s",
                      manifest->frames[table->under - 1].left_path, cause.message);
    else
        (void)po_fail(error, status, "%s", cause.message);
    (void)munmap(pages, sizeof(struct size_table));
    if (status == PO_OK && *width_px == 0)
        return po_fail(error, PO_BAD_IMAGE,
                       "no image of a frame without a calibration can be read");
    return status;
}
