/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a session that may be its calibration, by name: content decides later.
 * Ownership: candidate_list_release frees the paths.
 */
#ifndef SESSION_CALIBRATION_CANDIDATES_H
#define SESSION_CALIBRATION_CANDIDATES_H

#include <stdbool.h>

#include "session/manifest_parts.h"

enum { MAX_CANDIDATES = 128, WELL_KNOWN_BELOW = 100 };

struct calibration_candidate {
    char *path;
    int distance; /* 0: beside the images, then further away in steps */
    int rank;     /* among those of one distance; lower is better */
    bool named;   /* its name says that it is a calibration */
    bool likely;  /* its name or ending is that of many calibrations */
};

struct candidate_list {
    int count;
    int dropped;
    struct po_error trouble; /* the first folder that could not be looked through */
    struct calibration_candidate candidates[MAX_CANDIDATES];
};

/*
 * Nearest first: the folder of the images, `root`, their usual subfolders (calib,
 * calibration, params, camera_parameters, results, calib_result), then the same of the
 * folder above and of the one above that, where only files count whose name says
 * calibration. Folders that anybody may write to (/tmp) are left out above the session.
 * What of the session cannot be looked through is `trouble`: a better one may be there
 * unseen.
 */
void candidate_list_find(struct candidate_list *list, const char *root,
                         const struct found_session *found,
                         struct warning_list *warnings);
void candidate_list_release(struct candidate_list *list);

#endif
