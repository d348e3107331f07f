/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unread files: images and recordings of kinds this program does not read, by their
 * extensions, with the command that makes images of them.
 */
#ifndef SESSION_UNREAD_FILES_H
#define SESSION_UNREAD_FILES_H

#include "base/warning_list.h"
#include "session/listing.h"

/* One warning a kind, over all of the folders: "left: 12 files of JPEG 2000 (...)". */
void unread_files_warn(const char *const *folders, const struct listing *listings,
                       int count, struct warning_list *warnings);

#endif
