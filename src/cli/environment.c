/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/environment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command_table.h"

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

static bool is_command(const char *name)
{
    for (int i = 0; i < command_option_count(); i++)
        if (strcmp(command_option(i)->name, name) == 0)
            return true;
    return false;
}

/* A variable that is no setting: what to do, or which one may be meant. */
static void report_ignored(const char *entry, const char *name)
{
    int length = (int)strcspn(entry, "=");
    const char *closest = settings_suggest(name);
    int index;
    char meant[64];
    if (is_command(name))
        log_warning("%.*s: not a setting, and ignored: give --%s on the command line",
                    length, entry, name);
    else if (closest != NULL && settings_find(closest, &index) != NULL) {
        setting_environment_name(settings_row(index), meant, sizeof(meant));
        log_warning("%.*s: no such setting, and ignored; did you mean %s?", length, entry,
                    meant);
    } else
        log_warning("%.*s: no such setting; the variable is ignored", length, entry);
}

static enum po_status read_entry(struct settings_set *set, const char *entry,
                                 struct po_error *error)
{
    char name[64];
    int index = 0;
    const char *value = strchr(entry, '=');
    if (value == NULL || value[1] == '\0') /* an empty variable is as good as none */
        return PO_OK;
    if (!setting_name(entry + PREFIX_BYTES, name, sizeof(name)))
        name[0] = '\0';
    if (settings_find(name, &index) == NULL) {
        report_ignored(entry, name);
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
