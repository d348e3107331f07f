/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: all that a child reports to its supervisor while it works. One fixed struct,
 * one write(2) on a pipe, so that threads need no lock and no event is ever torn.
 *
 * Invariant: at most 512 bytes, far below PIPE_BUF. Stages are plain numbers here: the
 * job that runs knows their names.
 */
#ifndef PROCESS_EVENT_H
#define PROCESS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum event_kind {
    EVENT_READY = 1,    /* the child has prepared itself; `bytes` is its resident size */
    EVENT_STARTED,      /* a frame begins, or goes on after waiting */
    EVENT_WAITING,      /* a frame waits for memory: its silence is not its fault */
    EVENT_STAGE,        /* a frame comes to `stage` */
    EVENT_DONE,         /* a frame is committed */
    EVENT_FAILED,       /* a frame ended with `status` and `text` */
    EVENT_CHILD_FAILED, /* the child could not prepare itself */
};

enum { EVENT_STAGES = 12, EVENT_TEXT_BYTES = 384, EVENT_MAX_BYTES = 512 };

struct run_event {
    uint32_t kind;
    int32_t frame;
    int32_t stage;
    int32_t status; /* enum po_status */
    uint32_t stage_us[EVENT_STAGES];
    uint64_t points;
    uint64_t bytes;        /* predicted, of a frame */
    uint32_t fences;       /* of EVENT_READY: what of the sandbox holds */
    uint32_t match_reused; /* 1: the raw match came from the cache */
    uint32_t incomplete;   /* parts of what was asked for that it is done without */
    char text[EVENT_TEXT_BYTES];
};

_Static_assert(sizeof(struct run_event) <= EVENT_MAX_BYTES,
               "an event is one small write");

/* Copies a message; one that is too long loses its middle, as both its file name and its
 * cause count. */
void event_set_text(struct run_event *event, const char *text);

/* False when the supervisor is gone. */
bool event_send(int descriptor, const struct run_event *event);

enum event_read { EVENT_READ_ONE, EVENT_READ_NONE, EVENT_READ_END };
/* From a non-blocking descriptor: nothing waiting is not an error, a torn event is the
 * end. */
enum event_read event_receive(int descriptor, struct run_event *event);

#endif
