/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "settings/setting_value.h"
#include "store/plan_settings.h"
#include "store/sealed_json.h"

enum { PLAN_SCHEMA = 1, PLAN_MAX_BYTES = 1 << 28 };

/* What the images showed of all frames of a rig. Other ends a shard finds out itself:
 * what kept a frame from being read may have passed. */
static bool is_verdict(const struct frame_state *row)
{
    return row->status == PO_FRAME_FAILED &&
           (row->cause == PO_MISALIGNED || row->cause == PO_NO_RANGE);
}

static bool are_alike(const struct frame_state *a, const struct frame_state *b)
{
    return a->cause == b->cause && a->message != NULL && b->message != NULL &&
           strcmp(a->message, b->message) == 0;
}

static void write_verdicts(struct json *root, const struct run_state *state)
{
    struct json *list = json_add_array(root, "verdicts");
    for (int first = 0; first < state->frame_count;) {
        int last = first;
        const struct frame_state *row = &state->frames[first];
        if (!is_verdict(row)) {
            first++;
            continue;
        }
        while (last + 1 < state->frame_count && is_verdict(&state->frames[last + 1]) &&
               are_alike(row, &state->frames[last + 1]))
            last++;
        struct json *verdict = json_append_object(list);
        json_add_number(verdict, "first", first);
        json_add_number(verdict, "last", last);
        json_add_number(verdict, "cause", row->cause);
        json_add_string(verdict, "message", row->message != NULL ? row->message : "");
        first = last + 1;
    }
}

static void write_settings(struct json *root, const struct settings_set *set,
                           bool common_only)
{
    struct json *settings = json_add_object(root, "settings");
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        if (common_only && !plan_setting_is_common(settings_row(i)))
            continue;
        settings_format(&set->values, i, text, sizeof(text));
        json_add_string(settings, settings_row(i)->name, text);
    }
}

static void write_said(struct json *root, const struct plan_content *content)
{
    struct json *warnings = json_add_array(root, "warnings");
    for (int i = 0; i < content->warnings->length; i++)
        json_append_string(warnings, content->warnings->texts[i]);
    struct json *events = json_add_array(root, "events");
    for (int i = 0; i < content->journal->length; i++)
        json_append_string(events, content->journal->events[i].text);
}

static void write_cost(struct json *root, const struct plan_cost *cost)
{
    struct json *object = json_add_object(root, "cost");
    json_add_number(object, "frame_s", cost->frame_s);
    json_add_number(object, "frame_bytes", (double)cost->frame_bytes);
    json_add_number(object, "program_bytes", (double)cost->program_bytes);
    json_add_number(object, "disk_bytes", (double)cost->disk_bytes);
}

/* What results follow from. */
static void write_essence(struct json *root, const struct plan_content *content,
                          bool common_only)
{
    char digest[HASH_TEXT_BYTES];
    hash_text(content->session, digest);
    json_add_number(root, "schema", PLAN_SCHEMA);
    json_add_string(root, "version", PROCESS_OFFLINE_VERSION);
    json_add_string(root, "session", digest);
    json_add_number(root, "frames", content->manifest->frame_count);
    json_add_string(root, "network", content->network_key);
    json_add_string(root, "prior", content->prior_key);
    if (content->rectification != NULL)
        kept_rectification_to_json(content->rectification,
                                   json_add_object(root, "rectification"));
    write_settings(root, content->settings, common_only);
    session_values_to_json(content->values, content->manifest,
                           json_add_object(root, "values"));
    write_verdicts(root, content->state);
}

/* Plans of one essence have one name, however long the trial of a frame took. */
static enum po_status make_name(const struct plan_content *content,
                                char name[HASH_TEXT_BYTES], struct po_error *error)
{
    char *text = NULL;
    struct json *root = json_new_object();
    write_essence(root, content, true);
    enum po_status status = json_print(root, &text, error);
    if (status == PO_OK)
        hash_text(hash_bytes(text, strlen(text)), name);
    free(text);
    json_free(root);
    return status;
}

enum po_status session_plan_write(const struct plan_content *content, const char *path,
                                  struct po_error *error)
{
    char name[HASH_TEXT_BYTES];
    enum po_status status = make_name(content, name, error);
    if (status != PO_OK)
        return status;
    struct json *root = json_new_object();
    json_add_string(root, "program", "process_offline");
    json_add_string(root, "name", name);
    json_add_string(root, "root", content->manifest->root);
    write_essence(root, content, false);
    write_cost(root, &content->cost);
    write_said(root, content);
    status = sealed_json_write(root, path, error);
    json_free(root);
    return status;
}

static void read_text(const struct json *node, char *text, size_t text_bytes)
{
    (void)snprintf(text, text_bytes, "%s", json_string(node, ""));
}

static uint64_t read_bytes(const struct json *node)
{
    double value = json_number(node, 0);
    return value > 0 && value < 1e18 ? (uint64_t)value : 0;
}

static void read_cost(const struct json *node, struct plan_cost *cost)
{
    cost->frame_s = json_number(json_get(node, "frame_s"), NAN);
    cost->frame_bytes = read_bytes(json_get(node, "frame_bytes"));
    cost->program_bytes = read_bytes(json_get(node, "program_bytes"));
    cost->disk_bytes = read_bytes(json_get(node, "disk_bytes"));
}

static bool read_index(const struct json *node, int limit, int *index)
{
    double value = json_number(node, -1);
    if (!(value >= 0) || value >= limit || value != floor(value))
        return false;
    *index = (int)value;
    return true;
}

static enum po_status read_verdicts(const struct json *list, struct session_plan *plan)
{
    plan->verdicts = calloc((size_t)json_length(list) + 1, sizeof(*plan->verdicts));
    if (plan->verdicts == NULL)
        return PO_OUT_OF_MEMORY;
    for (const struct json *node = json_first(list); node != NULL;
         node = json_next(node)) {
        struct plan_verdict *verdict = &plan->verdicts[plan->verdict_count];
        double cause = json_number(json_get(node, "cause"), 0);
        if (!read_index(json_get(node, "first"), plan->frame_count, &verdict->first) ||
            !read_index(json_get(node, "last"), plan->frame_count, &verdict->last) ||
            (cause != PO_MISALIGNED && cause != PO_NO_RANGE))
            return PO_BAD_FORMAT;
        verdict->cause = (enum po_status)cause;
        verdict->message = strdup(json_string(json_get(node, "message"), ""));
        if (verdict->message == NULL)
            return PO_OUT_OF_MEMORY;
        plan->verdict_count++;
    }
    return PO_OK;
}

enum po_status session_plan_read(const char *path, struct session_plan *plan,
                                 struct po_error *error)
{
    double frames;
    *plan = (struct session_plan){0};
    enum po_status status = sealed_json_read(path, PLAN_MAX_BYTES, &plan->tree, error);
    if (status != PO_OK)
        return status;
    const struct json *tree = plan->tree;
    read_text(json_get(tree, "name"), plan->name, sizeof(plan->name));
    read_text(json_get(tree, "version"), plan->version, sizeof(plan->version));
    read_text(json_get(tree, "session"), plan->session, sizeof(plan->session));
    read_text(json_get(tree, "root"), plan->root, sizeof(plan->root));
    read_text(json_get(tree, "network"), plan->network_key, sizeof(plan->network_key));
    read_text(json_get(tree, "prior"), plan->prior_key, sizeof(plan->prior_key));
    read_cost(json_get(tree, "cost"), &plan->cost);
    frames = json_number(json_get(tree, "frames"), 0);
    status = PO_BAD_FORMAT;
    if (json_number(json_get(tree, "schema"), 0) == PLAN_SCHEMA && frames >= 1 &&
        frames <= MANIFEST_MAX_FRAMES) {
        plan->frame_count = (int)frames;
        status = read_verdicts(json_get(tree, "verdicts"), plan);
    }
    if (status == PO_OK)
        return PO_OK;
    session_plan_release(plan);
    return po_fail(error, status,
                   status == PO_OUT_OF_MEMORY ? "%s: no memory to read it"
                                              : "%s: not a plan of this program",
                   path);
}

void session_plan_release(struct session_plan *plan)
{
    for (int i = 0; i < plan->verdict_count; i++)
        free(plan->verdicts[i].message);
    free(plan->verdicts);
    json_free(plan->tree);
    *plan = (struct session_plan){0};
}

const char *session_plan_setting(const struct session_plan *plan, const char *name)
{
    return json_string(json_get(json_get(plan->tree, "settings"), name), NULL);
}

bool session_plan_values(const struct session_plan *plan, const struct manifest *manifest,
                         struct session_values *values)
{
    return session_values_from_json(values, manifest, json_get(plan->tree, "values"));
}

bool session_plan_rectification(const struct session_plan *plan,
                                struct kept_rectification *kept)
{
    return kept_rectification_from_json(json_get(plan->tree, "rectification"), kept);
}

void session_plan_said(const struct session_plan *plan, struct warning_list *warnings,
                       struct run_journal *journal)
{
    const struct json *node = json_first(json_get(plan->tree, "warnings"));
    for (; node != NULL; node = json_next(node))
        warning_list_add(warnings, "%s", json_string(node, ""));
    node = json_first(json_get(plan->tree, "events"));
    for (; node != NULL; node = json_next(node))
        run_journal_add(journal, "%s", json_string(node, ""));
}
