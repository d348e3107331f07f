/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frame/frame_setup.h"

/* What takes OpenCV says so; what is not there takes nothing. */
static void opencv_is_for_what_uses_it(void **state)
{
    (void)state;
    static struct frame_setup setup;
    setup.present = true;
    po_settings_defaults(&setup.settings);
    assert_false(frame_setup_uses_opencv(&setup));
    setup.settings.match.matcher = PO_MATCHER_OPENCV;
    assert_true(frame_setup_uses_opencv(&setup));
    setup.present = false;
    assert_false(frame_setup_uses_opencv(&setup));
    setup.present = true;
    po_settings_defaults(&setup.settings);
    setup.settings.refine.refine = PO_REFINE_CLASSIC;
    assert_true(frame_setup_uses_opencv(&setup));
    po_settings_defaults(&setup.settings);
    setup.settings.refine.fill = PO_FILL_INPAINT;
    assert_true(frame_setup_uses_opencv(&setup));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opencv_is_for_what_uses_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
