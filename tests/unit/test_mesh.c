/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/cloud_fields.h"
#include "cloud/mesh.h"
#include "cloud/mesh_formats.h"
#include "support/cloud_fixture.h"

enum {
    WIDTH = 31,
    HEIGHT = 21,
    SQUARES = (WIDTH - 1) * (HEIGHT - 1),
    NEAR = 50 * 16,
    FAR = 20 * 16,
    VERTEX_BYTES = 27,
    FACE_BYTES = 13
};

struct mesh {
    char *content;
    uint64_t triangles;
    const unsigned char *vertices;
    const unsigned char *faces;
    int vertex_count;
};

static struct mesh write(struct cloud_fixture *f, int vertex_count)
{
    struct mesh mesh = {.vertex_count = vertex_count};
    size_t bytes;
    char line[64];
    mesh.content = cloud_fixture_write_mesh(f, &mesh.triangles, &bytes);
    (void)snprintf(line, sizeof(line), "element face %llu\n",
                   (unsigned long long)mesh.triangles);
    assert_non_null(strstr(mesh.content, line));
    (void)snprintf(line, sizeof(line), "element vertex %d\n", vertex_count);
    assert_non_null(strstr(mesh.content, line));
    const char *end = strstr(mesh.content, "end_header\n");
    assert_non_null(end);
    mesh.vertices = (const unsigned char *)end + strlen("end_header\n");
    mesh.faces = mesh.vertices + (size_t)vertex_count * VERTEX_BYTES;
    assert_ptr_equal(mesh.faces + mesh.triangles * FACE_BYTES, mesh.content + bytes);
    return mesh;
}

static void corner(const struct mesh *mesh, uint64_t triangle, int i, double point[3])
{
    const unsigned char *at = mesh->faces + triangle * FACE_BYTES + 1 + 4 * i;
    uint32_t vertex = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                      (uint32_t)at[3] << 24;
    assert_true(vertex < (uint32_t)mesh->vertex_count);
    for (int axis = 0; axis < 3; axis++)
        point[axis] = load_f32(mesh->vertices + vertex * VERTEX_BYTES + 4 * axis);
}

/* Normal times twice the area. */
static void cross(const struct mesh *mesh, uint64_t triangle, double normal[3])
{
    double p[3][3];
    double u[3];
    double v[3];
    for (int i = 0; i < 3; i++)
        corner(mesh, triangle, i, p[i]);
    for (int axis = 0; axis < 3; axis++) {
        u[axis] = p[1][axis] - p[0][axis];
        v[axis] = p[2][axis] - p[0][axis];
    }
    for (int axis = 0; axis < 3; axis++)
        normal[axis] =
            u[(axis + 1) % 3] * v[(axis + 2) % 3] - u[(axis + 2) % 3] * v[(axis + 1) % 3];
}

static void a_wall_is_closed_and_faces_the_camera(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_select(&f);
    struct mesh mesh = write(&f, WIDTH * HEIGHT);
    assert_int_equal(mesh.triangles, 2 * SQUARES);
    double area = 0;
    for (uint64_t i = 0; i < mesh.triangles; i++) {
        double normal[3];
        assert_int_equal(mesh.faces[i * FACE_BYTES], 3);
        cross(&mesh, i, normal);
        assert_true(normal[2] < 0);
        area -= 0.5 * normal[2];
    }
    assert_true(fabs(area - 4.0 * SQUARES) < 1e-2); /* 2 mm a pixel at 1 m */
    assert_int_equal(mesh.vertices[12], 0);         /* colours and normals */
    assert_int_equal(mesh.vertices[VERTEX_BYTES + 12], 1);
    assert_true(fabs(load_f32(mesh.vertices + 23) + 1.0) < 1e-6);
    free(mesh.content);
    cloud_fixture_release(&f);
}

static void no_triangle_crosses_a_jump(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 12; x < WIDTH; x++)
            cloud_fixture_set(&f, x, y, FAR);
    cloud_fixture_select(&f);
    struct mesh mesh = write(&f, WIDTH * HEIGHT);
    assert_int_equal(mesh.triangles, 2 * (SQUARES - (HEIGHT - 1)));
    for (uint64_t i = 0; i < mesh.triangles; i++) {
        double p[3][3];
        for (int c = 0; c < 3; c++)
            corner(&mesh, i, c, p[c]);
        assert_true(p[0][2] == p[1][2] && p[1][2] == p[2][2]);
    }
    free(mesh.content);
    cloud_fixture_release(&f);
}

/* A pixel of disparity near by is a slope; far away the same pixel is a jump. */
static void jumps_are_relative_to_depth(void **state)
{
    (void)state;
    static const int levels[] = {NEAR, 3 * 16};
    static const unsigned expected[] = {2 * SQUARES, 2 * (SQUARES - (HEIGHT - 1))};
    for (int level = 0; level < 2; level++) {
        struct cloud_fixture f;
        cloud_fixture_init(&f, WIDTH, HEIGHT, levels[level]);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 12; x < WIDTH; x++)
                cloud_fixture_set(&f, x, y, levels[level] + 16);
        cloud_fixture_select(&f);
        struct mesh mesh = write(&f, WIDTH * HEIGHT);
        assert_int_equal(mesh.triangles, expected[level]);
        free(mesh.content);
        cloud_fixture_release(&f);
    }
}

static void a_hole_takes_its_corner_only(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_set(&f, 10, 10, DISPARITY_INVALID);
    cloud_fixture_select(&f);
    struct mesh mesh = write(&f, WIDTH * HEIGHT - 1);
    assert_int_equal(mesh.triangles, 2 * SQUARES - 4); /* four squares keep a half */
    for (uint64_t i = 0; i < mesh.triangles; i++) {
        double normal[3];
        cross(&mesh, i, normal);
        assert_true(fabs(normal[2] + 4.0) < 1e-3);
    }
    free(mesh.content);
    cloud_fixture_release(&f);
}

static void thinning_the_cloud_leaves_the_surface_whole(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.voxel_mm = 20;
    f.settings.surface_reconstruction = true;
    cloud_fixture_select(&f);
    assert_true(f.selection.points < WIDTH * HEIGHT / 20);
    struct mesh mesh = write(&f, WIDTH * HEIGHT);
    assert_int_equal(mesh.triangles, 2 * SQUARES);
    free(mesh.content);
    cloud_fixture_release(&f);
}

static void empty_and_single_points_are_valid_files(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    cloud_fixture_select(&f);
    struct mesh mesh = write(&f, 0);
    assert_int_equal(mesh.triangles, 0);
    free(mesh.content);
    cloud_fixture_set(&f, 3, 3, NEAR);
    cloud_fixture_select(&f);
    mesh = write(&f, 1);
    assert_int_equal(mesh.triangles, 0);
    free(mesh.content);
    cloud_fixture_release(&f);
}

static void vertices_fit_an_index(void **state)
{
    (void)state;
    struct po_error error = {0};
    assert_int_equal(mesh_vertices_check(INT32_MAX, &error), PO_OK);
    assert_int_equal(mesh_vertices_check((uint64_t)INT32_MAX + 1, &error),
                     PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "not 2147483648; use --downscale 2"));
}

static void obj_counts_from_one(void **state)
{
    (void)state;
    struct cloud_fixture f;
    uint64_t triangles;
    cloud_fixture_init(&f, 2, 2, NEAR);
    f.settings.mesh_format = PO_MESH_OBJ;
    assert_string_equal(mesh_file_name(&f.settings), "surface.obj");
    cloud_fixture_select(&f);
    char *content = cloud_fixture_write_mesh(&f, &triangles, NULL);
    assert_int_equal(triangles, 2);
    assert_non_null(strstr(content, "# process_offline, unit mm\n"));
    assert_non_null(strstr(content, "v -1.0000 -1.0000 1000.0000 0.0000 0.0000 0.0000\n"
                                    "vn "));
    assert_non_null(strstr(content, "v 1.0000 1.0000 1000.0000 0.0039 0.0039 0.0078\n"));
    assert_non_null(strstr(content, "f 1//1 3//3 4//4\nf 1//1 4//4 2//2\n"));
    free(content);
    cloud_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wall_is_closed_and_faces_the_camera),
        cmocka_unit_test(no_triangle_crosses_a_jump),
        cmocka_unit_test(jumps_are_relative_to_depth),
        cmocka_unit_test(a_hole_takes_its_corner_only),
        cmocka_unit_test(thinning_the_cloud_leaves_the_surface_whole),
        cmocka_unit_test(empty_and_single_points_are_valid_files),
        cmocka_unit_test(vertices_fit_an_index),
        cmocka_unit_test(obj_counts_from_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
