/* SPDX-License-Identifier: Apache-2.0 */
/* Settings whose value is more than one field. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/setting_value.h"
#include "settings/settings_rows.h"

enum { VERBOSE_MAX = 2, REGION_NUMBERS = 6 };

static bool parse_calibration_unit(struct po_settings *settings, const char *value)
{
    static const char *const names[] = {"auto", "mm", "m"};
    struct po_input_settings *input = &settings->input;
    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) != 0)
            continue;
        input->calibration_unit = (enum po_calibration_unit)i;
        input->square_mm = 0.0;
        return true;
    }
    double square_mm;
    if (strncmp(value, "square:", 7) != 0 || !number_parse(value + 7, &square_mm) ||
        square_mm < 1e-6 || square_mm > 1e6)
        return false;
    input->calibration_unit = PO_CALIB_UNIT_SQUARE;
    input->square_mm = square_mm;
    return true;
}

static void format_calibration_unit(const struct po_settings *settings, char *text,
                                    size_t text_bytes)
{
    static const char *const names[] = {"auto", "mm", "m"};
    const struct po_input_settings *input = &settings->input;
    char number[40];
    if (input->calibration_unit != PO_CALIB_UNIT_SQUARE) {
        (void)snprintf(text, text_bytes, "%s", names[input->calibration_unit]);
        return;
    }
    number_format(input->square_mm, number, sizeof(number));
    (void)snprintf(text, text_bytes, "square:%s", number);
}

const struct setting_custom setting_custom_calibration_unit = {
    .parse = parse_calibration_unit, .format = format_calibration_unit};

static bool parse_region(struct po_settings *settings, const char *value)
{
    struct po_cloud_settings *cloud = &settings->cloud;
    double numbers[REGION_NUMBERS];
    if (strcmp(value, "none") == 0) {
        cloud->roi_given = false;
        memset(cloud->roi_mm, 0, sizeof(cloud->roi_mm));
        return true;
    }
    const char *start = value;
    for (int i = 0; i < REGION_NUMBERS; i++) {
        char number[40];
        size_t length = strcspn(start, ",");
        char ends = i < REGION_NUMBERS - 1 ? ',' : '\0';
        if (length >= sizeof(number) || start[length] != ends)
            return false;
        memcpy(number, start, length);
        number[length] = '\0';
        if (!length_parse(number, &numbers[i]))
            return false;
        start += length + 1;
    }
    memcpy(cloud->roi_mm, numbers, sizeof(cloud->roi_mm));
    cloud->roi_given = true;
    return true;
}

static void format_region(const struct po_settings *settings, char *text,
                          size_t text_bytes)
{
    const struct po_cloud_settings *cloud = &settings->cloud;
    size_t used = 0;
    (void)snprintf(text, text_bytes, "none");
    for (int i = 0; cloud->roi_given && i < REGION_NUMBERS && used < text_bytes; i++) {
        char number[40];
        number_format(cloud->roi_mm[i], number, sizeof(number));
        int length =
            snprintf(text + used, text_bytes - used, "%s%s", i > 0 ? "," : "", number);
        used += (size_t)length;
    }
}

const struct setting_custom setting_custom_region = {.parse = parse_region,
                                                     .format = format_region};

/* Digits up to `end`, of an image's side; on return `text` lies behind them. */
static bool parse_pixels(const char **text, char end, int *pixels)
{
    enum { MOST_DIGITS = 6 };
    size_t length = strspn(*text, "0123456789");
    if (length == 0 || length > MOST_DIGITS || (*text)[length] != end)
        return false;
    *pixels = (int)strtol(*text, NULL, 10);
    *text += length + (end != '\0');
    return true;
}

static bool parse_percent(const char *value, double *percent)
{
    char number[40];
    size_t length = strlen(value);
    if (length < 2 || value[length - 1] != '%' || length > sizeof(number))
        return false;
    memcpy(number, value, length - 1);
    number[length - 1] = '\0';
    return number_parse(number, percent) && *percent >= 1.0 && *percent <= 100.0;
}

/* WxH+X+Y as X11 writes geometries, N%, auto or none. */
static bool parse_quality_region(struct po_settings *settings, const char *value)
{
    static const double USUAL_PERCENT = 40.0;
    double percent = 0.0;
    int region[4] = {0}; /* x y width height */
    if (strcmp(value, "auto") == 0) {
        percent = USUAL_PERCENT;
    } else if (strcmp(value, "none") != 0 && !parse_percent(value, &percent)) {
        if (!parse_pixels(&value, 'x', &region[2]) ||
            !parse_pixels(&value, '+', &region[3]) ||
            !parse_pixels(&value, '+', &region[0]) ||
            !parse_pixels(&value, '\0', &region[1]) || region[2] == 0 || region[3] == 0)
            return false;
    }
    settings->output.quality_percent = percent;
    memcpy(settings->output.quality_region_px, region, sizeof(region));
    return true;
}

static void format_quality_region(const struct po_settings *settings, char *text,
                                  size_t text_bytes)
{
    const int *region = settings->output.quality_region_px;
    char number[40];
    number_format(settings->output.quality_percent, number, sizeof(number));
    if (settings->output.quality_percent > 0)
        (void)snprintf(text, text_bytes, "%s%%", number);
    else if (region[2] > 0)
        (void)snprintf(text, text_bytes, "%dx%d+%d+%d", region[2], region[3], region[0],
                       region[1]);
    else
        (void)snprintf(text, text_bytes, "none");
}

const struct setting_custom setting_custom_quality_region = {
    .parse = parse_quality_region, .format = format_quality_region};

static bool parse_memory_limit(struct po_settings *settings, const char *value)
{
    struct po_run_settings *run = &settings->run;
    uint64_t bytes = 0;
    double percent = 0.0;
    size_t length = strlen(value);
    char number[40];
    if (length > 1 && value[length - 1] == '%' && length <= sizeof(number)) {
        memcpy(number, value, length - 1);
        number[length - 1] = '\0';
        if (!number_parse(number, &percent) || percent < 0.1 || percent > 100.0)
            return false;
    } else if (strcmp(value, "auto") != 0 && (!size_parse(value, &bytes) || bytes == 0)) {
        return false;
    }
    run->memory_limit_bytes = bytes;
    run->memory_limit_percent = percent;
    return true;
}

static void format_memory_limit(const struct po_settings *settings, char *text,
                                size_t text_bytes)
{
    const struct po_run_settings *run = &settings->run;
    char number[40];
    if (run->memory_limit_percent > 0.0) {
        number_format(run->memory_limit_percent, number, sizeof(number));
        (void)snprintf(text, text_bytes, "%s%%", number);
    } else if (run->memory_limit_bytes > 0) {
        size_format(run->memory_limit_bytes, text, text_bytes);
    } else {
        (void)snprintf(text, text_bytes, "auto");
    }
}

const struct setting_custom setting_custom_memory_limit = {.parse = parse_memory_limit,
                                                           .format = format_memory_limit};

/* Digits alone; false above what an int holds. */
static bool parse_count(const char *text, size_t length, int *count)
{
    long value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || value > INT_MAX / 16)
            return false;
        value = 10 * value + (text[i] - '0');
    }
    *count = (int)value;
    return length > 0;
}

/* Whether there is such a part is asked later, where it can be said better. */
static bool parse_shard(struct po_settings *settings, const char *value)
{
    struct po_run_settings *run = &settings->run;
    int number = 0;
    int count = 0;
    const char *slash = strchr(value, '/');
    if (strcmp(value, "none") == 0) {
        run->shard = run->shard_count = 0;
        return true;
    }
    if (slash == NULL || !parse_count(slash + 1, strlen(slash + 1), &count) || count == 0)
        return false;
    if (strncmp(value, "auto/", 5) == 0)
        number = PO_AUTO;
    else if (!parse_count(value, (size_t)(slash - value), &number))
        return false;
    run->shard = number;
    run->shard_count = count;
    return true;
}

static void format_shard(const struct po_settings *settings, char *text,
                         size_t text_bytes)
{
    const struct po_run_settings *run = &settings->run;
    if (run->shard_count == 0)
        (void)snprintf(text, text_bytes, "none");
    else if (run->shard == PO_AUTO)
        (void)snprintf(text, text_bytes, "auto/%d", run->shard_count);
    else
        (void)snprintf(text, text_bytes, "%d/%d", run->shard, run->shard_count);
}

const struct setting_custom setting_custom_shard = {.parse = parse_shard,
                                                    .format = format_shard};

/* Without a value: one level more, so that --verbose --verbose counts. */
static bool parse_verbose(struct po_settings *settings, const char *value)
{
    int *level = &settings->output.verbose;
    if (value == NULL) {
        *level += *level < VERBOSE_MAX;
        return true;
    }
    if (value[0] < '0' || value[0] > '0' + VERBOSE_MAX || value[1] != '\0')
        return false;
    *level = value[0] - '0';
    return true;
}

static void format_verbose(const struct po_settings *settings, char *text,
                           size_t text_bytes)
{
    (void)snprintf(text, text_bytes, "%d", settings->output.verbose);
}

const struct setting_custom setting_custom_verbose = {
    .parse = parse_verbose, .format = format_verbose, .optional_argument = true};
