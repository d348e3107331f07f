/* SPDX-License-Identifier: Apache-2.0 */
/* The unit of written points, as files name it. */
#ifndef CLOUD_CLOUD_UNIT_H
#define CLOUD_CLOUD_UNIT_H

#include "cloud/cloud.h"

/* "mm", "m" or "squares": the unit of what is written. */
const char *cloud_unit_name(const struct cloud_input *input);

#endif
