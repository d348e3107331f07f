/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/mat_print.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "calib/document.h"
#include "calib/matio_library.h"

enum { MAX_VARIABLES = 64, MAX_DEPTH = 3, MAX_FIELDS = 64, MAX_SIDES = 8 };

static bool is_number(int class_type)
{
    return class_type >= MATIO_DOUBLE && class_type <= MATIO_UINT64;
}

/* Elements; 0 for what is empty, or larger than any matrix of a calibration. */
static size_t count_of(const struct matio_variable *variable)
{
    size_t count = 1;
    if (variable->rank < 1 || variable->rank > MAX_SIDES || variable->sides == NULL)
        return 0;
    for (int i = 0; i < variable->rank; i++) {
        if (variable->sides[i] > DOCUMENT_ARRAY_NUMBERS)
            return 0;
        count *= variable->sides[i];
        if (count > DOCUMENT_ARRAY_NUMBERS)
            return 0;
    }
    return count;
}

#define ELEMENT(type) (double)((const type *)variable->data)[i]

static double element(const struct matio_variable *variable, size_t i)
{
    switch (variable->class_type) {
    case MATIO_DOUBLE:
        return ELEMENT(double);
    case MATIO_SINGLE:
        return ELEMENT(float);
    case MATIO_INT8:
        return ELEMENT(int8_t);
    case MATIO_UINT8:
        return ELEMENT(uint8_t);
    case MATIO_INT16:
        return ELEMENT(int16_t);
    case MATIO_UINT16:
        return ELEMENT(uint16_t);
    case MATIO_INT32:
        return ELEMENT(int32_t);
    case MATIO_UINT32:
        return ELEMENT(uint32_t);
    case MATIO_INT64:
        return ELEMENT(int64_t);
    default:
        return ELEMENT(uint64_t);
    }
}

/* MATLAB keeps columns together. */
static void print_matrix(const struct matio_variable *variable, size_t count, FILE *out)
{
    size_t rows = variable->sides[0];
    size_t columns = rows > 0 ? count / rows : 0;
    (void)fprintf(out, "{\"rows\":%zu,\"cols\":%zu,\"data\":[", rows, columns);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            double value = element(variable, column * rows + row);
            (void)fprintf(out, isfinite(value) ? "%s%.17g" : "%s\".nan\"",
                          row + column > 0 ? "," : "", value);
        }
    (void)fprintf(out, "]}");
}

static void print_key(const char *name, bool first, FILE *out)
{
    (void)fprintf(out, "%s\"", first ? "" : ",");
    for (int i = 0; name != NULL && name[i] != '\0' && i < 64; i++)
        (void)fputc(isalnum((unsigned char)name[i]) || name[i] == '_' ? name[i] : '?',
                    out);
    (void)fprintf(out, "\":");
}

static void print_value(const struct matio_library *matio,
                        struct matio_variable *variable, int depth, FILE *out);

static void print_struct(const struct matio_library *matio,
                         struct matio_variable *variable, int depth, FILE *out)
{
    unsigned count = matio->field_count(variable);
    bool first = true;
    (void)fputc('{', out);
    for (unsigned i = 0; i < count && i < MAX_FIELDS && count_of(variable) == 1; i++) {
        struct matio_variable *field = matio->field(variable, i, 0);
        if (field == NULL)
            continue;
        print_key(field->name, first, out);
        print_value(matio, field, depth + 1, out);
        first = false;
    }
    (void)fputc('}', out);
}

/* Depth is bounded by MAX_DEPTH. */
static void print_value(const struct matio_library *matio,
                        struct matio_variable *variable, int depth, FILE *out)
{
    size_t count = count_of(variable);
    if (is_number(variable->class_type) && variable->data != NULL && count > 0 &&
        !variable->is_complex)
        print_matrix(variable, count, out);
    else if (variable->class_type == MATIO_STRUCT && depth < MAX_DEPTH)
        print_struct(matio, variable, depth, out);
    else if (variable->class_type == MATIO_OBJECT || variable->class_type == MATIO_OPAQUE)
        (void)fprintf(out, "\"" MAT_OBJECT_TEXT "\"");
    else
        (void)fprintf(out, "null");
}

static bool is_worth_reading(const struct matio_variable *variable)
{
    return (is_number(variable->class_type) && count_of(variable) > 0) ||
           variable->class_type == MATIO_STRUCT;
}

enum mat_print_end mat_print(const char *path, FILE *out)
{
    struct matio_library matio;
    if (!matio_library_load(&matio))
        return MAT_NO_LIBRARY;
    struct matio_file *file = matio.open(path, 0);
    if (file == NULL)
        return MAT_NOT_OPENED;
    enum mat_print_end end = MAT_PRINTED;
    (void)fputc('{', out);
    for (int i = 0; i < MAX_VARIABLES && end == MAT_PRINTED; i++) {
        struct matio_variable *variable = matio.next_info(file);
        if (variable == NULL)
            break;
        if (is_worth_reading(variable) && matio.read_data(file, variable) != 0)
            end = MAT_BROKEN;
        if (end == MAT_PRINTED)
            print_key(variable->name, i == 0, out);
        if (end == MAT_PRINTED)
            print_value(&matio, variable, 0, out);
        matio.free(variable);
    }
    (void)fputc('}', out);
    (void)matio.close(file);
    return end;
}
