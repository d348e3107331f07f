/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a process of ours ends: at once. What libraries registered for the exit is not run:
 * OpenCV's part of it asks for memory, and where that is refused ends the run by SIGABRT
 * with a wrong status. Standard streams are flushed by whoever wrote to them.
 */
#ifndef BASE_LEAVE_H
#define BASE_LEAVE_H

_Noreturn void process_leave(int status);

/* Writes the counters of a build that counts branches; nothing in others. */
void coverage_keep(void);

#endif
