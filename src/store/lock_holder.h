/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lock holder: who holds a link lock, as the lock's file says it. A process number means
 * something within one boot and one container of one machine only, so all three make the
 * machine; the start of the process tells it from a later one of its number. Plain
 * values.
 */
#ifndef STORE_LOCK_HOLDER_H
#define STORE_LOCK_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    LOCK_HOST_BYTES = 128,
    LOCK_MACHINE_BYTES = 192,
    LOCK_TEXT_BYTES = 512,
    LOCK_NAME_BYTES = 384
};

/* How the text begins of a lock that was given back. */
extern const char lock_released_text[];

struct lock_holder {
    bool is_gone;             /* it has given the lock back */
    int pid;                  /* -1: the text does not say it */
    unsigned long long start; /* of the process, in ticks since the boot */
    char host[LOCK_HOST_BYTES];
    char machine[LOCK_MACHINE_BYTES];
};

/* This machine's name, for people. */
void lock_host(char *host, size_t host_bytes);
/* This process, but for its start; false with errno when it cannot be told. */
bool lock_holder_self(struct lock_holder *self);
bool lock_holders_share_machine(const struct lock_holder *a, const struct lock_holder *b);

/* A text that is broken is one of an unknown machine. */
void lock_holder_parse(const char *text, struct lock_holder *holder);
void lock_holder_print(const struct lock_holder *holder, char text[LOCK_TEXT_BYTES]);
/* "process 12 on node3" */
void lock_holder_name(const struct lock_holder *holder, char text[LOCK_NAME_BYTES]);

/* Ticks since the boot at which a process began; 0: there is none, or one that has ended
 * and that nobody waits for, as in containers whose first process is no init. False with
 * errno when it cannot be told: that is no end. */
bool process_start_find(int pid, unsigned long long *start);

#endif
