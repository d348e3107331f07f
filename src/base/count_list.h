/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named counters in the order they were first set: what each step of a frame kept or
 * dropped. Names are string literals. When full, further names are dropped.
 */
#ifndef BASE_COUNT_LIST_H
#define BASE_COUNT_LIST_H

#include <stdint.h>

enum { COUNT_LIST_MAX = 48 };

struct count_entry {
    const char *name;
    uint64_t value;
};

struct count_list {
    int length;
    struct count_entry entries[COUNT_LIST_MAX];
};

/* Adds to the counter, creating it at zero. */
void count_list_add(struct count_list *list, const char *name, uint64_t value);

/* 0 when the counter does not exist. */
uint64_t count_list_get(const struct count_list *list, const char *name);

#endif
