/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress on stderr: a bar with time left and live memory on a terminal, one line a
 * frame otherwise. It is fed by calls and knows nobody.
 *
 * Invariant: at most one painted line stands on the terminal, and it is cleared before a
 * log line. Only the supervisor's thread calls it. Ownership: plain value.
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "process_offline/settings.h"
#include "process_offline/summary.h"

struct progress {
    bool bar;   /* a terminal is there, or --progress always */
    bool lines; /* one line a frame */
    bool colour;
    bool painted;
    int width_columns;
    int total;
    int ended;
    int reused;
    int bad; /* failed, timed out, crashed, out of memory */
    int running;
    char frame[64];   /* one that is under way */
    int workers;      /* most frames seen under way at once */
    int settled;      /* frames that ran until each worker had ended one */
    double settled_s; /* when that was */
    double start_s;
    double last_end_s; /* of a frame that ran */
    double last_paint_s;
    uint64_t memory_bytes;
    uint64_t memory_limit_bytes;
};

struct progress_frame {
    const char *id;
    const char *stage; /* the last one, of a frame that did not finish; else NULL */
    enum po_frame_status status;
    const char *message; /* of a frame that did not finish; else NULL */
    double total_ms;
    uint64_t points;
};

/* `total`: the frames that will be reported, reused ones included. */
void progress_begin(struct progress *progress, const struct po_output_settings *settings,
                    int total, double now_s);
void progress_frame_ended(struct progress *progress, const struct progress_frame *frame,
                          double now_s);
/* Call about four times a second. `running`: frames under way, `frame` one of them. */
void progress_tick(struct progress *progress, int running, const char *frame,
                   uint64_t memory_bytes, uint64_t memory_limit_bytes, double now_s);
/* Clears the bar and detaches from the log. */
void progress_end(struct progress *progress);

/* Seconds until the last frame ends; below 0: unknown. */
double progress_seconds_left(const struct progress *progress, double now_s);

/*
 * The line of the bar, at most `width` columns, for tests and the painter. Time left: the
 * frames that ran since each worker ended its first are the pace of those to come, reused
 * ones not counted: what comes before them is start.
 * The pace is taken when a frame ends, and time runs on from there: between two ends the
 * frames under way are neither done nor undone.
 */
void progress_bar_text(const struct progress *progress, double now_s, char *text,
                       int text_bytes);

#endif
