/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_cloud DIR: one cloud and its surface in every format, for scripts that open them
 * with other people's readers. Prints a line a file: name, points, triangles, then the
 * extent in the file's unit and axes, x0 x1 y0 y1 z0 z1.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cloud/cloud_axes.h"
#include "support/cloud_fixture.h"
#include "support/synthetic_scene.h"

enum { WIDTH = 320, HEIGHT = 240, PATH_BYTES = 4096 };

struct task {
    const char *name;
    struct po_cloud_settings settings;
    bool mesh;
    bool empty;
};

static const unsigned ALL_FIELDS =
    PO_FIELD_CONFIDENCE | PO_FIELD_SIGMA | PO_FIELD_CLASS | PO_FIELD_DISPARITY;

/* A slanted plane with a step across it and a hole in it. */
static void draw(struct cloud_fixture *fixture, bool empty)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double exact = synthetic_scene_disparity(&scene, x, y) + (x > 200 ? 9 : 0);
            bool hole = (x - 90) * (x - 90) + (y - 120) * (y - 120) < 900;
            cloud_fixture_set(fixture, x, y,
                              hole || empty ? DISPARITY_INVALID
                                            : (int)lround(exact * DISPARITY_SCALE));
        }
    fixture->input.rig = synthetic_scene_rig(&scene);
}

static enum po_status write_file(struct cloud_fixture *fixture, const struct task *task,
                                 const char *directory, uint64_t *triangles)
{
    static struct atomic_file file;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, task->name);
    enum po_status status = atomic_file_open(&file, path, &fixture->error);
    if (status == PO_OK && task->mesh)
        status = mesh_write(&fixture->input, &fixture->selection, &fixture->scratch,
                            &file, triangles, &fixture->error);
    else if (status == PO_OK)
        status = cloud_write(&fixture->input, &fixture->selection, &fixture->scratch,
                             &file, &fixture->error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, &fixture->error);
    atomic_file_discard(&file);
    return status;
}

static bool run(struct cloud_fixture *fixture, const struct task *task,
                const char *directory)
{
    const struct cloud_extent *extent = &fixture->selection.extent;
    double per_mm = task->settings.unit == PO_UNIT_M ? 1e-3 : 1.0;
    uint64_t triangles = 0;
    fixture->settings = task->settings;
    draw(fixture, task->empty);
    cloud_fixture_select(fixture);
    if (write_file(fixture, task, directory, &triangles) != PO_OK) {
        (void)fprintf(stderr, "make_cloud: %s\n", fixture->error.message);
        return false;
    }
    (void)printf("%s %llu %llu", task->name,
                 (unsigned long long)fixture->selection.points,
                 (unsigned long long)triangles);
    const struct axes_turn *turn = cloud_axes_turn(task->settings.axes);
    for (int axis = 0; axis < 3; axis++) {
        double low = extent->min_mm[turn->from[axis]] * per_mm;
        double high = extent->max_mm[turn->from[axis]] * per_mm;
        bool kept = turn->sign[axis] > 0;
        (void)printf(" %.9g %.9g", kept ? low : -high, kept ? high : -low);
    }
    (void)printf("\n");
    return true;
}

int main(int argc, char **argv)
{
    const struct task tasks[] = {
        {.name = "binary.ply"},
        {.name = "metres.ply", .settings = {.unit = PO_UNIT_M}},
        {.name = "fields.ply", .settings = {.normals = true, .fields = ALL_FIELDS}},
        {.name = "ascii.ply",
         .settings = {.format = PO_CLOUD_PLY_ASCII, .normals = true}},
        {.name = "binary.pcd", .settings = {.format = PO_CLOUD_PCD}},
        {.name = "fields.pcd",
         .settings = {.format = PO_CLOUD_PCD, .normals = true, .fields = ALL_FIELDS}},
        {.name = "text.xyz", .settings = {.format = PO_CLOUD_XYZ}},
        {.name = "empty.ply", .empty = true},
        {.name = "empty.pcd", .settings = {.format = PO_CLOUD_PCD}, .empty = true},
        {.name = "millimetres.las", .settings = {.format = PO_CLOUD_LAS}},
        {.name = "fields.las",
         .settings = {.format = PO_CLOUD_LAS,
                      .unit = PO_UNIT_M,
                      .normals = true,
                      .fields = ALL_FIELDS}},
        {.name = "ros.las", .settings = {.format = PO_CLOUD_LAS, .axes = PO_AXES_ROS}},
        {.name = "empty.las", .settings = {.format = PO_CLOUD_LAS}, .empty = true},
        {.name = "plain.glb", .settings = {.format = PO_CLOUD_GLB}},
        {.name = "fields.glb",
         .settings = {.format = PO_CLOUD_GLB,
                      .unit = PO_UNIT_M,
                      .axes = PO_AXES_ROS,
                      .normals = true,
                      .fields = ALL_FIELDS}},
        {.name = "empty.glb", .settings = {.format = PO_CLOUD_GLB}, .empty = true},
        {.name = "ros.ply", .settings = {.axes = PO_AXES_ROS}},
        {.name = "surface.glb", .settings = {.mesh_format = PO_MESH_GLB}, .mesh = true},
        {.name = "surface.ply", .mesh = true},
        {.name = "surface.obj", .settings = {.mesh_format = PO_MESH_OBJ}, .mesh = true},
    };
    struct cloud_fixture *fixture = calloc(1, sizeof(*fixture));
    bool done = fixture != NULL && argc == 2;
    if (!done) {
        (void)fputs("usage: make_cloud DIR\n", stderr);
        free(fixture);
        return 2;
    }
    cloud_fixture_init(fixture, WIDTH, HEIGHT, DISPARITY_INVALID);
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]) && done; i++)
        done = run(fixture, &tasks[i], argv[1]);
    cloud_fixture_release(fixture);
    free(fixture);
    return done ? 0 : 1;
}
