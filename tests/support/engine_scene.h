/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scene for tests of the engine: what each of a dozen frames does to its process, and
 * the engine run over them. The table is shared with the children.
 *
 * Ownership: engine_scene_set before a test and engine_scene_drop after it (cmocka's
 * setup and teardown); a test releases played.state.
 */
#ifndef SUPPORT_ENGINE_SCENE_H
#define SUPPORT_ENGINE_SCENE_H

#include <stdatomic.h>

#include "process/engine.h"

enum { FRAMES = 12, STAGE_ONE = 1, STAGE_TWO = 2 };

enum deed {
    DEED_DONE,
    DEED_FAIL,
    DEED_HANG,
    DEED_HANG_POLITELY, /* listens to its cancel flag */
    DEED_HANG_IN_POOL,  /* only while others run beside it */
    DEED_SEGV,
    DEED_SEGV_ONCE,
    DEED_LEAVE,
    DEED_KILL,
    DEED_REFUSE_MEMORY_ONCE,
    DEED_REFUSE_MEMORY, /* until the degradation level is 1 */
    DEED_NO_MEMORY,
    DEED_COMMIT_AND_CRASH,
    DEED_SLOW,
    DEED_STOP_PROCESS,
    DEED_SURVIVE_SIGKILL, /* until scene->released */
    /* In finish, from here on. */
    DEED_FINISH_BESIDE, /* until so many more frames run as one worker may have */
    DEED_FINISH_FAIL,
    DEED_FINISH_HANG,
    DEED_FINISH_SEGV,
    DEED_FINISH_SLOW,
};

struct engine_scene {
    enum deed deeds[FRAMES];
    atomic_int runs[FRAMES];
    atomic_int expected[FRAMES]; /* how often, before they ran */
    atomic_int committed[FRAMES];
    atomic_int prepared;
    int prepare_fails; /* how many times */
    atomic_int released;
    atomic_int finishing;      /* frames that are, now */
    atomic_int most_finishing; /* at once */
    atomic_int
        places[FRAMES]; /* by worker: bits of the places of what is being finished */
    atomic_int clashes; /* frames that ran in a place still taken */
    bool is_short[FRAMES];
    atomic_long descriptors;  /* that the child may have open */
    atomic_int started;       /* frames, so far */
    atomic_int turns[FRAMES]; /* how many had started before */
};

extern struct engine_scene *scene;
extern const struct engine_job engine_scene_job;

struct played {
    struct run_state state;
    struct engine_result result;
    struct po_summary summary;
};

int engine_scene_set(void **state);
int engine_scene_drop(void **state);

/* Three workers, 0.8 s a frame, one restart. */
struct engine_settings usual(void);

void play(const struct engine_settings *settings, struct played *played);
void play_with(const struct engine_settings *settings, struct run_control *control,
               struct played *played);

void all_others_done(const struct played *played, int except);
void nap(long milliseconds);

#define PLAY(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, engine_scene_set, engine_scene_drop)

#endif
