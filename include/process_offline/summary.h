/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run did: one count for each way a frame can end, and the exit status.
 *
 * Invariant: found == done + reused + failed + timed_out + crashed + out_of_memory +
 * not_run; not_run is zero unless the run was interrupted or ended by a deadline.
 */
#ifndef PROCESS_OFFLINE_SUMMARY_H
#define PROCESS_OFFLINE_SUMMARY_H

#ifdef __cplusplus
extern "C" {
#endif

/* How a frame ended. */
enum po_frame_status {
    PO_FRAME_PENDING,
    PO_FRAME_DONE,
    PO_FRAME_REUSED,
    PO_FRAME_FAILED,
    PO_FRAME_TIMED_OUT,
    PO_FRAME_CRASHED,
    PO_FRAME_OUT_OF_MEMORY,
};

/* Exit status of the command; where several hold, in the order 2 1 130/143 7 6 5 4 3 8.
 */
enum po_exit {
    PO_EXIT_OK = 0,
    PO_EXIT_INTERNAL = 1,
    PO_EXIT_USAGE = 2,
    PO_EXIT_SOME_FAILED = 3,
    PO_EXIT_NO_FRAME = 4,
    PO_EXIT_CALIBRATION = 5,
    PO_EXIT_MEMORY = 6,
    PO_EXIT_DEADLINE = 7,
    PO_EXIT_WORSE = 8,
};

struct po_summary {
    int found;
    int done;
    int reused;
    int failed;
    int timed_out;
    int crashed;
    int out_of_memory;
    int not_run;
    double wall_s;
    unsigned long long points;
    int exit_status;
};

#ifdef __cplusplus
}
#endif
#endif
