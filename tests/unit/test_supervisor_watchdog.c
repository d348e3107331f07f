/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/watchdog.h"

static const int64_t second = 1000000000;

static void silence_is_cancelled_then_killed(void **state)
{
    (void)state;
    struct watchdog watchdog;
    int frame = -1;
    assert_int_equal(watchdog_init(&watchdog, 2, 10.0, NULL), PO_OK);
    watchdog_started(&watchdog, 7, 0.0, 0);
    watchdog_started(&watchdog, 8, 0.0, 5 * second);
    assert_int_equal(watchdog_check(&watchdog, 10 * second - 1, &frame), WATCHDOG_QUIET);
    assert_true(watchdog_next_ns(&watchdog) == 10 * second);
    assert_int_equal(watchdog_check(&watchdog, 10 * second, &frame), WATCHDOG_CANCEL);
    assert_int_equal(frame, 7);
    assert_int_equal(watchdog_check(&watchdog, 11 * second, &frame), WATCHDOG_QUIET);
    assert_int_equal(watchdog_check(&watchdog, 12 * second, &frame), WATCHDOG_KILL);
    assert_int_equal(frame, 7);
    assert_true(watchdog_ended(&watchdog, 7));
    assert_int_equal(watchdog_check(&watchdog, 12 * second, &frame), WATCHDOG_QUIET);
    assert_false(watchdog_ended(&watchdog, 8));
    assert_false(watchdog_ended(&watchdog, 8));
    watchdog_release(&watchdog);
}

static void events_and_forecasts_give_time(void **state)
{
    (void)state;
    struct watchdog watchdog;
    int frame = -1;
    assert_int_equal(watchdog_init(&watchdog, 2, 10.0, NULL), PO_OK);
    watchdog_started(&watchdog, 1, 4.0, 0); /* five times 4 s */
    watchdog_started(&watchdog, 2, 1.0, 0); /* the timeout */
    watchdog_heard(&watchdog, 2, 9 * second);
    assert_int_equal(watchdog_check(&watchdog, 18 * second, &frame), WATCHDOG_QUIET);
    assert_int_equal(watchdog_check(&watchdog, 19 * second, &frame), WATCHDOG_CANCEL);
    assert_int_equal(frame, 2);
    assert_int_equal(watchdog_check(&watchdog, 20 * second, &frame), WATCHDOG_CANCEL);
    assert_int_equal(frame, 1);
    watchdog_release(&watchdog);
}

static void a_pause_of_the_program_restarts_deadlines(void **state)
{
    (void)state;
    struct watchdog watchdog;
    int frame = -1;
    assert_int_equal(watchdog_init(&watchdog, 1, 10.0, NULL), PO_OK);
    watchdog_started(&watchdog, 3, 0.0, 0);
    watchdog_restart(&watchdog, 500 * second);
    assert_int_equal(watchdog_check(&watchdog, 509 * second, &frame), WATCHDOG_QUIET);
    assert_int_equal(watchdog_check(&watchdog, 510 * second, &frame), WATCHDOG_CANCEL);
    watchdog_release(&watchdog);
}

static void only_frames_that_began_are_watched(void **state)
{
    (void)state;
    struct watchdog watchdog;
    double silent_s;
    double allowed_s;
    int frame = -1;
    assert_int_equal(watchdog_init(&watchdog, 2, 1, NULL), PO_OK);
    watchdog_heard(&watchdog, 5, 1);
    assert_false(watchdog_ended(&watchdog, 5));
    assert_false(watchdog_silence(&watchdog, 5, 1, &silent_s, &allowed_s));
    for (int i = 0; i < 4; i++)
        watchdog_started(&watchdog, i / 2, 0, i); /* each says it twice */
    assert_int_equal(watchdog.count, 2);
    watchdog_started(&watchdog, 7, 0, 9); /* more than there are workers */
    assert_int_equal(watchdog.count, 2);
    assert_int_equal(watchdog_check(&watchdog, 3000000000, &frame), WATCHDOG_CANCEL);
    watchdog_restart(&watchdog, 4000000000);
    assert_int_equal(watchdog_check(&watchdog, 4000000001, &frame), WATCHDOG_QUIET);
    watchdog_release(&watchdog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_cancelled_then_killed),
        cmocka_unit_test(events_and_forecasts_give_time),
        cmocka_unit_test(a_pause_of_the_program_restarts_deadlines),
        cmocka_unit_test(only_frames_that_began_are_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
