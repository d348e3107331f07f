/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Member tables: JSON objects read into structs, by tables of their members.
 *
 * What is absent or of another type leaves its field as it is, so structs are filled with
 * what "unknown" is before. Members that no table names are passed over; of a member that
 * is there twice the last one counts.
 */
#ifndef RECORD_MEMBER_TABLE_H
#define RECORD_MEMBER_TABLE_H

#include <stdint.h>

#include "base/json_scan.h"

enum member_kind {
    MEMBER_TEXT,    /* char[size]; one that does not fit is as good as another type */
    MEMBER_INT,     /* int */
    MEMBER_COUNT,   /* uint64_t, as json_whole_number has it */
    MEMBER_NUMBER,  /* double */
    MEMBER_NUMBERS, /* double[size]; NaN where the array has no number */
    MEMBER_BOOL,    /* bool */
    MEMBER_OTHER,   /* whatever `read` makes of it */
};

struct member {
    const char *key;
    enum member_kind kind;
    bool is_needed; /* the object does not fit without it */
    size_t field;   /* offset in the struct */
    size_t size;    /* of a text in bytes, of numbers in elements */
    /* Takes the value and gives whether it fits; `into` is the struct, not the field. */
    bool (*read)(struct json_scan *scan, void *into);
};

/* Whether the next value is an object with all that is needed, each of its type. */
bool members_read(struct json_scan *scan, const struct member *members, int count,
                  void *into);

#define MEMBER_COUNT_OF(table) ((int)(sizeof(table) / sizeof(*(table))))

/* Reads numbers, NaN where there is none; gives how many the array has, 0 when the value
 * is no array. */
int numbers_read(struct json_scan *scan, double *numbers, int count);
/* 0 for what is no whole number from 0 to 2^53. */
uint64_t whole_number(double number);
/* 0 for what is far from an int. */
int small_number(double number);

#endif
