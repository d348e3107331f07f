/* SPDX-License-Identifier: Apache-2.0 */
#include "support/accuracy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_file.h"

struct group {
    const char *name;
    const char *prefix;
    bool nonocc;
};

static const struct group groups[] = {
    {"all", "", false},
    {"middlebury2001-2006", "middlebury200", false},
    {"middlebury2014", "middlebury2014", false},
    {"middlebury2014 nonocc", "middlebury2014", true},
    {"kitti2012", "kitti2012", false},
};
enum { GROUPS = sizeof(groups) / sizeof(*groups), SCENE_WEIGHT = 1 << 30 };

static const double AREA_COVERAGE = 0.7;

struct group_result {
    int scenes;
    struct score dense;
    struct score measured;
    struct score in_view;
    struct confidence_curve
        curve;   /* of all scenes' pixels, each scene weighing the same */
    double area; /* of it, up to AREA_COVERAGE */
    double match_ms_mpx;
    double refine_ms_mpx;
    double scratch_peak_bytes;
    double library_peak_bytes;
};

/* A mean of the scenes' curves would know only what every scene measures. */
static void pool_curve(const struct curve_sum *scene, struct curve_sum *pool)
{
    if (scene->pixels == 0)
        return;
    pool->pixels += SCENE_WEIGHT;
    for (int i = 0; i < CURVE_LEVELS; i++) {
        pool->measured[i] += scene->measured[i] * SCENE_WEIGHT / scene->pixels;
        pool->wrong[i] += scene->wrong[i] * SCENE_WEIGHT / scene->pixels;
    }
}

static struct group_result summarise(const struct group *group,
                                     const struct scene_list *list,
                                     const struct scene_result *results)
{
    struct group_result sum = {0};
    struct frame_scores_sum scores = {0};
    struct curve_sum pool = {0};
    double megapixels = 0.0;
    for (int i = 0; i < list->count; i++) {
        const struct scene_result *result = &results[i];
        if (strncmp(list->scenes[i].name, group->prefix, strlen(group->prefix)) != 0)
            continue;
        if (group->nonocc && !result->scores.dense_nonocc.present)
            continue;
        frame_scores_add(&scores, &result->scores);
        pool_curve(&result->curve, &pool);
        sum.scenes++;
        megapixels += result->megapixels;
        sum.match_ms_mpx += result->match_ms;
        sum.refine_ms_mpx += result->refine_ms;
        if (result->scratch_bytes > sum.scratch_peak_bytes)
            sum.scratch_peak_bytes = result->scratch_bytes;
        if (result->library_bytes > sum.library_peak_bytes)
            sum.library_peak_bytes = result->library_bytes;
    }
    struct frame_scores mean = frame_scores_mean(&scores);
    sum.dense = group->nonocc ? mean.dense_nonocc : mean.dense_all;
    sum.measured = group->nonocc ? mean.measured_nonocc : mean.measured_all;
    sum.in_view = group->nonocc ? mean.dense_nonocc : mean.dense_in_view;
    sum.curve =
        group->nonocc ? (struct confidence_curve){0} : confidence_curve_make(&pool);
    sum.area = confidence_curve_area_to(&pool, AREA_COVERAGE);
    if (megapixels > 0.0) {
        sum.match_ms_mpx /= megapixels;
        sum.refine_ms_mpx /= megapixels;
    }
    return sum;
}

static void print_heading(void)
{
    (void)printf("%-30s %6s %6s %6s %6s %6s %7s | %7s %6s | %8s %8s %8s | %6s %6s | %s\n",
                 "dense", "bad05", "bad1", "bad2", "bad4", "mae", "density", "meas. %",
                 "bad2v", "match", "refine", "scratch", "bad3", "bad2", "surest 50 %");
    (void)printf("%-30s %6s %6s %6s %6s %6s %7s | %7s %6s | %8s %8s %8s | %6s %6s | %s\n",
                 "", "%", "%", "%", "%", "px", "%", "density", "%", "ms/Mpx", "ms/Mpx",
                 "MB", "%", "inview", "60 70 80 %, area to 70");
}

/* A coverage that a scene does not reach has no mean. */
static void print_share(double percent)
{
    if (isfinite(percent))
        (void)printf(" %5.2f", percent);
    else
        (void)printf("     -");
}

static void print_area(double percent)
{
    if (isfinite(percent))
        (void)printf(" %6.3f", percent);
    else
        (void)printf("      -");
}

static void print_row(const char *name, const struct group_result *row)
{
    (void)printf(
        "%-30s %6.2f %6.2f %6.2f %6.2f %6.3f %7.2f | %7.2f %6.2f | %8.1f %8.1f %8.1f | "
        "%6.2f %6.2f |",
        name, row->dense.bad05, row->dense.bad1, row->dense.bad2, row->dense.bad4,
        row->dense.mae, row->dense.density, row->measured.density,
        row->measured.bad2_valid, row->match_ms_mpx, row->refine_ms_mpx,
        row->scratch_peak_bytes / 1e6, row->dense.bad3, row->in_view.bad2);
    for (int i = 4; i < 8 && row->curve.present; i++)
        print_share(row->curve.bad2[i]);
    if (row->curve.present)
        print_area(row->area);
    (void)printf("\n");
}

static void add_score(struct json *parent, const char *key, const struct score *score)
{
    struct json *object = json_add_object(parent, key);
    json_add_number(object, "bad05", score->bad05);
    json_add_number(object, "bad1", score->bad1);
    json_add_number(object, "bad2", score->bad2);
    json_add_number(object, "bad3", score->bad3);
    json_add_number(object, "bad4", score->bad4);
    json_add_number(object, "mae", score->mae);
    json_add_number(object, "density", score->density);
    json_add_number(object, "bad2_valid", score->bad2_valid);
}

static void add_group(struct json *parent, const char *name,
                      const struct group_result *row)
{
    struct json *object = json_add_object(parent, name);
    json_add_number(object, "scenes", row->scenes);
    add_score(object, "dense", &row->dense);
    add_score(object, "measured", &row->measured);
    add_score(object, "dense_in_view", &row->in_view);
    for (int i = 4; i < 8 && row->curve.present; i++) {
        char key[32];
        (void)snprintf(key, sizeof(key), "bad2_of_surest_%d", 10 * (i + 1));
        json_add_number(object, key, row->curve.bad2[i]);
    }
    json_add_number(object, "confidence_curve_area", row->curve.area);
    json_add_number(object, "confidence_curve_area_to_70", row->area);
    json_add_number(object, "match_ms_per_mpx", row->match_ms_mpx);
    json_add_number(object, "refine_ms_per_mpx", row->refine_ms_mpx);
    json_add_number(object, "scratch_peak_bytes", row->scratch_peak_bytes);
    json_add_number(object, "library_bytes", row->library_peak_bytes);
}

static void add_settings(struct json *root, const struct settings_set *set)
{
    struct json *object = json_add_object(root, "settings");
    char text[256];
    for (int i = 0; i < settings_row_count(); i++) {
        if (settings_row(i)->effect == SETTING_RUN)
            continue;
        settings_format(&set->values, i, text, sizeof(text));
        json_add_string(object, settings_row(i)->name, text);
    }
}

static void print_scenes(const struct scene_list *list,
                         const struct scene_result *results)
{
    for (int i = 0; i < list->count; i++) {
        struct scene_list one = {&list->scenes[i], 1};
        struct group_result row = summarise(&groups[0], &one, &results[i]);
        print_row(list->scenes[i].name, &row);
    }
}

static struct json *make_json(const struct scene_list *list,
                              const struct scene_result *results,
                              const struct settings_set *set)
{
    struct json *root = json_new_object();
    add_settings(root, set);
    struct json *object = json_add_object(root, "groups");
    for (int g = 0; g < GROUPS; g++) {
        struct group_result row = summarise(&groups[g], list, results);
        if (row.scenes > 0)
            add_group(object, groups[g].name, &row);
    }
    object = json_add_object(root, "scenes");
    for (int i = 0; i < list->count; i++) {
        struct scene_list one = {&list->scenes[i], 1};
        struct group_result row = summarise(&groups[0], &one, &results[i]);
        add_group(object, list->scenes[i].name, &row);
    }
    return root;
}

enum po_status accuracy_report(const struct scene_list *list,
                               const struct scene_result *results,
                               const struct settings_set *set, bool per_scene,
                               const char *json_path, struct po_error *error)
{
    print_heading();
    if (per_scene)
        print_scenes(list, results);
    for (int g = 0; g < GROUPS; g++) {
        struct group_result row = summarise(&groups[g], list, results);
        if (row.scenes > 0)
            print_row(groups[g].name, &row);
    }
    enum po_status status = PO_OK;
    if (json_path != NULL) {
        struct json *root = make_json(list, results, set);
        status = json_write_file(root, json_path, error);
        json_free(root);
    }
    return status;
}
