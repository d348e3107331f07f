/* SPDX-License-Identifier: Apache-2.0 */
/* What a first pass says of the values of a second: more the surer it was of the same
 * value, less the surer it was of another, nothing where it measured nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/first_pass.h"
#include "support/refine_fixture.h"

enum { WIDTH = 5, VALUE = 400 };

static void agreement_is_worth_what_the_first_pass_knew(void **state)
{
    (void)state;
    static const uint8_t sure[WIDTH] = {0, 40, 250, 40, 250};
    static const int16_t change[WIDTH] = {300, 16, -16, 17, -17};
    struct disparity_map first = take_map(WIDTH, 1), second = take_map(WIDTH, 1);
    struct image_view confidence = take_image(WIDTH, 1, 1), says;
    for (int x = 0; x < WIDTH; x++) {
        disparity_row(&first, 0)[x] = VALUE;
        disparity_row(&second, 0)[x] = (int16_t)(VALUE + change[x]);
        image_row(&confidence, 0)[x] = sure[x];
    }
    assert_int_equal(first_pass_take(&scratch, WIDTH, 1, &says, NULL), PO_OK);
    for (int x = 0; x < WIDTH; x++)
        assert_int_equal(image_row(&says, 0)[x], FIRST_PASS_FILLED);
    first_pass_compare(&first, &confidence, &second, &says);
    const uint8_t *said = image_row(&says, 0);
    assert_int_equal(said[0], FIRST_PASS_FILLED);
    assert_true(said[1] > said[0]);
    assert_true(said[2] > said[1]);
    assert_true(said[3] < said[0]);
    assert_true(said[4] < said[3]);
}

static void the_whole_byte_is_used(void **state)
{
    (void)state;
    struct disparity_map first = take_map(2, 1), second = take_map(2, 1);
    struct image_view confidence = take_image(2, 1, 1), says;
    disparity_row(&first, 0)[0] = disparity_row(&first, 0)[1] = VALUE;
    disparity_row(&second, 0)[0] = VALUE;
    disparity_row(&second, 0)[1] = DISPARITY_INVALID;
    image_row(&confidence, 0)[0] = image_row(&confidence, 0)[1] = 255;
    assert_int_equal(first_pass_take(&scratch, 2, 1, &says, NULL), PO_OK);
    first_pass_compare(&first, &confidence, &second, &says);
    assert_int_equal(image_row(&says, 0)[0], 255);
    assert_int_equal(image_row(&says, 0)[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(agreement_is_worth_what_the_first_pass_knew,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(the_whole_byte_is_used, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
