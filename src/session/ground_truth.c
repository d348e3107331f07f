/* SPDX-License-Identifier: Apache-2.0 */
/* Which file holds the true disparities, and by what its values are divided. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/path.h"
#include "session/manifest_parts.h"

static const double TRUTH_16BIT_SCALE = 256;

/* scale 0: by the width of the map; -1: not known */
struct truth_rule {
    const char *left_stem;
    const char *file;
    double scale;
};

static const struct truth_rule rules[] = {
    {"im0", "disp0GT.pfm", 1},      {"im0", "disp0.pfm", 1}, {"view1", "disp1.png", 0},
    {"im2", "disp2_x256.png", 256}, {"im2", "disp2.pfm", 1}, {"im2", "disp2.png", -1},
    {"im2", "disp2.pgm", -1},
};

/* Width and depth of a PNG's IHDR: big-endian at byte 16, and byte 24. */
struct png_facts {
    unsigned width_px; /* 0: not a PNG */
    unsigned bits;
};

static enum po_status png_facts_of(const char *path, struct png_facts *facts,
                                   struct po_error *error)
{
    static const unsigned char SIGNATURE[8] = {0x89, 'P',  'N',  'G',
                                               '\r', '\n', 0x1a, '\n'};
    unsigned char head[25];
    int descriptor;
    struct input_stat info;
    *facts = (struct png_facts){0, 0};
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return input_status_is_passing(status) ? status : PO_OK;
    ssize_t got = input_read(descriptor, head, sizeof(head));
    int cause = errno;
    (void)close(descriptor);
    if (got < 0)
        return po_fail(error, PO_IO, "%s: cannot read it: %s", path, strerror(cause));
    if (got == (ssize_t)sizeof(head) && memcmp(head, SIGNATURE, 8) == 0)
        *facts = (struct png_facts){(unsigned)head[16] << 24 | (unsigned)head[17] << 16 |
                                        (unsigned)head[18] << 8 | head[19],
                                    head[24]};
    return PO_OK;
}

/* Middlebury 2005 and 2006: full size is 1240..1390 wide with scale 1, half size has 2,
 * third size 3. */
static double scale_of_width(unsigned width_px)
{
    return width_px == 0 ? -1 : width_px > 1000 ? 1 : width_px > 550 ? 2 : 3;
}

static void warn_of_scale(const struct pair *pair, struct warning_list *warnings)
{
    if (pair->ground_truth_scale < 0)
        warning_list_add(warnings,
                         "%s: the scale of its values is not known; say --gt-scale",
                         pair->ground_truth);
}

static enum po_status take_scene(const char *folder, const struct truth_rule *rule,
                                 bool has_mask, struct pair *pair, struct po_error *error)
{
    struct png_facts facts = {0, 0};
    enum po_status status = path_keep(&pair->ground_truth, folder, rule->file, error);
    if (status == PO_OK && rule->scale == 0)
        status = png_facts_of(pair->ground_truth, &facts, error);
    pair->ground_truth_scale =
        rule->scale == 0 ? scale_of_width(facts.width_px) : rule->scale;
    if (status == PO_OK && has_mask)
        status = path_keep(&pair->ground_truth_mask, folder, "mask0nocc.png", error);
    return status;
}

enum po_status ground_truth_of_scene(const char *folder, const struct listing *listing,
                                     const char *left_name, struct pair *pair,
                                     struct warning_list *warnings,
                                     struct po_error *error)
{
    size_t stem = strcspn(left_name, ".");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct truth_rule *rule = &rules[i];
        if (strlen(rule->left_stem) != stem ||
            strncmp(rule->left_stem, left_name, stem) != 0 ||
            listing_find(listing, rule->file) == NULL)
            continue;
        enum po_status status = take_scene(
            folder, rule, listing_find(listing, "mask0nocc.png") != NULL, pair, error);
        if (status == PO_OK)
            warn_of_scale(pair, warnings);
        return status;
    }
    return PO_OK;
}

/* One pair's truth is looked for: what was found of it, or what hid it. */
struct truth_search {
    struct pair *pair;
    struct warning_list *warnings;
    struct po_error trouble;
};

static void take_truth(struct truth_search *search, const char *folder, const char *name)
{
    struct pair *pair = search->pair;
    struct png_facts facts;
    enum po_status status =
        path_keep(&pair->ground_truth, folder, name, &search->trouble);
    /* Floats are pixels as they are; integers of 16 bits count 256ths, as KITTI's do. */
    pair->ground_truth_scale = TRUTH_16BIT_SCALE;
    if (status != PO_OK ||
        png_facts_of(pair->ground_truth, &facts, &search->trouble) != PO_OK ||
        facts.bits != 8)
        return;
    pair->ground_truth_scale = -1;
    warn_of_scale(pair, search->warnings);
}

static bool find_named(struct truth_search *search, const char *folder, const char *stem)
{
    static const char *const endings[] = {"_gt.png", "_GT.png", "_gt.pfm",  "_GT.pfm",
                                          "_gt.tif", "_GT.tif", "_gt.tiff", "_GT.tiff"};
    char name[SIDE_KEY_BYTES + 16];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        (void)snprintf(name, sizeof(name), "%s%s", stem, endings[i]);
        if (stem[0] == '\0' || !entry_exists(folder, name, &search->trouble))
            continue;
        if (search->trouble.status == PO_OK)
            take_truth(search, folder, name);
        return true;
    }
    return false;
}

/* disp0GT.pfm and disp0.pfm name no frame. */
static bool find_only(struct truth_search *search, const char *folder)
{
    static const char *const names[] = {"disp0GT.pfm", "disp0.pfm"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (entry_exists(folder, names[i], &search->trouble)) {
            if (search->trouble.status == PO_OK &&
                path_keep(&search->pair->ground_truth, folder, names[i],
                          &search->trouble) == PO_OK)
                search->pair->ground_truth_scale = 1;
            return true;
        }
    return false;
}

enum po_status ground_truth_beside(const char *base, bool is_only, struct pair *pair,
                                   struct warning_list *warnings, struct po_error *error)
{
    static const char *const places[] = {".", "gt", "GT", "ground_truth", "groundtruth"};
    struct truth_search search = {.pair = pair, .warnings = warnings};
    char left[SESSION_PATH_BYTES];
    char stem[SIDE_KEY_BYTES];
    if (!path_directory(left, sizeof(left), pair->left))
        return PO_OK;
    const char *const roots[] = {left, base};
    stem_copy(path_name(pair->left), stem);
    for (size_t i = 0; i < 2 * sizeof(places) / sizeof(places[0]); i++) {
        char folder[SESSION_PATH_BYTES];
        const char *place = places[i / 2];
        if (!path_join(folder, sizeof(folder), roots[i % 2], place))
            continue;
        if (strcmp(place, ".") == 0)
            (void)snprintf(folder, sizeof(folder), "%s", roots[i % 2]);
        if (find_named(&search, folder, stem) || find_named(&search, folder, pair->key) ||
            (is_only && find_only(&search, folder)))
            break;
    }
    return trouble_status(&search.trouble, error);
}

/* DIR/<key>.pfm, DIR/<key>.png or DIR/<key>/disp0GT.pfm and its like. */
enum po_status ground_truth_of_directory(const char *directory, struct pair *pair,
                                         struct po_error *error)
{
    static const struct {
        const char *suffix;
        double scale;
    } places[] = {
        {".pfm", 1},
        {".png", 256},
        {"/disp0GT.pfm", 1},
        {"/disp0.pfm", 1},
        {"/disp2_x256.png", 256},
    };
    struct po_error trouble = {0};
    if (pair->key[0] == '\0')
        return PO_OK;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char name[512];
        (void)snprintf(name, sizeof(name), "%.300s%s", pair->key, places[i].suffix);
        if (!entry_exists(directory, name, &trouble))
            continue;
        if (trouble.status != PO_OK)
            break;
        pair->ground_truth_scale = places[i].scale;
        return path_keep(&pair->ground_truth, directory, name, error);
    }
    return trouble_status(&trouble, error);
}
