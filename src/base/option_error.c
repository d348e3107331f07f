/* SPDX-License-Identifier: Apache-2.0 */
#include "base/option_error.h"

#include <string.h>

enum po_status fail_of_option(enum po_status status, const char *option, const char *path,
                              const struct po_error *cause, struct po_error *error)
{
    size_t length = strlen(path);
    if (status == PO_OK)
        return PO_OK;
    if (strncmp(cause->message, path, length) != 0 || cause->message[length] != ':')
        return po_fail(error, status, "%s", cause->message);
    return po_fail(error, status, "--%s %s", option, cause->message);
}
