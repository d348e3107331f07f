/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_cloud [REPEAT]: time of each filter and writer on a 1456x1088 map, one core, the
 * fastest of REPEAT (default 5). Files go to /dev/null: the disk is not measured.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "support/cloud_fixture.h"

enum { WIDTH = 1456, HEIGHT = 1088, DEFAULT_REPEAT = 5 };

struct task {
    const char *name;
    struct po_cloud_settings settings;
    bool mesh; /* else a cloud when `write` */
    bool write;
};

static const struct task tasks[] = {
    {"select, no filter", {0}, false, false},
    {"select, edge jump", {.edge_jump_px = 2}, false, false},
    {"select, outliers", {.outlier_neighbours = 8, .outlier_sigma = 2}, false, false},
    {"select, components", {.min_component_points = 100}, false, false},
    {"select, voxel 5 mm", {.voxel_mm = 5}, false, false},
    {"write ply", {.format = PO_CLOUD_PLY}, false, true},
    {"write ply, fields",
     {.format = PO_CLOUD_PLY,
      .fields =
          PO_FIELD_CONFIDENCE | PO_FIELD_SIGMA | PO_FIELD_CLASS | PO_FIELD_DISPARITY},
     false,
     true},
    {"write ply, normals", {.format = PO_CLOUD_PLY, .normals = true}, false, true},
    {"write ply ascii", {.format = PO_CLOUD_PLY_ASCII}, false, true},
    {"write pcd", {.format = PO_CLOUD_PCD}, false, true},
    {"write xyz", {.format = PO_CLOUD_XYZ}, false, true},
    {"write mesh ply", {.mesh_format = PO_MESH_PLY}, true, true},
    {"write mesh obj", {.mesh_format = PO_MESH_OBJ}, true, true},
};

static void draw(struct cloud_fixture *fixture)
{
    unsigned noise = 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            noise = noise * 1664525U + 1013904223U;
            int value = 20 * 16 + x / 4 + y / 8 + (int)(noise >> 30);
            bool near = x % 400 > 250 && y % 300 > 120;
            cloud_fixture_set(fixture, x, y, near ? value + 400 : value);
        }
}

static double run(struct cloud_fixture *fixture, const struct task *task)
{
    static struct atomic_file file;
    uint64_t triangles = 0;
    fixture->settings = task->settings;
    cloud_fixture_select(fixture);
    double start_s = clock_monotonic_s();
    enum po_status status = PO_OK;
    if (!task->write)
        cloud_fixture_select(fixture);
    else
        status = atomic_file_open_plain(&file, "/dev/null", false, &fixture->error);
    if (task->write && task->mesh && status == PO_OK)
        status = mesh_write(&fixture->input, &fixture->selection, &fixture->scratch,
                            &file, &triangles, &fixture->error);
    else if (task->write && status == PO_OK)
        status = cloud_write(&fixture->input, &fixture->selection, &fixture->scratch,
                             &file, &fixture->error);
    if (task->write && status == PO_OK)
        status = atomic_file_publish(&file, &fixture->error);
    if (status != PO_OK)
        (void)printf("%s: %s\n", task->name, fixture->error.message);
    return (clock_monotonic_s() - start_s) * 1e3;
}

int main(int argc, char **argv)
{
    int repeat = argc > 1 ? atoi(argv[1]) : DEFAULT_REPEAT;
    double megapixels = 1e-6 * WIDTH * HEIGHT;
    struct cloud_fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return 1;
    cloud_fixture_init(fixture, WIDTH, HEIGHT, 0);
    draw(fixture);
    (void)printf("%-22s %8s %8s\n", "", "ms", "ms/Mpx");
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        double best_ms = run(fixture, &tasks[i]);
        for (int k = 1; k < repeat; k++) {
            double ms = run(fixture, &tasks[i]);
            best_ms = ms < best_ms ? ms : best_ms;
        }
        (void)printf("%-22s %8.1f %8.1f\n", tasks[i].name, best_ms, best_ms / megapixels);
    }
    cloud_fixture_release(fixture);
    free(fixture);
    return 0;
}
