/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/shard_reporting.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static enum po_status write_record(const struct session_run *run,
                                   struct shard_record *record,
                                   const struct shard_content *content,
                                   struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    record->shard = run->shard;
    record->process = (int)getpid();
    record->began_ns = run->shard_began_ns;
    record->touched_ns = link_lock_now_ns(&run->link_lock);
    memcpy(record->plan, run->plan.name, sizeof(record->plan));
    lock_host(record->host, sizeof(record->host));
    enum po_status status =
        shard_path(run->paths.shards, &run->shard, ".json", path, error);
    return status == PO_OK ? shard_record_write(record, content, path, error) : status;
}

static struct shard_content content_of(const struct session_run *run)
{
    return (struct shard_content){.settings = &run->effective,
                                  .warnings = &run->warnings,
                                  .journal = &run->journal};
}

enum po_status shard_reporting_begin(struct session_run *run, struct po_error *error)
{
    struct shard_record record = {0};
    const struct shard_content content = content_of(run);
    const struct po_output_settings *output = &run->effective.values.output;
    if (output->junit != NULL || output->baseline != NULL)
        log_info("--junit and --baseline are of all shards together: --merge takes them");
    run->shard_began_ns = link_lock_now_ns(&run->link_lock);
    return write_record(run, &record, &content, error);
}

enum po_status shard_reporting_end(struct session_run *run,
                                   const struct run_report *report,
                                   struct po_error *error)
{
    struct shard_record record = {.ended = true,
                                  .exit_status = report->exit_status,
                                  .workers = report->workers,
                                  .batch_size = report->batch_size,
                                  .memory = report->memory,
                                  .sandbox = report->sandbox};
    struct shard_content content = content_of(run);
    content.state = &run->state;
    return write_record(run, &record, &content, error);
}
