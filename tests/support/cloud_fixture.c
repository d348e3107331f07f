/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cloud_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input_file.h"

enum { CONFIDENCE = 200, SIGMA = 32, MAX_FILE_BYTES = 1 << 28 };

static struct image_view take(struct cloud_fixture *fixture, int width_px, int height_px,
                              int channels)
{
    struct image_view view;
    assert_int_equal(image_view_take(&fixture->scratch, width_px, height_px, channels,
                                     &view, &fixture->error),
                     PO_OK);
    return view;
}

static void fill(const struct image_view *view, int value)
{
    for (int y = 0; y < view->height_px; y++)
        memset(image_row(view, y), value, (size_t)view->width_px);
}

static void paint(const struct image_view *colour)
{
    for (int y = 0; y < colour->height_px; y++)
        for (int x = 0; x < colour->width_px; x++) {
            uint8_t *pixel = image_row(colour, y) + 3 * x;
            pixel[0] = (uint8_t)x;
            pixel[1] = (uint8_t)y;
            pixel[2] = (uint8_t)(x + y);
        }
}

void cloud_fixture_init(struct cloud_fixture *fixture, int width_px, int height_px,
                        int sixteenths)
{
    struct cloud_input *input = &fixture->input;
    memset(fixture, 0, sizeof(*fixture));
    /* Inputs, and the largest plan: all filters, normals and the mesh. */
    struct po_cloud_settings all = {.edge_jump_px = 1,
                                    .outlier_neighbours = 8,
                                    .min_component_points = 2,
                                    .voxel_mm = 1,
                                    .normals = true,
                                    .surface_reconstruction = true};
    size_t bytes = disparity_map_bytes(width_px, height_px) +
                   3 * image_view_bytes(width_px, height_px, 1) +
                   image_view_bytes(width_px, height_px, 3) +
                   cloud_scratch_bytes(&all, width_px, height_px);
    assert_int_equal(scratch_init(&fixture->scratch, bytes, &fixture->error), PO_OK);
    assert_int_equal(disparity_map_take(&fixture->scratch, width_px, height_px,
                                        &input->map, &fixture->error),
                     PO_OK);
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++)
            cloud_fixture_set(fixture, x, y, sixteenths);
    input->classes = take(fixture, width_px, height_px, 1);
    input->confidence = take(fixture, width_px, height_px, 1);
    input->sigma = take(fixture, width_px, height_px, 1);
    input->colour = take(fixture, width_px, height_px, 3);
    fill(&input->classes, PIXEL_MEASURED);
    fill(&input->confidence, CONFIDENCE);
    fill(&input->sigma, SIGMA);
    paint(&input->colour);
    fixture->inputs_end = scratch_mark(&fixture->scratch);
    input->settings = &fixture->settings;
    input->rig = (struct rectified_rig){.width_px = width_px,
                                        .height_px = height_px,
                                        .focal_px = 500,
                                        .focal_y_px = 500,
                                        .cx_px = 0.5 * (width_px - 1),
                                        .cy_px = 0.5 * (height_px - 1),
                                        .baseline_mm = 100,
                                        .unit = RIG_MM};
}

void cloud_fixture_release(struct cloud_fixture *fixture)
{
    scratch_release(&fixture->scratch);
}

void cloud_fixture_set(struct cloud_fixture *fixture, int x, int y, int sixteenths)
{
    disparity_row(&fixture->input.map, y)[x] = (int16_t)sixteenths;
}

bool cloud_fixture_kept(const struct cloud_fixture *fixture, int x, int y)
{
    return image_row(&fixture->selection.keep, y)[x] != 0;
}

void cloud_fixture_select(struct cloud_fixture *fixture)
{
    const struct disparity_map *map = &fixture->input.map;
    fixture->counts.length = 0;
    fixture->warnings.length = 0;
    size_t before = fixture->inputs_end;
    scratch_rewind(&fixture->scratch, before);
    fixture->scratch.peak = before;
    enum po_status status =
        cloud_select(&fixture->input, &fixture->scratch, &fixture->selection,
                     &fixture->counts, &fixture->warnings, &fixture->error);
    assert_string_equal(fixture->error.message, "");
    assert_int_equal(status, PO_OK);
    assert_true(fixture->scratch.peak - before <=
                cloud_scratch_bytes(&fixture->settings, map->width_px, map->height_px));
}

typedef enum po_status write_function(struct cloud_fixture *fixture,
                                      struct atomic_file *file, void *context);

static char *write_with(struct cloud_fixture *fixture, write_function *write,
                        void *context, size_t *bytes)
{
    const char *directory = getenv("TMPDIR");
    const struct disparity_map *map = &fixture->input.map;
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/process_offline-cloud-%ld",
                   directory != NULL ? directory : "/tmp", (long)getpid());
    struct atomic_file *file = calloc(1, sizeof(*file));
    assert_non_null(file);
    assert_int_equal(atomic_file_open_plain(file, path, false, &fixture->error), PO_OK);
    size_t before = scratch_mark(&fixture->scratch);
    fixture->scratch.peak = before;
    assert_int_equal(write(fixture, file, context), PO_OK);
    assert_int_equal(scratch_mark(&fixture->scratch), before);
    assert_true(fixture->scratch.peak - before <=
                cloud_scratch_bytes(&fixture->settings, map->width_px, map->height_px));
    assert_int_equal(atomic_file_publish(file, &fixture->error), PO_OK);
    free(file);
    char *content = NULL;
    size_t size = 0;
    enum po_status status =
        input_file_read(path, MAX_FILE_BYTES, &content, &size, &fixture->error);
    (void)unlink(path);
    assert_int_equal(status, PO_OK);
    if (bytes != NULL)
        *bytes = size;
    return content;
}

static enum po_status write_cloud(struct cloud_fixture *fixture, struct atomic_file *file,
                                  void *context)
{
    (void)context;
    return cloud_write(&fixture->input, &fixture->selection, &fixture->scratch, file,
                       &fixture->error);
}

static enum po_status write_mesh(struct cloud_fixture *fixture, struct atomic_file *file,
                                 void *context)
{
    return mesh_write(&fixture->input, &fixture->selection, &fixture->scratch, file,
                      context, &fixture->error);
}

char *cloud_fixture_write(struct cloud_fixture *fixture, size_t *bytes)
{
    return write_with(fixture, write_cloud, NULL, bytes);
}

char *cloud_fixture_write_mesh(struct cloud_fixture *fixture, uint64_t *triangles,
                               size_t *bytes)
{
    return write_with(fixture, write_mesh, triangles, bytes);
}

bool cloud_fixture_warned(const struct cloud_fixture *fixture, const char *text)
{
    for (int i = 0; i < fixture->warnings.length; i++)
        if (strstr(fixture->warnings.texts[i], text) != NULL)
            return true;
    return false;
}
