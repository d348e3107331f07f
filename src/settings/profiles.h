/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: named sets of setting values, as text, in the order they are applied. */
#ifndef SETTINGS_PROFILES_H
#define SETTINGS_PROFILES_H

#include "process_offline/settings.h"

struct profile_value {
    const char *name; /* a row of the table; NULL ends the list */
    const char *value;
};

const struct profile_value *profile_values(enum po_profile profile);

#endif
