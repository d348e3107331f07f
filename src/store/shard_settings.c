/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shard_settings.h"

#include <stdio.h>
#include <string.h>

#include "base/json_file.h"
#include "store/plan_settings.h"

static bool is_told(const struct setting_row *row)
{
    static const char *const silent[] = {"input",      "output",   "shard",   "progress",
                                         "log-format", "quiet",    "verbose", "junit",
                                         "baseline",   "tolerance"};
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
        if (strcmp(row->name, silent[i]) == 0)
            return false;
    return true;
}

/* Settings that each machine chooses, where shards chose differently. */
void shard_settings_compare(struct shard_settings *first,
                            const struct shard_record *record,
                            struct run_journal *journal)
{
    const struct json *settings = json_get(record->tree, "settings");
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        const char *text = json_string(json_get(settings, row->name), "");
        if (!first->known)
            (void)snprintf(first->texts[i], WARNING_BYTES, "%s", text);
        else if (is_told(row) && strncmp(first->texts[i], text, WARNING_BYTES - 1) != 0)
            run_journal_add(journal,
                            "settings differ between shards: --%s is %.60s in %d of %d "
                            "and %.60s in %d of %d",
                            row->name, first->texts[i], first->shard.number,
                            first->shard.count, text, record->shard.number,
                            record->shard.count);
    }
    if (!first->known)
        first->shard = record->shard;
    first->known = true;
}

/* Which settings another plan had, by name. */
void shard_settings_differences(const struct session_plan *plan,
                                const struct shard_record *record, char *text,
                                size_t text_bytes)
{
    size_t used = 0;
    const struct json *settings = json_get(record->tree, "settings");
    (void)snprintf(text, text_bytes, "the session or its values were others");
    for (int i = 0; i < settings_row_count() && used + 1 < text_bytes; i++) {
        const struct setting_row *row = settings_row(i);
        const char *there = json_string(json_get(settings, row->name), "");
        const char *planned = session_plan_setting(plan, row->name);
        if (!plan_setting_is_common(row) || planned == NULL ||
            strcmp(there, planned) == 0)
            continue;
        int length =
            snprintf(text + used, text_bytes - used, "%s--%s was %.40s and is %.40s",
                     used > 0 ? ", " : "", row->name, there, planned);
        used += length > 0 ? (size_t)length : 0;
    }
}
