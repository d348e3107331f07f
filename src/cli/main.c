/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cli/command.h"
#include "cli/options.h"
#include "supervise/exit_status.h"

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    int exit_status = 0;
    enum po_status status = options_parse(argc, argv, &options, &error);
    if (status == PO_OK)
        status = command_run(&options, &exit_status, &error);
    if (status != PO_OK) {
        log_error("%s", error.message);
        exit_status = exit_status_of_error(status);
    }
    options_release(&options);
    return exit_status;
}
