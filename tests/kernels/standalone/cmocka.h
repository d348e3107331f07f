/* SPDX-License-Identifier: Apache-2.0 */
/* As much of cmocka as the kernel tests use, for machines without it (cross builds). */
#ifndef STANDALONE_CMOCKA_H
#define STANDALONE_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

#define cmocka_unit_test(function)                                                       \
    {                                                                                    \
#function, function                                                              \
    }

#define STANDALONE_CHECK(condition)                                                      \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

#define assert_non_null(pointer) STANDALONE_CHECK((pointer) != NULL)
#define assert_int_equal(a, b) STANDALONE_CHECK((long long)(a) == (long long)(b))
#define assert_memory_equal(a, b, bytes) STANDALONE_CHECK(memcmp(a, b, bytes) == 0)

static inline int standalone_run(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *state = NULL;
        tests[i].run(&state);
        (void)printf("%s: ok\n", tests[i].name);
    }
    return 0;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                   \
    standalone_run(tests, sizeof(tests) / sizeof((tests)[0]))

#endif
