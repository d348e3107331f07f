/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/image_file.h"

enum { LINE_BYTES = 4096, FIELDS = 8 };

/* Cuts a line at its tabs, without the second field of lists that name families; false
 * when it has fewer fields. */
static bool split(char *line, bool families, char *fields[FIELDS])
{
    char *rest = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (int i = 0; i < FIELDS; i++) {
        if (families && i == 1)
            (void)strsep(&rest, "\t");
        fields[i] = strsep(&rest, "\t");
        if (fields[i] == NULL)
            return false;
    }
    return true;
}

static bool join(char path[SCENE_PATH_BYTES], const char *directory, const char *name)
{
    int length = snprintf(path, SCENE_PATH_BYTES, "%s/%s", directory, name);
    return length > 0 && length < SCENE_PATH_BYTES;
}

/* Middlebury keeps the mask of non-occluded pixels beside the ground truth. */
static void find_mask(struct scene *scene)
{
    const char *slash = strrchr(scene->truth, '/');
    int length = slash != NULL ? (int)(slash - scene->truth) : 0;
    int written = snprintf(scene->mask, SCENE_PATH_BYTES, "%.*s/mask0nocc.png", length,
                           scene->truth);
    if (written >= SCENE_PATH_BYTES || access(scene->mask, R_OK) != 0)
        scene->mask[0] = '\0';
}

static bool parse_scene(char *line, const char *directory, bool families,
                        struct scene *scene)
{
    char *fields[FIELDS];
    if (!split(line, families, fields))
        return false;
    (void)snprintf(scene->name, sizeof(scene->name), "%s", fields[0]);
    if (!join(scene->left, directory, fields[1]) ||
        !join(scene->right, directory, fields[2]) ||
        !join(scene->truth, directory, fields[3]))
        return false;
    scene->truth_scale = strtod(fields[4], NULL);
    scene->width_px = (int)strtol(fields[5], NULL, 10);
    scene->height_px = (int)strtol(fields[6], NULL, 10);
    scene->max_disparity_px = strtod(fields[7], NULL);
    find_mask(scene);
    return scene->truth_scale > 0.0 && scene->width_px > 0 && scene->height_px > 0;
}

static enum po_status append_scene(struct scene_list *list, const struct scene *scene,
                                   struct po_error *error)
{
    struct scene *grown =
        realloc(list->scenes, ((size_t)list->count + 1) * sizeof(*grown));
    if (grown == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the scene list");
    list->scenes = grown;
    list->scenes[list->count++] = *scene;
    return PO_OK;
}

static enum po_status read_lines(FILE *file, const char *directory, const char *substring,
                                 struct scene_list *list, struct po_error *error)
{
    char line[LINE_BYTES];
    int number = 0;
    bool families = false;
    while (fgets(line, sizeof(line), file) != NULL) {
        struct scene scene = {0};
        if (number++ == 0) {
            families = strstr(line, "\tfamily\t") != NULL;
            continue;
        }
        if (!parse_scene(line, directory, families, &scene))
            return po_fail(error, PO_BAD_FORMAT, "%s: line %d of its list is broken",
                           directory, number);
        if (substring != NULL && strstr(scene.name, substring) == NULL)
            continue;
        enum po_status status = append_scene(list, &scene, error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

enum po_status scene_list_read(const char *directory, const char *substring,
                               struct scene_list *list, struct po_error *error)
{
    char path[SCENE_PATH_BYTES];
    *list = (struct scene_list){0};
    FILE *file = join(path, directory, "scenes.tsv") ? fopen(path, "re") : NULL;
    if (file == NULL)
        file = join(path, directory, "train.tsv") ? fopen(path, "re") : NULL;
    if (file == NULL)
        return po_fail(error, PO_NOT_FOUND, "no scenes.tsv or train.tsv in %s",
                       directory);
    enum po_status status = read_lines(file, directory, substring, list, error);
    (void)fclose(file);
    if (status != PO_OK)
        scene_list_release(list);
    return status;
}

void scene_list_release(struct scene_list *list)
{
    free(list->scenes);
    *list = (struct scene_list){0};
}

struct disparity_range scene_range(const struct scene *scene)
{
    return (struct disparity_range){0, ((int)scene->max_disparity_px + 16) / 16 * 16};
}

static enum po_status load_image(const char *path, struct scratch *scratch,
                                 struct image_view *image, struct po_error *error)
{
    struct image_header header;
    enum po_status status = image_file_probe(path, &header, error);
    if (status != PO_OK)
        return status;
    return image_file_read(path, &header, &(struct image_request){.scale = {65535, 0}},
                           scratch, image, error);
}

static enum po_status load_grey(const struct image_view *image, struct scratch *scratch,
                                struct image_view *grey, struct po_error *error)
{
    *grey = *image;
    if (image->channels == 1)
        return PO_OK;
    enum po_status status =
        image_view_take(scratch, image->width_px, image->height_px, 1, grey, error);
    if (status == PO_OK)
        image_to_grey(image, grey);
    return status;
}

enum po_status scene_load(const struct scene *scene, struct scratch *scratch,
                          struct scene_pair *pair, struct po_error *error)
{
    struct image_view right;
    enum po_status status = load_image(scene->left, scratch, &pair->colour, error);
    if (status == PO_OK)
        status = load_image(scene->right, scratch, &right, error);
    if (status == PO_OK)
        status = load_grey(&pair->colour, scratch, &pair->left, error);
    if (status == PO_OK)
        status = load_grey(&right, scratch, &pair->right, error);
    if (status == PO_OK && (pair->left.width_px != pair->right.width_px ||
                            pair->left.height_px != pair->right.height_px))
        status =
            po_fail(error, PO_BAD_SESSION, "%s: the images differ in size", scene->name);
    return status;
}
