/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "process/event.h"

static void events_arrive_whole_or_not_at_all(void **state)
{
    (void)state;
    int ends[2];
    struct run_event sent = {.kind = EVENT_DONE, .frame = 41, .points = 1ull << 40};
    struct run_event got;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(event_receive(ends[0], &got), EVENT_READ_NONE);
    event_set_text(&sent, "well");
    assert_true(event_send(ends[1], &sent));
    assert_int_equal(event_receive(ends[0], &got), EVENT_READ_ONE);
    assert_memory_equal(&sent, &got, sizeof(sent));
    assert_int_equal(write(ends[1], "torn", 4), 4);
    assert_int_equal(event_receive(ends[0], &got), EVENT_READ_END);
    (void)close(ends[1]);
    assert_int_equal(event_receive(ends[0], &got), EVENT_READ_END);
    (void)close(ends[0]);
}

static void a_reader_that_left_is_noticed(void **state)
{
    (void)state;
    int ends[2];
    const struct run_event sent = {.kind = EVENT_DONE};
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    assert_false(event_send(ends[1], &sent));
    (void)close(ends[1]);
}

static void long_texts_keep_both_ends(void **state)
{
    (void)state;
    struct run_event event;
    char text[1024];
    memset(text, 'x', sizeof(text));
    memcpy(text, "/a/file.png", 11);
    memcpy(text + sizeof(text) - 11, ": truncated", 11);
    text[sizeof(text) - 1] = '\0';
    event_set_text(&event, text);
    assert_int_equal(strlen(event.text), EVENT_TEXT_BYTES - 1);
    assert_memory_equal(event.text, "/a/file.png", 11);
    assert_non_null(strstr(event.text, " ... "));
    assert_non_null(strstr(event.text, ": truncate"));
    event_set_text(&event, "short");
    assert_string_equal(event.text, "short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_arrive_whole_or_not_at_all),
        cmocka_unit_test(a_reader_that_left_is_noticed),
        cmocka_unit_test(long_texts_keep_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
