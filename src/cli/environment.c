/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/environment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define ENVIRONMENT_PREFIX "PROCESS_OFFLINE_"

enum { PREFIX_BYTES = sizeof(ENVIRONMENT_PREFIX) - 1 };

/* "WORKERS=4" to "workers"; false when the name is too long for any setting. */
static bool setting_name(const char *entry, char *name, size_t name_bytes)
{
    size_t length = strcspn(entry, "=");
    if (length >= name_bytes)
        return false;
    for (size_t i = 0; i < length; i++)
        name[i] = entry[i] == '_' ? '-' : (char)tolower((unsigned char)entry[i]);
    name[length] = '\0';
    return true;
}

static enum po_status read_entry(struct settings_set *set, const char *entry,
                                 struct po_error *error)
{
    char name[64];
    int index = 0;
    const char *value = strchr(entry, '=');
    if (value == NULL || value[1] == '\0') /* an empty variable is as good as none */
        return PO_OK;
    if (!setting_name(entry + PREFIX_BYTES, name, sizeof(name)) ||
        settings_find(name, &index) == NULL) {
        log_warning("%.*s: no such setting; the variable is ignored",
                    (int)(value - entry), entry);
        return PO_OK;
    }
    return settings_assign(set, index, value + 1, ORIGIN_ENVIRONMENT, error);
}

enum po_status environment_read(struct settings_set *set, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (char **entry = environ; status == PO_OK && *entry != NULL; entry++)
        if (strncmp(*entry, ENVIRONMENT_PREFIX, PREFIX_BYTES) == 0)
            status = read_entry(set, *entry, error);
    return status;
}
