/* SPDX-License-Identifier: Apache-2.0 */
/* Written by tests/bench/fit_confidence.py: trained on middlebury2005 and 2006. */
#include "refine/confidence_scorecard.h"

const struct confidence_scorecard confidence_scorecard_sgm =
    {
        .base = 46,
        .features =
            {
                [FEATURE_UNIQUENESS_MARGIN] = {7,
                                               {2, 5, 9, 14, 20, 30, 50},
                                               {11, 2, 0, 2, 0, 2, 6}},
                [FEATURE_COST] = {7,
                                  {15, 22, 28, 34, 40, 48, 58},
                                  {-13, -4, -5, -5, -2, 0, 1}},
                [FEATURE_DIFFERENCE] = {7,
                                        {1, 3, 5, 8, 11, 15, 24},
                                        {0, -1, 1, -1, -5, -6, -4}},
                [FEATURE_SPAN] = {7,
                                  {3, 7, 12, 20, 32, 64, 128},
                                  {-28, -17, -18, -9, -9, 4, 10}},
                [FEATURE_MEASURED] = {6,
                                      {24, 40, 54, 65, 74, 80},
                                      {29, 28, 5, 6, 21, 43}},
                [FEATURE_SMOOTHED] = {7,
                                      {0, 1, 2, 4, 7, 12, 24},
                                      {2, 0, -4, -8, -3, -7, -11}},
                [FEATURE_TEXTURE] = {6, {2, 5, 9, 15, 24, 40}, {-3, 1, -1, -5, -3, -7}},
            },
        .sigmas = {144, 60, 44, 32, 24, 20, 16, 16, 16, 12, 12, 12, 12, 12, 12, 12},
};

const struct confidence_scorecard confidence_scorecard_plain = {
    .base = 2,
    .features =
        {
            [FEATURE_SPAN] = {7,
                              {3, 7, 12, 20, 32, 64, 128},
                              {-9, -13, -22, -17, -7, -7, 5}},
            [FEATURE_MEASURED] = {6, {24, 40, 54, 65, 74, 80}, {15, 16, -2, 7, 8, 42}},
            [FEATURE_SMOOTHED] = {7,
                                  {0, 1, 2, 4, 7, 12, 24},
                                  {-2, -15, -5, -4, -7, -7, 1}},
            [FEATURE_TEXTURE] = {6, {2, 5, 9, 15, 24, 40}, {38, 11, 1, 0, -6, -19}},
        },
    .sigmas = {255, 92, 52, 32, 24, 20, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16},
};
