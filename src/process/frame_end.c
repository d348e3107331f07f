/* SPDX-License-Identifier: Apache-2.0 */
#include "process/frame_end.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/leave.h"
#include "base/thread.h"
#include "process/child_guard.h"

/* A frame that is being finished, or was. */
struct frame_end {
    struct frame_ends *ends;
    struct frame_attempt attempt;
    struct run_event event;
    struct thread *thread; /* NULL: none was started */
    atomic_bool is_over;
};

/* A worker uses its places in turn. */
struct frame_end_worker {
    struct frame_end places[FRAME_PLACES];
    int next; /* for the frame that runs, or for the next one */
};

struct frame_ends {
    struct frame_ends_settings settings;
    atomic_int failures;
    struct frame_end_worker *workers; /* settings.workers */
};

enum po_status frame_ends_create(const struct frame_ends_settings *settings,
                                 struct frame_ends **ends, struct po_error *error)
{
    struct frame_ends *made = calloc(1, sizeof(*made));
    *ends = NULL;
    if (made != NULL)
        made->workers = calloc((size_t)settings->workers, sizeof(*made->workers));
    if (made == NULL || made->workers == NULL) {
        free(made);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d workers",
                       settings->workers);
    }
    made->settings = *settings;
    for (int i = 0; i < settings->workers; i++)
        for (int place = 0; place < FRAME_PLACES; place++)
            made->workers[i].places[place].ends = made;
    *ends = made;
    return PO_OK;
}

static void wait_for(struct frame_end *end)
{
    thread_join(end->thread);
    end->thread = NULL;
}

void frame_ends_destroy(struct frame_ends *ends)
{
    if (ends == NULL)
        return;
    for (int i = 0; i < ends->settings.workers; i++)
        for (int place = 0; place < FRAME_PLACES; place++)
            wait_for(&ends->workers[i].places[place]);
    free(ends->workers);
    free(ends);
}

int frame_ends_place(const struct frame_ends *ends, int worker)
{
    return ends->workers[worker].next;
}

/* Here and not only in the supervisor: by the time that hears of it the worker would have
 * begun its next frame. */
static void count_failure(struct frame_ends *ends, enum po_status status)
{
    int most = ends->settings.failures_allowed;
    bool ends_frame =
        status != PO_OK && status != PO_CANCELLED && status != PO_OUT_OF_MEMORY;
    if (ends_frame && most > 0 && atomic_fetch_add(&ends->failures, 1) + 1 >= most)
        atomic_store(&ends->settings.stop->requested, 1);
}

static void report(struct frame_ends *ends, struct run_event *event,
                   enum po_status status, const struct po_error *error)
{
    count_failure(ends, status);
    event->kind = status == PO_OK ? EVENT_DONE : EVENT_FAILED;
    event->status = status;
    event_set_text(event, status == PO_OK ? "" : error->message);
    if (!event_send(ends->settings.event_descriptor, event))
        process_leave(CHILD_EXIT_ORPHAN);
}

static void finish(void *context)
{
    struct frame_end *end = context;
    const struct engine_job *job = end->ends->settings.job;
    struct po_error error = {0};
    enum po_status status = job->finish(job->context, &end->attempt, &end->event, &error);
    report(end->ends, &end->event, status, &error);
    atomic_store(&end->is_over, true);
}

/* The worker's silence meanwhile is not the fault of the frame it has run. */
static void make_room(struct frame_end *end, const struct frame_attempt *next)
{
    if (end->thread == NULL)
        return;
    bool waits = !atomic_load(&end->is_over);
    if (waits)
        frame_attempt_waiting(next);
    wait_for(end);
    if (waits)
        frame_attempt_started(next);
}

void frame_ends_take(struct frame_ends *ends, const struct frame_attempt *attempt,
                     const struct run_event *end, enum po_status status,
                     const struct po_error *error)
{
    struct frame_end_worker *worker = &ends->workers[attempt->worker];
    if (status != PO_OK || ends->settings.job->finish == NULL) {
        struct run_event event = *end;
        report(ends, &event, status, error);
        return;
    }
    struct frame_end *taken = &worker->places[attempt->place];
    worker->next = (attempt->place + 1) % FRAME_PLACES;
    make_room(&worker->places[worker->next], attempt);
    taken->attempt = *attempt;
    taken->event = *end;
    atomic_store(&taken->is_over, false);
    if (thread_start(finish, taken, &taken->thread, NULL) != PO_OK)
        finish(taken); /* no thread to be had: here and now */
}
