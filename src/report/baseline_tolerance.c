/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "report/baseline_tolerance.h"
#include "settings/edit_distance.h"
#include "settings/setting_value.h"

/* Time is of another day and maybe another machine; accuracy is not. */
static const struct baseline_tolerance defaults = {
    .bad_points = 0.2,
    .mae_px = 0.05,
    .density_points = 0.5,
    .frame_factor = 5.0, /* a mean hides what one frame loses: it moves less */
    .points_percent = 2.0,
    .extent_percent = 2.0,
    .time_ratio = 1.5,
    .memory_ratio = 1.3,
};

static const char *const keys[] = {"bad",    "mae",  "density", "frame", "points",
                                   "extent", "time", "memory",  NULL};

static double *tolerance_of(struct baseline_tolerance *tolerance, int key)
{
    double *const values[] = {&tolerance->bad_points,     &tolerance->mae_px,
                              &tolerance->density_points, &tolerance->frame_factor,
                              &tolerance->points_percent, &tolerance->extent_percent,
                              &tolerance->time_ratio,     &tolerance->memory_ratio};
    return values[key];
}

static int find_key(const char *name)
{
    for (int i = 0; keys[i] != NULL; i++)
        if (strcmp(keys[i], name) == 0)
            return i;
    return -1;
}

/* One "key=number". */
static enum po_status parse_item(const char *item, struct baseline_tolerance *tolerance,
                                 struct po_error *error)
{
    char name[64];
    double number = 0;
    size_t length = strcspn(item, "=");
    (void)snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63), item);
    int key = find_key(name);
    if (key < 0) {
        const char *closest = edit_distance_closest(name, keys);
        return po_fail(error, PO_BAD_ARGUMENT, "--tolerance: unknown key '%s'%s%s%s",
                       name, closest != NULL ? "; did you mean '" : "; see --help",
                       closest != NULL ? closest : "", closest != NULL ? "'?" : "");
    }
    if (item[length] != '=' || !number_parse(item + length + 1, &number) || number < 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--tolerance: %s needs a number of 0 or more, as in %s=1.5", name,
                       name);
    *tolerance_of(tolerance, key) = number;
    return PO_OK;
}

enum po_status baseline_tolerance_parse(const char *text,
                                        struct baseline_tolerance *tolerance,
                                        struct po_error *error)
{
    enum po_status status = PO_OK;
    *tolerance = defaults;
    while (text != NULL && status == PO_OK) {
        char item[128];
        size_t length = strcspn(text, ",");
        if (length >= sizeof(item))
            return po_fail(error, PO_BAD_ARGUMENT, "--tolerance: '%.40s...' is too long",
                           text);
        memcpy(item, text, length);
        item[length] = '\0';
        status = parse_item(item, tolerance, error);
        text = text[length] == ',' ? text + length + 1 : NULL;
    }
    return status;
}
