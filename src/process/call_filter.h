/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter of a child, through libseccomp: calls that no decoder needs. */
#ifndef PROCESS_CALL_FILTER_H
#define PROCESS_CALL_FILTER_H

#include "process_offline/status.h"

/* *filter is NULL where the kernel has no seccomp. */
PO_MUST_CHECK enum po_status call_filter_create(void **filter, struct po_error *error);
void call_filter_destroy(void *filter);
/* Negative results are -errno. */
int call_filter_enter(void *filter);

#endif
