/* SPDX-License-Identifier: Apache-2.0 */
/* Shard settings: where the settings of shards differ, by name. */
#ifndef STORE_SHARD_SETTINGS_H
#define STORE_SHARD_SETTINGS_H

#include "store/run_journal.h"
#include "store/session_plan.h"
#include "store/shard_record.h"

/* Of the first shard; zeroed: none was seen yet. */
struct shard_settings {
    bool known;
    struct shard shard;
    char texts[SETTING_MAX][WARNING_BYTES];
};

/* Says for the report what this shard's machine chose otherwise than the first one's. */
void shard_settings_compare(struct shard_settings *first,
                            const struct shard_record *record,
                            struct run_journal *journal);
/* Names the settings that all shards share and that were others in this one's plan. */
void shard_settings_differences(const struct session_plan *plan,
                                const struct shard_record *record, char *text,
                                size_t text_bytes);

#endif
