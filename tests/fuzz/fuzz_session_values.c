/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .state/session.json of any content. "@KEY@" in the input stands for the key the
 * session has, "@CAL@" for the name of its calibration, as no fuzzer guesses a hash; what
 * is JSON without a checksum is sealed, so that its values are looked at.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/json_file.h"
#include "frame/degradation.h"
#include "store/sealed_json.h"
#include "store/session_values.h"
#include "support/replay_torture.h"

enum { MARK_BYTES = 5, INPUT_MAX_BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz_values_XXXXXX";
static char key[HASH_TEXT_BYTES];
static char calibration_name[HASH_TEXT_BYTES];
static struct calibration calibrations[1];
static char root[] = "/session";
static struct manifest manifest = {
    .root = root, .calibration_count = 1, .calibrations = calibrations};
static struct settings_set settings;

static void clean(void)
{
    settings_set_release(&settings);
    (void)unlink(path);
}

/* What the program itself writes shows the key. */
static void prepare(void)
{
    struct session_values values;
    struct json *tree;
    if (key[0] != '\0')
        return;
    settings_set_init(&settings);
    int descriptor = mkstemp(path);
    if (descriptor < 0 || close(descriptor) != 0 || atexit(clean) != 0 ||
        session_values_init(&values, &manifest, NULL) != PO_OK ||
        session_values_store(&values, &manifest, &settings.values, path, NULL) != PO_OK ||
        json_read_file(path, INPUT_MAX_BYTES, &tree, NULL) != PO_OK)
        abort();
    (void)snprintf(key, sizeof(key), "%s", json_string(json_get(tree, "key"), ""));
    hash_text(calibration_hash(&calibrations[0]), calibration_name);
    json_free(tree);
    session_values_release(&values);
    if (strlen(key) != HASH_TEXT_BYTES - 1)
        abort();
}

/* The input with its marks replaced; the caller frees it. */
static char *expand(const uint8_t *data, size_t size, size_t *bytes)
{
    char *text = malloc((size / MARK_BYTES + 1) * HASH_TEXT_BYTES + size);
    if (text == NULL)
        abort();
    size_t used = 0;
    while (size > 0) {
        const char *name = NULL;
        if (size >= MARK_BYTES && memcmp(data, "@KEY@", MARK_BYTES) == 0)
            name = key;
        else if (size >= MARK_BYTES && memcmp(data, "@CAL@", MARK_BYTES) == 0)
            name = calibration_name;
        size_t taken = name != NULL ? MARK_BYTES : 1;
        size_t put = name != NULL ? strlen(name) : 1;
        memcpy(text + used, name != NULL ? (const void *)name : (const void *)data, put);
        used += put;
        data += taken;
        size -= taken;
    }
    *bytes = used;
    return text;
}

static void write_as_is(const char *text, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text, 1, bytes, file) != bytes || fclose(file) != 0)
        abort();
}

static void write_input(const uint8_t *data, size_t size)
{
    size_t bytes;
    struct json *tree = NULL;
    char *text = expand(data, size, &bytes);
    bool is_json = json_parse(text, bytes, &tree, NULL) == PO_OK;
    if (!is_json || json_get(tree, "key") == NULL || json_get(tree, "checksum") != NULL)
        write_as_is(text, bytes);
    else if (sealed_json_write(tree, path, NULL) != PO_OK)
        abort();
    json_free(tree);
    free(text);
}

static void load(struct session_values *values)
{
    if (session_values_init(values, &manifest, NULL) != PO_OK)
        abort();
    torture_begin();
    enum po_status status =
        session_values_load(values, &manifest, &settings.values, path, NULL);
    torture_end();
    if (status != PO_OK && !torture_has_failed())
        abort(); /* it can be read, whatever it holds */
}

/* Whatever was taken is within its bounds. */
static void check(const struct session_values *values)
{
    if (values->degradation < 0 || values->degradation >= DEGRADATION_COUNT ||
        values->scale16[1].white < 64 || values->scale16[1].white > 65535 ||
        values->scale16[0].black < 0 ||
        values->scale16[0].white - values->scale16[0].black < SAMPLE_MIN_SPAN ||
        values->downscale < 1 || values->downscale > 4)
        abort();
    for (int slot = 0; slot < values->range_count; slot++) {
        const struct disparity_range *range = &values->ranges[slot];
        const struct vertical_field *field = &values->vertical_fields[slot];
        if (values->range_known[slot] &&
            (range->count < 16 || range->count > DISPARITY_MAX_COUNT ||
             range->min_px < DISPARITY_MIN_PX || range->min_px > DISPARITY_LIMIT_PX))
            abort();
        if (!(fabs(field->a_px) <= 1e4) || !(fabs(field->b_px) <= 1e4) ||
            !(fabs(field->c_px) <= 1e4))
            abort();
    }
}

static void check_round_trip(const struct session_values *values)
{
    struct session_values again;
    if (session_values_store(values, &manifest, &settings.values, path, NULL) != PO_OK)
        abort();
    load(&again);
    if (torture_has_failed()) {
        session_values_release(&again);
        return;
    }
    if (!again.loaded || again.degradation != values->degradation ||
        again.downscale != values->downscale)
        abort();
    for (int slot = 0; slot < values->range_count; slot++)
        if (again.range_known[slot] != values->range_known[slot] ||
            again.rows_known[slot] != values->rows_known[slot] ||
            again.ranges[slot].min_px != values->ranges[slot].min_px ||
            again.ranges[slot].count != values->ranges[slot].count)
            abort();
    session_values_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session_values values;
    if (size > INPUT_MAX_BYTES)
        return 0;
    prepare();
    write_input(data, size);
    load(&values);
    if (values.loaded) {
        check(&values);
        check_round_trip(&values);
    }
    session_values_release(&values);
    return 0;
}
