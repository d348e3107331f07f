/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault switch of test builds (cmake -DPO_FAULTS=ON); nothing at all in a release.
 *
 * PO_FAULT="segv:frame=3,stage=match;hang:frame=5,stage=load,attempt=1" makes a child do
 * the named thing when it comes to that place. Actions: segv, bus, abort, fpe, kill (a
 * SIGKILL to itself), stop (SIGSTOP), exit (leaves with status 0), hang, survive (hangs,
 * and SIGKILL cannot end it for a minute), slow (half a second), memory (takes memory
 * until the system ends it); read, list, write or remove (what PO_FAULT_TARGET names),
 * socket, exec, ptrace (of the supervisor): what the sandbox forbids, and a crash when it
 * did not. Without frame, stage or attempt (1, 2, ...) any will do.
 */
#ifndef POOL_FAULT_H
#define POOL_FAULT_H

#ifdef PO_FAULTS
void fault_point(int frame, const char *stage, int attempt);
#else
static inline void fault_point(int frame, const char *stage, int attempt)
{
    (void)frame;
    (void)stage;
    (void)attempt;
}
#endif

#endif
