/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/plain_points.h"
#include "support/cloud_fixture.h"

enum { NEAR = 50 * 16 };

/* Every row by both ways, with holes at the edges, odd widths, colour and grey. */
static void plain_points_are_the_packed_fields(void **state)
{
    (void)state;
    static const int widths[] = {1, 2, 63, 64, 65, 131};
    enum { ROWS = 5, RECORDS_BYTES = 132 * RECORD_MAX_BYTES };
    static unsigned char plain[RECORDS_BYTES], packed[RECORDS_BYTES];
    uint32_t chance = 12345;
    for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
        for (int channels = 1; channels <= 3; channels += 2) {
            const struct cloud_field *fields[FIELD_MAX];
            struct point_row row;
            struct cloud_fixture f;
            cloud_fixture_init(&f, widths[w], ROWS, NEAR);
            for (int i = 0; i < widths[w] * ROWS; i++) {
                chance = chance * 1664525U + 1013904223U;
                int value = (int)(chance >> 20) - 200; /* some without a depth */
                cloud_fixture_set(&f, i % widths[w], i / widths[w],
                                  chance >> 8 & 1 ? value : DISPARITY_INVALID);
            }
            f.input.colour.channels = channels;
            cloud_fixture_select(&f);
            int count = cloud_fields_list(&f.settings, fields);
            assert_true(plain_points_fit(&f.input, fields, count));
            assert_int_equal(point_row_take(&f.input, &f.selection.keep, false,
                                            &f.scratch, &row, &f.error),
                             PO_OK);
            for (int y = 0; y < ROWS; y++) {
                int points = plain_points_pack(&row, y, plain);
                point_row_load(&row, y);
                cloud_records_pack(fields, count, &row, packed);
                assert_int_equal(points, row.count);
                assert_memory_equal(plain, packed, (size_t)points * PLAIN_POINT_BYTES);
            }
            f.settings.axes = PO_AXES_ROS;
            assert_false(plain_points_fit(&f.input, fields, count));
            cloud_fixture_release(&f);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_points_are_the_packed_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
