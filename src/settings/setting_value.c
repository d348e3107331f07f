/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/setting_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "settings/edit_distance.h"
#include "settings/synonyms.h"

static void *field_of(struct po_settings *settings, const struct setting_row *row)
{
    return (char *)settings + row->field;
}

static const void *const_field_of(const struct po_settings *settings,
                                  const struct setting_row *row)
{
    return (const char *)settings + row->field;
}

static enum po_status parse_flag(const struct setting_row *row, const char *label,
                                 const char *value, struct po_settings *settings,
                                 struct po_error *error)
{
    static const char *const words[] = {"false", "true", "no", "yes",
                                        "off",   "on",   "0",  "1"};
    for (int i = 0; i < 8; i++) {
        if (value != NULL && strcmp(value, words[i]) != 0)
            continue;
        bool named = value == NULL || i % 2 == 1;
        *(bool *)field_of(settings, row) = named != row->inverted;
        return PO_OK;
    }
    return po_fail(error, PO_BAD_ARGUMENT, "%s: '%s' is not true or false", label, value);
}

static enum po_status parse_int(const struct setting_row *row, const char *label,
                                const char *value, struct po_settings *settings,
                                struct po_error *error)
{
    const char *or_auto = row->allow_auto ? " or auto" : "";
    double number;
    if (row->allow_auto && strcmp(value, "auto") == 0) {
        *(int *)field_of(settings, row) = PO_AUTO;
        return PO_OK;
    }
    if (!number_parse(value, &number) || number != floor(number))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: '%s' is not a whole number; give %.0f to %.0f%s", label,
                       value, row->min, row->max, or_auto);
    if (number < row->min || number > row->max)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: %s is out of range; give %.0f to %.0f%s", label, value,
                       row->min, row->max, or_auto);
    *(int *)field_of(settings, row) = (int)number;
    return PO_OK;
}

static enum po_status parse_real(const struct setting_row *row, const char *label,
                                 const char *value, struct po_settings *settings,
                                 struct po_error *error)
{
    double number;
    if (!number_parse(value, &number))
        return po_fail(error, PO_BAD_ARGUMENT, "%s: '%s' is not a number; give %g to %g",
                       label, value, row->min, row->max);
    if (number < row->min || number > row->max)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: %s is out of range; give %g to %g",
                       label, value, row->min, row->max);
    *(double *)field_of(settings, row) = number;
    return PO_OK;
}

static enum po_status parse_length(const struct setting_row *row, const char *label,
                                   const char *value, struct po_settings *settings,
                                   struct po_error *error)
{
    double length_mm;
    if (!length_parse(value, &length_mm))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: '%s' is not a length; give millimetres, or 300cm, 3m", label,
                       value);
    if (length_mm < row->min || length_mm > row->max)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: %s is out of range; give %g to %g mm",
                       label, value, row->min, row->max);
    *(double *)field_of(settings, row) = length_mm;
    return PO_OK;
}

static enum po_status parse_size(const struct setting_row *row, const char *label,
                                 const char *value, struct po_settings *settings,
                                 struct po_error *error)
{
    uint64_t bytes;
    if (!size_parse(value, &bytes))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: '%s' is not a size; give bytes, or 512M, 1.5G", label, value);
    if ((double)bytes < row->min || (double)bytes > row->max)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: %s is out of range", label, value);
    *(uint64_t *)field_of(settings, row) = bytes;
    return PO_OK;
}

/* "a, b, c" of a NULL-terminated list. */
static void join_choices(const char *const *choices, char *text, size_t text_bytes)
{
    size_t used = 0;
    for (int i = 0; choices[i] != NULL && used < text_bytes; i++) {
        int length = snprintf(text + used, text_bytes - used, "%s%s", i > 0 ? ", " : "",
                              choices[i]);
        used += (size_t)length;
    }
}

static enum po_status fail_choice(const struct setting_row *row, const char *label,
                                  const char *value, struct po_error *error)
{
    char list[256];
    join_choices(row->choices, list, sizeof(list));
    const char *closest = synonym_of(row->name, value);
    if (closest == NULL)
        closest = edit_distance_closest(value, row->choices);
    if (closest != NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: '%s' is not one of %s; did you mean '%s'?", label, value,
                       list, closest);
    return po_fail(error, PO_BAD_ARGUMENT, "%s: '%s' is not one of %s", label, value,
                   list);
}

static int find_choice(const struct setting_row *row, const char *value)
{
    for (int i = 0; row->choices[i] != NULL; i++)
        if (strcmp(row->choices[i], value) == 0)
            return i;
    return -1;
}

static enum po_status parse_choice(const struct setting_row *row, const char *label,
                                   const char *value, struct po_settings *settings,
                                   struct po_error *error)
{
    int choice = find_choice(row, value);
    if (choice < 0)
        return fail_choice(row, label, value, error);
    memcpy(field_of(settings, row), &choice, sizeof(choice));
    return PO_OK;
}

static unsigned all_bits(const struct setting_row *row)
{
    unsigned bits = 0;
    for (int i = 0; row->choices[i] != NULL; i++)
        bits |= 1U << i;
    return bits;
}

static enum po_status parse_list(const struct setting_row *row, const char *label,
                                 const char *value, struct po_settings *settings,
                                 struct po_error *error)
{
    unsigned bits = 0;
    const char *start = value;
    for (;;) {
        char name[64];
        size_t length = strcspn(start, ",");
        (void)snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63),
                       start);
        int choice = find_choice(row, name);
        if (strcmp(name, "all") == 0)
            bits |= all_bits(row);
        else if (choice >= 0)
            bits |= 1U << choice;
        else if (strcmp(value, "none") != 0)
            return fail_choice(row, label, name, error);
        if (start[length] == '\0')
            break;
        start += length + 1;
    }
    *(unsigned *)field_of(settings, row) = bits;
    return PO_OK;
}

static enum po_status parse_text(const struct setting_row *row, const char *label,
                                 const char *value, struct po_settings *settings,
                                 struct po_error *error)
{
    if (*value == '\0')
        return po_fail(error, PO_BAD_ARGUMENT, "%s: the value is empty; give %s", label,
                       row->argument);
    if (strlen(value) >= SETTING_TEXT_MAX_BYTES)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: the value is longer than %d bytes",
                       label, SETTING_TEXT_MAX_BYTES - 1);
    *(const char **)field_of(settings, row) = value;
    return PO_OK;
}

static enum po_status parse_custom(const struct setting_row *row, const char *label,
                                   const char *value, struct po_settings *settings,
                                   struct po_error *error)
{
    if (!row->custom->parse(settings, value))
        return po_fail(error, PO_BAD_ARGUMENT, "%s: '%s' is not understood; give %s",
                       label, value, row->argument);
    return PO_OK;
}

enum po_status setting_value_parse(const struct setting_row *row, const char *label,
                                   const char *value, struct po_settings *settings,
                                   struct po_error *error)
{
    static enum po_status (*const parsers[])(const struct setting_row *, const char *,
                                             const char *, struct po_settings *,
                                             struct po_error *) = {
        [SETTING_FLAG] = parse_flag,     [SETTING_INT] = parse_int,
        [SETTING_REAL] = parse_real,     [SETTING_CHOICE] = parse_choice,
        [SETTING_TEXT] = parse_text,     [SETTING_SIZE] = parse_size,
        [SETTING_LIST] = parse_list,     [SETTING_CUSTOM] = parse_custom,
        [SETTING_LENGTH] = parse_length,
    };
    if (value == NULL && !setting_argument_is_optional(row))
        return po_fail(error, PO_BAD_ARGUMENT, "%s: a value is missing; give %s", label,
                       row->argument);
    return parsers[row->kind](row, label, value, settings, error);
}

static void format_list(const struct setting_row *row, unsigned bits, char *text,
                        size_t text_bytes)
{
    const char *names[32];
    int count = 0;
    for (int i = 0; row->choices[i] != NULL; i++)
        if (bits & 1U << i)
            names[count++] = row->choices[i];
    names[count] = NULL;
    (void)snprintf(text, text_bytes, "none");
    size_t used = 0;
    for (int i = 0; i < count && used < text_bytes; i++)
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", i > 0 ? "," : "",
                                 names[i]);
}

static void format_int(int value, char *text, size_t text_bytes)
{
    if (value == PO_AUTO)
        (void)snprintf(text, text_bytes, "auto");
    else
        (void)snprintf(text, text_bytes, "%d", value);
}

void setting_value_format(const struct setting_row *row,
                          const struct po_settings *settings, char *text,
                          size_t text_bytes)
{
    const void *field = const_field_of(settings, row);
    const char *string;
    int choice;
    switch (row->kind) {
    case SETTING_FLAG:
        (void)snprintf(text, text_bytes, "%s",
                       *(const bool *)field != row->inverted ? "true" : "false");
        break;
    case SETTING_INT:
        format_int(*(const int *)field, text, text_bytes);
        break;
    case SETTING_REAL:
    case SETTING_LENGTH:
        number_format(*(const double *)field, text, text_bytes);
        break;
    case SETTING_CHOICE:
        memcpy(&choice, field, sizeof(choice));
        (void)snprintf(text, text_bytes, "%s", row->choices[choice]);
        break;
    case SETTING_TEXT:
        string = *(const char *const *)field;
        (void)snprintf(text, text_bytes, "%s", string != NULL ? string : "");
        break;
    case SETTING_SIZE:
        size_format(*(const uint64_t *)field, text, text_bytes);
        break;
    case SETTING_LIST:
        format_list(row, *(const unsigned *)field, text, text_bytes);
        break;
    case SETTING_CUSTOM:
        row->custom->format(settings, text, text_bytes);
        break;
    }
}
