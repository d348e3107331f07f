/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROCESS_PROCESSORS_H
#define PROCESS_PROCESSORS_H

/* Processors this process may use, by affinity and by its control group's quota; at
 * least 1. */
int processor_count(void);

#endif
