/* SPDX-License-Identifier: Apache-2.0 */
/* A model file of any content: a summary whose texts end, or an error. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "neural/onnx_summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (memchr(text, 0, ONNX_TEXT_BYTES) == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct onnx_summary summary;
    struct po_error error;
    if (onnx_summary_read(data, size, &summary, &error) != PO_OK)
        return 0;
    if (summary.operator_count < 1 || summary.operator_count > ONNX_OPERATORS_MAX)
        abort();
    for (int i = 0; i < summary.operator_count; i++)
        check_text(summary.operators[i].name);
    check_text(summary.producer);
    check_text(summary.external_file);
    return 0;
}
