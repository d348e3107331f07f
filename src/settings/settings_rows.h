/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the table of settings, one file each; only settings_table.c joins them. */
#ifndef SETTINGS_SETTINGS_ROWS_H
#define SETTINGS_SETTINGS_ROWS_H

#include "settings/setting_row.h"

struct setting_part {
    const struct setting_row *rows;
    int count;
};

extern const struct setting_part settings_rows_input;
extern const struct setting_part settings_rows_calibrate;
extern const struct setting_part settings_rows_match;
extern const struct setting_part settings_rows_network;
extern const struct setting_part settings_rows_cloud;
extern const struct setting_part settings_rows_run;

extern const struct setting_custom setting_custom_calibration_unit;
extern const struct setting_custom setting_custom_board;
extern const struct setting_custom setting_custom_region;
extern const struct setting_custom setting_custom_quality_region;
extern const struct setting_custom setting_custom_memory_limit;
extern const struct setting_custom setting_custom_shard;
extern const struct setting_custom setting_custom_verbose;

/* The offset of a member, which must have the type its kind reads and writes. */
#define SETTING_FIELD(type, member)                                                      \
    (offsetof(struct po_settings, member) +                                              \
     0 * sizeof((type *)0 == &((struct po_settings *)0)->member))
#define SETTING_CHOICE_FIELD(member)                                                     \
    (offsetof(struct po_settings, member) +                                              \
     0 / (sizeof(((struct po_settings *)0)->member) == sizeof(int)))

#endif
