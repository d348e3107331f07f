/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_rows.h"

static const char *const memory_profiles[] = {"auto", "conservative", "moderate",
                                              "aggressive", NULL};
static const char *const progresses[] = {"auto", "always", "never", NULL};
static const char *const log_formats[] = {"text", "jsonl", NULL};

#define CHOICE(m, list)                                                                  \
    .kind = SETTING_CHOICE, .field = SETTING_CHOICE_FIELD(m), .choices = (list)
#define INT(m, low, high)                                                                \
    .kind = SETTING_INT, .field = SETTING_FIELD(int, m), .min = (low), .max = (high)
#define SECONDS(m, low)                                                                  \
    .kind = SETTING_REAL, .field = SETTING_FIELD(double, m), .min = (low), .max = 1e7,   \
    .argument = "S"
#define FLAG(m) .kind = SETTING_FLAG, .field = SETTING_FIELD(bool, m)
#define RUN .group = "Run"
#define MESSAGES .group = "Messages"

static const struct setting_row rows[] = {
    {.name = "workers",
     .use = USE_PROCESSES,
     INT(run.workers, 1, 1024),
     RUN,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Frames processed at once. auto: as many as cores and memory allow."},
    {.name = "batch-size",
     .use = USE_PROCESSES,
     INT(run.batch_size, 1, 10000),
     RUN,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Frames a worker takes at once. Larger means less traffic, and a longer "
             "tail at the end."},
    {.name = "no-parallel",
     .use = USE_PROCESSES,
     FLAG(run.parallel),
     .inverted = true,
     RUN,
     .help = "One frame at a time, each alone in its own process: slowest, and the "
             "easiest to follow."},
    {.name = "in-process",
     .use = USE_PROCESSES,
     FLAG(run.in_process),
     RUN,
     .help = "No other process at all, for a debugger: a crash ends the run."},
    {.name = "no-sandbox",
     .use = USE_PROCESSES,
     FLAG(run.sandbox),
     .inverted = true,
     RUN,
     .help = "Lets the processes that decode images touch any file and the network: "
             "without it they read the session and the system's libraries, and write "
             "the output directory, where the kernel has Landlock and seccomp."},
    {.name = "memory-limit",
     .use = USE_PROCESSES,
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_memory_limit,
     RUN,
     .argument = "SIZE|PERCENT|auto",
     .help = "Memory of the whole program: 6G, 75%. Frames that do not fit are matched "
             "in strips or at lower resolution. auto: 75% of what is there."},
    {.name = "memory-profile",
     .use = USE_PROCESSES,
     CHOICE(run.memory_profile, memory_profiles),
     RUN,
     .argument = "auto|conservative|moderate|aggressive",
     .help = "Workers and batch size to start with: 1 and 1; up to 4 and 2; all cores. "
             "auto: by the memory at hand."},
    {.name = "frame-timeout",
     .use = USE_PROCESSES,
     SECONDS(run.frame_timeout_s, 0.05),
     RUN,
     .help = "A frame silent for S seconds is stopped and tried once more alone. Raise "
             "it for very large images."},
    {.name = "pool-timeout",
     .use = USE_PROCESSES,
     SECONDS(run.pool_timeout_s, 0),
     RUN,
     .help = "Bound of the parallel phase as a whole; what is left then runs one frame "
             "at a time; 0: none."},
    {.name = "session-timeout",
     .use = USE_PROCESSES,
     SECONDS(run.session_timeout_s, 0),
     RUN,
     .help = "Bound of the whole run: status 7 when it passes, and a rerun goes on from "
             "there; 0: none."},
    {.name = "pool-restarts",
     .use = USE_PROCESSES,
     INT(run.pool_restarts, 0, 100),
     RUN,
     .argument = "N",
     .help = "How often a stalled or crashed pool is started again before going on one "
             "frame at a time."},
    {.name = "max-failures",
     INT(run.max_failures, 0, 1000000000),
     RUN,
     .argument = "N",
     .help = "After N frames that did not finish no further one is started; those that "
             "are running finish. 0: never."},
    {.name = "min-measured",
     .kind = SETTING_REAL,
     .field = SETTING_FIELD(double, run.min_measured_percent),
     .min = 0,
     .max = 100,
     RUN,
     .argument = "PERCENT",
     .help = "A frame of which less of the left image is measured fails, with the likely "
             "cause; not asked where depth limits leave things out."},
    {.name = "grace",
     .use = USE_PROCESSES,
     SECONDS(run.grace_s, 0),
     RUN,
     .help = "After Ctrl-C started frames have S seconds to finish; a second Ctrl-C "
             "stops at once."},
    {.name = "force",
     FLAG(run.force),
     RUN,
     .help = "Compute every frame again, reuse nothing."},
    {.name = "verify",
     FLAG(run.verify),
     RUN,
     .help = "Read the images and results of frames that would be reused, whatever "
             "their dates say; redo what has changed or is broken."},
    {.name = "no-lock",
     FLAG(run.no_lock),
     RUN,
     .help = "Go on where the file system cannot lock the output directory; then two "
             "runs on it may harm each other."},
    {.name = "shard",
     .use = USE_SHARD,
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_shard,
     RUN,
     .argument = "K/N|auto/N|none",
     .help = "Process part K of N of a session that --plan has looked at, beside others "
             "on other machines; --merge makes the report. auto: K from the array job: "
             "SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX or JOB_COMPLETION_INDEX, 0 as N."},
    {.name = "cache-size",
     .kind = SETTING_SIZE,
     RUN,
     .argument = "SIZE",
     .field = SETTING_FIELD(uint64_t, run.cache_bytes),
     .min = 0,
     .max = 1e15,
     .help = "Disk for raw matches, so that new refinement or cloud settings need no new "
             "matching; 0: none."},
    {.name = "progress",
     .use = USE_MESSAGES,
     CHOICE(output.progress, progresses),
     MESSAGES,
     .argument = "auto|always|never",
     .help = "Progress bar on stderr; auto: on a terminal, else one line a frame."},
    {.name = "log-format",
     .use = USE_MESSAGES,
     CHOICE(output.log_format, log_formats),
     MESSAGES,
     .argument = "text|jsonl",
     .help = "Log lines as text or as one JSON object each."},
    {.name = "quiet",
     .use = USE_MESSAGES,
     FLAG(output.quiet),
     MESSAGES,
     .help = "Only errors on stderr, no summary on stdout."},
    {.name = "verbose",
     .use = USE_MESSAGES,
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_verbose,
     MESSAGES,
     .argument = "0|1|2",
     .help = "More detail in the log; given twice, or as 2, still more."},
};

const struct setting_part settings_rows_run = {rows, sizeof(rows) / sizeof(*rows)};
