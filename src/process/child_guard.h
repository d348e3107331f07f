/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child does first, so that it can outlive nobody, hold nothing open and be the
 * one the kernel takes when memory runs out.
 */
#ifndef PROCESS_CHILD_GUARD_H
#define PROCESS_CHILD_GUARD_H

#include <sys/types.h>

enum { CHILD_EXIT_ORPHAN = 71, CHILD_EXIT_NOT_READY = 72 };

/*
 * Dies with the parent (leaves at once when `parent` is no longer it), ignores the
 * signals that are meant for the supervisor, leaves no core file, raises its
 * oom_score_adj, closes every descriptor but stderr and the `kept_count` ones in `kept`;
 * stdin and stdout become /dev/null.
 */
void child_guard(pid_t parent, const int *kept, int kept_count);

#endif
