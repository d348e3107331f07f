/* SPDX-License-Identifier: Apache-2.0 */
#include "store/plan_settings.h"

#include <string.h>

/* What every machine and every call chooses for itself. */
static const char *const own_settings[] = {
    "input",       "output",     "shard",       "workers",         "batch-size",
    "no-parallel", "in-process", "no-sandbox",  "memory-limit",    "memory-profile",
    "force",       "verify",     "no-lock",     "session-timeout", "progress",
    "log-format",  "quiet",      "verbose",     "junit",           "baseline",
    "tolerance",   "cpu",        "onnxruntime", "network-device",
};
/* Taken from the plan where nobody gives them, and free to differ. */
static const char *const free_settings[] = {
    "frame-timeout", "pool-timeout", "pool-restarts", "max-failures",
    "grace",         "cache-size",   "strict"};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

bool plan_setting_is_own(const struct setting_row *row)
{
    return is_among(row->name, own_settings,
                    sizeof(own_settings) / sizeof(own_settings[0]));
}

bool plan_setting_is_common(const struct setting_row *row)
{
    return !plan_setting_is_own(row) &&
           !is_among(row->name, free_settings,
                     sizeof(free_settings) / sizeof(free_settings[0]));
}
