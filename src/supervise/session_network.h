/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of a session: a child loads and tries it before memory is planned; what it
 * found out is what frames are planned with and children load.
 */
#ifndef SUPERVISE_SESSION_NETWORK_H
#define SUPERVISE_SESSION_NETWORK_H

#include "supervise/session_run.h"

/*
 * Nothing where the settings ask for no network. Frames must have been probed and the
 * downscale chosen. An unusable network ends the run before its first frame: the error
 * names the file and what was wrong.
 */
PO_MUST_CHECK enum po_status session_network_probe(struct session_run *run,
                                                   struct po_error *error);

/* In a child: loads the network; where that fails its frames do without and say so. */
void session_network_open(const struct session_run *run, struct network **network);

#endif
