/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of a session, for every command: by names, and where names say nothing, by
 * a survey of whether its images are two views side by side.
 */
#ifndef SUPERVISE_SESSION_MANIFEST_H
#define SUPERVISE_SESSION_MANIFEST_H

#include "session/manifest.h"

/* As manifest_load. */
PO_MUST_CHECK enum po_status session_manifest_load(const struct po_settings *settings,
                                                   struct manifest **manifest,
                                                   struct po_error *error);

#endif
