/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A raw Q matrix for images that are rectified: sixteen numbers of text, or a document
 * that holds Q and no cameras. The unit is not stated.
 */
#include <string.h>

#include "calib/format.h"

static const char *const keys[] = {"Q", "disparity_to_depth_matrix", "Q_matrix", NULL};

/* Sixteen numbers over any number of lines, "Q:" or "Q =" in front allowed. */
static bool numbers_of_text(const char *text, double q[16])
{
    int count = 0;
    text += strspn(text, " \t\n");
    if (*text == 'Q')
        text += 1 + strspn(text + 1, " \t:=");
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        double line[16];
        int got = line_numbers(text, line, 16);
        if (got < 0 || got + count > 16)
            return false;
        memcpy(q + count, line, (size_t)got * sizeof(double));
        count += got;
        text += length;
        text += *text == '\n';
    }
    return count == 16;
}

static bool recognise_text(const struct calibration_source *source)
{
    double q[16];
    return numbers_of_text(source->text, q);
}

static enum po_status read_text(const struct calibration_source *source,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    double q[16] = {0};
    (void)numbers_of_text(source->text, q);
    return parsed_from_q(source, q, parsed, error);
}

static bool recognise_tree(const struct calibration_source *source)
{
    return document_get_any(source->root, keys) != NULL;
}

static enum po_status read_tree(const struct calibration_source *source,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    double q[16];
    enum po_status status = tree_matrix(source, source->root, keys, 16, q, error);
    return status == PO_OK ? parsed_from_q(source, q, parsed, error) : status;
}

const struct calibration_format format_q_text = {"q-matrix", SYNTAX_LINES, recognise_text,
                                                 read_text};
const struct calibration_format format_q_tree = {"q-matrix", SYNTAX_TREE, recognise_tree,
                                                 read_tree};
