/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The largest --p2 of the sgm matcher, for whoever validates settings and for the
 * matcher that asserts it. A path cost is at most the pixel's cost + P2 (Hirschmueller
 * 2008, eq. 14) and is held in 8 bits; vertical penalties are up to 1.3 times --p2.
 */
#ifndef SETTINGS_PENALTY_LIMIT_H
#define SETTINGS_PENALTY_LIMIT_H

enum { SGM_P2_MAX = 130 };

#endif
