/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory budget: one for the whole program. A frame takes its whole footprint at once, in
 * order of asking, so nothing waits while holding.
 */
#ifndef POOL_MEMORY_BUDGET_H
#define POOL_MEMORY_BUDGET_H

#include <stdint.h>

#include "base/cancel.h"
#include "process_offline/status.h"

struct memory_budget;

/* What the machine offers: the least of MemAvailable, room in the cgroup v1/v2 and its
 * ancestors, SLURM_MEM_PER_NODE, RLIMIT_AS. `origin` names the one that bound. */
uint64_t memory_available_bytes(const char **origin);

PO_MUST_CHECK enum po_status memory_budget_create(uint64_t limit_bytes,
                                                  struct memory_budget **budget,
                                                  struct po_error *error);
void memory_budget_destroy(struct memory_budget *budget);

/* Waits in order until `bytes` fit. PO_MEMORY_LIMIT when they never can; PO_CANCELLED. */
PO_MUST_CHECK enum po_status memory_budget_acquire(struct memory_budget *budget,
                                                   uint64_t bytes,
                                                   const struct cancel *cancel,
                                                   struct po_error *error);
void memory_budget_release(struct memory_budget *budget, uint64_t bytes);
uint64_t memory_budget_peak(const struct memory_budget *budget);

#endif
