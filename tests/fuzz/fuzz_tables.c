/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a text file with long tables: what is left has none, and what was cut out
 * can be read where it is said to lie. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calib/number_stream.h"
#include "calib/text_tables.h"
#include "fuzz/fuzz_folder.h"
#include "image/image_size.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPEATED_BYTES = 1 << 16 };

/* The first byte says whether the rest is repeated until tables are long enough. */
static uint8_t *grown(const uint8_t *data, size_t size, size_t *bytes)
{
    *bytes = data[0] % 2 == 0 ? size - 1 : REPEATED_BYTES;
    uint8_t *text = malloc(*bytes + 1);
    for (size_t i = 0; text != NULL && i < *bytes; i++)
        text[i] = data[1 + i % (size - 1)];
    return text;
}

static void read_table(const struct fuzz_folder *folder, const char *text, size_t size)
{
    struct remap_array array = {.file = "tables.yml"};
    struct number_stream stream;
    const char *found = strstr(text, "\"table ");
    double value;
    if (found == NULL ||
        !text_table_parse(found + 1, &array.text_offset, &array.text_bytes))
        return;
    if (array.text_bytes == 0 || array.text_offset > size ||
        array.text_bytes > size - array.text_offset)
        return; /* the text itself said so */
    if (number_stream_open(&stream, folder->root, &array, NULL) == PO_OK)
        for (int i = 0; i < 100; i++)
            if (number_stream_next(&stream, &value, NULL) != PO_OK)
                break;
    number_stream_close(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_folder folder;
    char *text = NULL;
    size_t kept = 0;
    size_t bytes;
    int width_px;
    int height_px;
    struct po_error error = {0};
    if (size < 2)
        return 0;
    uint8_t *made = grown(data, size, &bytes);
    if (made == NULL)
        return 0;
    (void)image_size_of_head(made, bytes, &width_px, &height_px);
    const char *path = fuzz_folder_write(&folder, "tables.yml", made, bytes);
    torture_begin();
    if (text_without_tables(path, &text, &kept, &error) == PO_OK) {
        if (strlen(text) != kept)
            abort();
        read_table(&folder, text, bytes);
    } else if (error.message[0] == '\0') {
        abort();
    }
    torture_end();
    free(text);
    free(made);
    return 0;
}
