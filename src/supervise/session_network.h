/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The networks of a session: a child loads and tries each before memory is planned; what
 * it found out is what frames are planned with and children load.
 */
#ifndef SUPERVISE_SESSION_NETWORK_H
#define SUPERVISE_SESSION_NETWORK_H

#include "supervise/session_run.h"

/* Before anything else is looked at: the files that settings name are there. */
PO_MUST_CHECK enum po_status session_network_check(const struct session_run *run,
                                                   struct po_error *error);

/*
 * Nothing where the settings ask for no network. Frames must have been probed and the
 * downscale chosen. An unusable network ends the run before its first frame: the error
 * names the file and what was wrong.
 */
PO_MUST_CHECK enum po_status session_network_probe(struct session_run *run,
                                                   struct po_error *error);

/* What a child that runs frames loads. Ownership: open/close; a zeroed one is closed. */
struct session_networks {
    struct network *network; /* NULL: not wanted, or it could not be loaded here */
    struct network *prior;
    struct network_use use;
    struct prior_use prior_use;
};

/* In a child, which must not move it; where one does not load its frames do without and
 * say so. */
void session_networks_open(const struct session_run *run,
                           struct session_networks *networks);
void session_networks_close(struct session_networks *networks);

#endif
