/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of the state directory that priors are carried on in, within one run. */
#ifndef FRAME_PRIOR_FOLDER_H
#define FRAME_PRIOR_FOLDER_H

#define PRIOR_FOLDER "priors"
#define PRIOR_FILE_ENDING ".pfm"

/* Removes the maps in it; what cannot be removed stays for the next run. */
void prior_folder_empty(const char *directory);

#endif
