/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cloud to be: map, classes, confidence, sigma and colour of one size in scratch, all
 * pixels measured, on a rig of focal length 500 px and baseline 100 mm. With cmocka
 * assertions on everything that can fail. Ownership: release ends it.
 */
#ifndef SUPPORT_CLOUD_FIXTURE_H
#define SUPPORT_CLOUD_FIXTURE_H

#include "cloud/cloud_file.h"
#include "cloud/cloud_plan.h"
#include "cloud/mesh.h"
#include "cloud/selection.h"

struct cloud_fixture {
    struct scratch scratch;
    size_t inputs_end;                 /* mark: what a selection took lies behind it */
    struct po_cloud_settings settings; /* zeroed: every filter off */
    struct cloud_input input;
    struct cloud_selection selection;
    struct count_list counts;
    struct warning_list warnings;
    struct po_error error;
};

/* Every disparity is `sixteenths`; confidence 200; sigma 32 (half a pixel); colour
 * (x, y, x + y) modulo 256. */
void cloud_fixture_init(struct cloud_fixture *fixture, int width_px, int height_px,
                        int sixteenths);
void cloud_fixture_release(struct cloud_fixture *fixture);

void cloud_fixture_set(struct cloud_fixture *fixture, int x, int y, int sixteenths);
bool cloud_fixture_kept(const struct cloud_fixture *fixture, int x, int y);

/* cloud_select, asserted to succeed within the scratch that was planned. */
void cloud_fixture_select(struct cloud_fixture *fixture);

/* Writes cloud or mesh to a file under the system's temporary directory and returns its
 * content, malloc'ed and NUL-terminated; asserted to succeed. */
char *cloud_fixture_write(struct cloud_fixture *fixture, size_t *bytes);
char *cloud_fixture_write_mesh(struct cloud_fixture *fixture, uint64_t *triangles,
                               size_t *bytes);

/* Whether a warning contains `text`. */
bool cloud_fixture_warned(const struct cloud_fixture *fixture, const char *text);

#endif
