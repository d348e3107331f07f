/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NumPy's .npz, or a folder of .npy files, with the matrices of OpenCV under any of the
 * names people use; one camera a file too. The unit is not stated.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "calib/matrices.h"

static bool holds_pickles(const struct document_node *root)
{
    const struct document_node *node = root != NULL ? root->first : NULL;
    for (; node != NULL; node = node->next)
        if (node->kind == DOCUMENT_SCALAR && node->text != NULL &&
            strstr(node->text, "pickled") != NULL)
            return true;
    return false;
}

static bool recognise(const struct calibration_source *source)
{
    return source->container == CONTAINER_NUMPY &&
           (matrices_recognise(source->root) || holds_pickles(source->root));
}

/* A dictionary saved with numpy.save is a pickle inside an array file. */
static enum po_status refuse_pickle(const struct calibration_source *source,
                                    struct po_error *error)
{
    const char *name = path_name(source->path);
    const char *key = source->root->first->key;
    bool zip = strcmp(path_extension(name), "npz") == 0;
    char item[160];
    (void)snprintf(item, sizeof(item), zip ? "['%.100s']" : "%.0s", key);
    return po_fail(
        error, PO_UNSUPPORTED,
        "%s: holds pickled Python objects alone, which may be programs and are "
        "not read; convert it: python3 -c \"import numpy; "
        "numpy.savez('matrices_%.60s.npz', **numpy.load('%.100s', "
        "allow_pickle=True)%s.item())\"",
        source->path, name, name, item);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    if (!matrices_recognise(source->root))
        return refuse_pickle(source, error);
    return matrices_read_spread(source, parsed, error);
}

const struct calibration_format format_numpy = {"numpy", SYNTAX_TREE, recognise, read};
