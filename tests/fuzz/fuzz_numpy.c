/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an .npz or .npy beside another: arrays in a document, then a rig or why
 * not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/calibration_file.h"
#include "calib/numpy_tree.h"
#include "calib/remap_tables.h"
#include "fuzz/fuzz_folder.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Numbers kept by the tree are there to be read. */
static double sum_of(const struct document_node *node)
{
    double sum = 0;
    for (node = node != NULL ? node->first : NULL; node != NULL; node = node->next) {
        if (node->kind == DOCUMENT_ARRAY && node->numbers == NULL &&
            node->number_count <= DOCUMENT_ARRAY_NUMBERS)
            abort();
        for (size_t i = 0; node->numbers != NULL && i < node->number_count; i++)
            sum += node->numbers[i];
    }
    return sum;
}

enum { MOST_PIXELS = 4096 };

/* Remap tables, where there are some, are read to their end or not at all. */
static void read_tables(const struct calibration *calibration)
{
    static int16_t map_xy[2 * MOST_PIXELS];
    static uint16_t map_fraction[MOST_PIXELS];
    const struct calibration_maps *maps = &calibration->maps;
    struct po_error error = {0};
    for (int side = 0; side < 2; side++)
        if (maps->present && maps->width_px <= MOST_PIXELS / maps->height_px &&
            remap_tables_read(calibration, side, map_xy, map_fraction, &error) != PO_OK &&
            error.message[0] == '\0')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_folder folder;
    static struct calibration calibration;
    struct document *document = NULL;
    struct po_error error = {0};
    const char *path = fuzz_folder_write(&folder, "calib.npz", data, size);
    torture_begin();
    if (document_from_npz(path, &document, &error) == PO_OK)
        (void)sum_of(document_root(document));
    else if (error.message[0] == '\0')
        abort();
    document_destroy(document);
    if (calibration_read(path, NULL, &calibration, NULL) == PO_OK)
        read_tables(&calibration);
    torture_end();
    path = fuzz_folder_write(&folder, "K_left.npy", data, size);
    torture_begin();
    if (calibration_read(path, NULL, &calibration, NULL) == PO_OK)
        read_tables(&calibration);
    torture_end();
    (void)unlink(path);
    return 0;
}
