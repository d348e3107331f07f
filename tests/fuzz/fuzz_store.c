/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an output keeps beside the session's values, of any content: the plan, a shard's
 * record, how the cameras stand. The input is JSON that is sealed and read as each; what
 * was read is within its bounds and, written again, is the same. "@KEY@" in it stands for
 * the key of what is kept of the cameras.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "store/kept_rectification.h"
#include "store/sealed_json.h"
#include "store/session_plan.h"
#include "store/shard_record.h"
#include "support/replay_torture.h"

enum { INPUT_MAX_BYTES = 1 << 16, FRAMES = 6, SOME_FRAMES = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char key[HASH_TEXT_BYTES];
static struct session_paths paths;
static char kept_path[SESSION_PATH_BYTES];
static char plan_path[SESSION_PATH_BYTES];
static char shard_file[SESSION_PATH_BYTES];
static char root[] = "/session";
static struct frame_entry entries[FRAMES];
static struct calibration calibrations[1];
static struct manifest manifest = {.root = root,
                                   .frame_count = FRAMES,
                                   .frames = entries,
                                   .calibration_count = 1,
                                   .calibrations = calibrations};
static struct settings_set settings;
static struct session_values values;
static struct run_state state;
static struct warning_list warnings;
static struct run_journal journal;
static const char *const files[] = {kept_path, plan_path, shard_file};

static void clean(void)
{
    settings_set_release(&settings);
    session_values_release(&values);
    run_state_release(&state);
    for (int i = 0; i < 3; i++)
        (void)unlink(files[i]);
    (void)rmdir(paths.state);
}

static void learn_key(void)
{
    const struct kept_rectification kept = {.width_px = 1, .height_px = 1};
    struct json *tree;
    if (kept_rectification_write(&paths, &manifest, &settings.values, &kept, NULL) !=
            PO_OK ||
        json_read_file(kept_path, INPUT_MAX_BYTES, &tree, NULL) != PO_OK)
        abort();
    (void)snprintf(key, sizeof(key), "%s", json_string(json_get(tree, "key"), ""));
    json_free(tree);
}

static void prepare(void)
{
    static int made;
    if (made)
        return;
    (void)snprintf(paths.state, sizeof(paths.state), "/tmp/fuzz_store_XXXXXX");
    settings_set_init(&settings);
    if (mkdtemp(paths.state) == NULL || atexit(clean) != 0 ||
        !path_join(kept_path, sizeof(kept_path), paths.state, "rectification.json") ||
        !path_join(plan_path, sizeof(plan_path), paths.state, SESSION_PLAN_FILE) ||
        !path_join(shard_file, sizeof(shard_file), paths.state, "1-of-2.json") ||
        session_values_init(&values, &manifest, NULL) != PO_OK ||
        run_state_init(&state, FRAMES, NULL) != PO_OK)
        abort();
    run_state_end(&state, 0, PO_FRAME_FAILED, PO_NO_RANGE, "no range");
    run_state_end(&state, 1, PO_FRAME_FAILED, PO_MISALIGNED, "rows");
    run_state_end(&state, 2, PO_FRAME_FAILED, PO_MISALIGNED, "rows");
    run_state_end(&state, 3, PO_FRAME_FAILED, PO_BAD_IMAGE, "cut");
    run_state_end(&state, 4, PO_FRAME_DONE, PO_OK, NULL);
    warning_list_add(&warnings, "a warning");
    run_journal_add(&journal, "an event");
    learn_key();
    made = 1;
}

static void write_as_is(const char *path, const char *text, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text, 1, bytes, file) != bytes || fclose(file) != 0)
        abort();
}

static void write_input(const uint8_t *data, size_t size)
{
    struct json *tree = NULL;
    char *text = malloc(size + HASH_TEXT_BYTES);
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    char *mark = strstr(text, "@KEY@");
    size_t bytes = size;
    if (mark != NULL) {
        size_t rest = size - (size_t)(mark - text) - 5;
        memmove(mark + HASH_TEXT_BYTES - 1, mark + 5, rest);
        memcpy(mark, key, HASH_TEXT_BYTES - 1);
        bytes += HASH_TEXT_BYTES - 1 - 5;
    }
    bool is_json = json_parse(text, bytes, &tree, NULL) == PO_OK;
    for (int i = 0; i < 3; i++)
        if (!is_json || json_get(tree, "checksum") != NULL)
            write_as_is(files[i], text, bytes);
    if (is_json && json_get(tree, "checksum") == NULL &&
        sealed_json_write(tree, kept_path, NULL) == PO_OK) {
        struct json *sealed = NULL;
        char *again = NULL;
        if (json_read_file_text(kept_path, 8 * INPUT_MAX_BYTES, &sealed, &again, NULL) ==
            PO_OK)
            for (int i = 1; i < 3; i++)
                write_as_is(files[i], again, strlen(again));
        json_free(sealed);
        free(again);
    }
    json_free(tree);
    free(text);
}

static void try_kept(void)
{
    struct kept_rectification kept;
    struct kept_rectification again;
    bool found = false;
    torture_begin();
    enum po_status status =
        kept_rectification_read(&paths, &manifest, &settings.values, &kept, &found, NULL);
    torture_end();
    if (status != PO_OK && !torture_has_failed())
        abort(); /* it can be read, whatever it holds */
    if (status != PO_OK || !found)
        return;
    if (kept.width_px < 1 || kept.height_px < 1 || kept.unknown_count < 0 ||
        kept.unknown_count > KEPT_UNKNOWNS_MAX || !(fabs(kept.figures[0]) < 1e9))
        abort();
    torture_begin();
    status = kept_rectification_write(&paths, &manifest, &settings.values, &kept, NULL);
    torture_end();
    if (status == PO_OK && (kept_rectification_read(&paths, &manifest, &settings.values,
                                                    &again, &found, NULL) != PO_OK ||
                            !found || again.unknown_count != kept.unknown_count ||
                            again.counts[2] != kept.counts[2]))
        abort();
}

static void check_plan(const struct session_plan *plan)
{
    struct warning_list said = {0};
    struct run_journal events = {0};
    if (plan->frame_count < 1)
        abort();
    for (int i = 0; i < plan->verdict_count; i++)
        if (plan->verdicts[i].first < 0 || plan->verdicts[i].last >= plan->frame_count ||
            plan->verdicts[i].message == NULL)
            abort();
    (void)session_plan_setting(plan, "profile");
    (void)!session_plan_values(plan, &manifest, &values);
    struct kept_rectification kept;
    if (session_plan_rectification(plan, &kept) &&
        (kept.width_px < 1 || kept.unknown_count > KEPT_UNKNOWNS_MAX))
        abort();
    session_plan_said(plan, &said, &events);
}

static void try_plan(void)
{
    struct session_plan plan;
    torture_begin();
    if (session_plan_read(plan_path, &plan, NULL) == PO_OK)
        check_plan(&plan);
    session_plan_release(&plan);
    const struct plan_content content = {.manifest = &manifest,
                                         .settings = &settings,
                                         .values = &values,
                                         .state = &state,
                                         .warnings = &warnings,
                                         .journal = &journal,
                                         .network_key = "",
                                         .prior_key = "",
                                         .cost = {.frame_s = NAN}};
    enum po_status status = session_plan_write(&content, plan_path, NULL);
    torture_end();
    if (status != PO_OK)
        return;
    if (session_plan_read(plan_path, &plan, NULL) != PO_OK || plan.verdict_count != 2 ||
        plan.verdicts[1].first != 1 || plan.verdicts[1].last != 2)
        abort();
    session_plan_release(&plan);
}

static void check_frames(const struct shard_record *record)
{
    for (const struct json *line = shard_record_frames(record); line != NULL;
         line = json_next(line)) {
        int frame = -1;
        struct frame_state row;
        if (!shard_record_frame(line, SOME_FRAMES, &frame, &row))
            continue;
        if (frame < 0 || frame >= SOME_FRAMES || row.stage < 0 ||
            row.stage >= EVENT_STAGES || row.status > PO_FRAME_OUT_OF_MEMORY)
            abort();
        free(row.message);
    }
}

static void try_shard(void)
{
    struct shard_record record;
    const struct shard_record own = {
        .shard = {2, 2, 1}, .plan = "p", .host = "h", .ended = true};
    const struct shard_content content = {&settings, &warnings, &journal, &state};
    torture_begin();
    if (shard_record_read(shard_file, &record, NULL) == PO_OK)
        check_frames(&record);
    shard_record_release(&record);
    enum po_status status = shard_record_write(&own, &content, shard_file, NULL);
    torture_end();
    if (status != PO_OK)
        return;
    if (shard_record_read(shard_file, &record, NULL) != PO_OK || !record.ended ||
        record.shard.number != 2)
        abort();
    check_frames(&record);
    shard_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX_BYTES)
        return 0;
    prepare();
    write_input(data, size);
    try_kept();
    try_plan();
    try_shard();
    return 0;
}
