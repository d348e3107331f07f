/* SPDX-License-Identifier: Apache-2.0 */
#include "report/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/outside_text.h"
#include "base/readable.h"
#include "record/run_report.h"

enum { DEFAULT_COLUMNS = 80, BAR_MIN = 8, BAR_MAX = 24, LINE_BYTES = 512 };

#define PAINT_INTERVAL_S 0.1

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

static bool terminal_is_capable(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

/* See no-color.org: any value that is not empty. */
static bool colour_is_wanted(void)
{
    const char *no_color = getenv("NO_COLOR");
    return no_color == NULL || no_color[0] == '\0';
}

/* Progress is painting: what cannot be written is not worth an error. */
static void put(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void clear_line(void *context)
{
    struct progress *progress = context;
    if (!progress->painted)
        return;
    put("\r\x1b[K");
    progress->painted = false;
}

void progress_begin(struct progress *progress, const struct po_output_settings *settings,
                    int total, double now_s)
{
    bool capable = terminal_is_capable();
    bool wanted = settings->progress == PO_PROGRESS_ALWAYS ||
                  (settings->progress == PO_PROGRESS_AUTO && capable &&
                   settings->log_format == PO_LOG_TEXT);
    *progress = (struct progress){
        .bar = wanted && !settings->quiet,
        .lines = !wanted && !settings->quiet && settings->progress != PO_PROGRESS_NEVER,
        .colour = capable && colour_is_wanted(),
        .width_columns = terminal_columns(),
        .total = total,
        .start_s = now_s,
        .last_end_s = now_s,
        .last_paint_s = now_s,
    };
    if (progress->bar)
        log_set_before_line(clear_line, progress);
}

/* Text pieces in order of importance; a piece that does not fit is left out. */
struct piece_list {
    char *text;
    size_t bytes;
    size_t used;
    int columns;
};

static void add_piece(struct piece_list *list, const char *piece)
{
    size_t gap = list->used > 0 ? 2 : 0;
    size_t length = strlen(piece);
    size_t end = list->used + gap + length;
    if (end >= list->bytes || end > (size_t)list->columns)
        return;
    memcpy(list->text + list->used, "  ", gap);
    memcpy(list->text + list->used + gap, piece, length + 1);
    list->used = end;
}

double progress_seconds_left(const struct progress *progress, double now_s)
{
    int ran = progress->ended - progress->reused;
    if (ran <= 0)
        return -1.0;
    int since = ran - progress->settled;
    double pace_s = (progress->last_end_s - progress->start_s) / ran;
    if (progress->settled > 0 && since >= progress->settled)
        pace_s = (progress->last_end_s - progress->settled_s) / since;
    double left_s = pace_s * (progress->total - progress->ended);
    return fmax(left_s - (now_s - progress->last_end_s), 0.0);
}

static void bar_piece(const struct progress *progress, int columns, char *text)
{
    int cells = columns / 4;
    cells = cells < BAR_MIN ? BAR_MIN : cells > BAR_MAX ? BAR_MAX : cells;
    int full = progress->total > 0
                   ? (int)((long long)cells * progress->ended / progress->total)
                   : cells;
    text[0] = '[';
    memset(text + 1, '#', (size_t)full);
    memset(text + 1 + full, '.', (size_t)(cells - full));
    text[cells + 1] = ']';
    text[cells + 2] = '\0';
}

static void memory_piece(const struct progress *progress, char *text, size_t bytes)
{
    char used[READABLE_BYTES];
    char limit[READABLE_BYTES];
    readable_size(progress->memory_bytes, used, sizeof(used));
    readable_size(progress->memory_limit_bytes, limit, sizeof(limit));
    if (progress->memory_limit_bytes > 0)
        (void)snprintf(text, bytes, "%s of %s", used, limit);
    else
        (void)snprintf(text, bytes, "%s", used);
}

void progress_bar_text(const struct progress *progress, double now_s, char *text,
                       int text_bytes)
{
    struct piece_list list = {text, (size_t)text_bytes, 0, progress->width_columns - 1};
    char piece[LINE_BYTES];
    char time[READABLE_BYTES];
    text[0] = '\0';
    if (progress->width_columns >= 40) {
        bar_piece(progress, progress->width_columns, piece);
        add_piece(&list, piece);
    }
    (void)snprintf(piece, sizeof(piece), "%d/%d", progress->ended, progress->total);
    add_piece(&list, piece);
    double left_s = progress_seconds_left(progress, now_s);
    if (left_s >= 0 && progress->ended < progress->total) {
        readable_seconds(left_s, time, sizeof(time));
        (void)snprintf(piece, sizeof(piece), "%s left", time);
        add_piece(&list, piece);
    }
    if (progress->bad > 0) {
        (void)snprintf(piece, sizeof(piece), "%d not done", progress->bad);
        add_piece(&list, piece);
    }
    if (progress->memory_bytes > 0) {
        memory_piece(progress, piece, sizeof(piece));
        add_piece(&list, piece);
    }
    if (progress->frame[0] != '\0' && progress->running > 0) {
        (void)snprintf(piece, sizeof(piece), "%s", progress->frame);
        add_piece(&list, piece);
    }
    if (progress->running > 0) {
        (void)snprintf(piece, sizeof(piece), "%d running", progress->running);
        add_piece(&list, piece);
    }
}

static void paint(struct progress *progress, double now_s)
{
    char text[LINE_BYTES];
    char line[LINE_BYTES + 32];
    progress->width_columns = terminal_columns();
    progress_bar_text(progress, now_s, text, sizeof(text));
    const char *colour = progress->bad > 0 ? "\x1b[33m" : "\x1b[36m";
    (void)snprintf(line, sizeof(line), "\r%s%s%s\x1b[K", progress->colour ? colour : "",
                   text, progress->colour ? "\x1b[0m" : "");
    put(line);
    progress->painted = true;
    progress->last_paint_s = now_s;
}

static const char *const end_words[] = {
    [PO_FRAME_PENDING] = "not run",
    [PO_FRAME_DONE] = "done",
    [PO_FRAME_REUSED] = "reused",
    [PO_FRAME_FAILED] = "failed",
    [PO_FRAME_TIMED_OUT] = "timed out",
    [PO_FRAME_CRASHED] = "crashed",
    [PO_FRAME_OUT_OF_MEMORY] = "out of memory",
};

static struct log_event event_of(const struct progress_frame *frame)
{
    bool done = frame->status == PO_FRAME_DONE;
    return (struct log_event){
        .event = "frame",
        .frame = frame->id,
        .status = frame_status_name(frame->status),
        .stage = frame->stage,
        .points = done || frame->status == PO_FRAME_REUSED ? (double)frame->points : -1.0,
        .ms = done ? frame->total_ms : -1.0,
    };
}

static void log_good(const struct progress *progress, const struct progress_frame *frame)
{
    char time[READABLE_BYTES];
    struct log_event event = event_of(frame);
    readable_seconds(frame->total_ms / 1e3, time, sizeof(time));
    if (frame->status == PO_FRAME_REUSED)
        log_event(LOG_INFO, &event, "%d/%d %s: reused", progress->ended, progress->total,
                  frame->id);
    else
        log_event(LOG_INFO, &event, "%d/%d %s: done in %s, %llu points", progress->ended,
                  progress->total, frame->id, time, (unsigned long long)frame->points);
}

static void log_bad(const struct progress *progress, const struct progress_frame *frame)
{
    char count[32] = "";
    struct log_event event = event_of(frame);
    if (progress->total > 0) /* 0: --check and --dry-run, which make no progress */
        (void)snprintf(count, sizeof(count), "%d/%d ", progress->ended, progress->total);
    const char *word = end_words[frame->status];
    if (frame->message != NULL && strncmp(frame->message, word, strlen(word)) == 0)
        log_event(LOG_WARNING, &event, "%s%s: %s", count, frame->id, frame->message);
    else
        log_event(LOG_WARNING, &event, "%s%s: %s%s%s", count, frame->id, word,
                  frame->message != NULL ? ": " : "",
                  frame->message != NULL ? frame->message : "");
}

static void note_end(struct progress *progress, double now_s)
{
    int ran = progress->ended - progress->reused;
    progress->last_end_s = now_s;
    if (ran > maximum(progress->workers, 1))
        return;
    progress->settled = ran;
    progress->settled_s = now_s;
}

void progress_frame_ended(struct progress *progress, const struct progress_frame *frame,
                          double now_s)
{
    bool good = frame->status == PO_FRAME_DONE || frame->status == PO_FRAME_REUSED;
    progress->ended++;
    progress->reused += frame->status == PO_FRAME_REUSED;
    progress->bad += !good;
    if (frame->status != PO_FRAME_REUSED)
        note_end(progress, now_s);
    if (!good)
        log_bad(progress, frame);
    else if (progress->lines)
        log_good(progress, frame);
    if (progress->bar && (now_s - progress->last_paint_s >= PAINT_INTERVAL_S ||
                          progress->ended == progress->total))
        paint(progress, now_s);
}

void progress_tick(struct progress *progress, int running, const char *frame,
                   uint64_t memory_bytes, uint64_t memory_limit_bytes, double now_s)
{
    progress->running = running;
    progress->workers = maximum(progress->workers, running);
    (void)snprintf(progress->frame, sizeof(progress->frame), "%s",
                   frame != NULL ? frame : "");
    outside_text_clean(progress->frame, "");
    progress->memory_bytes = memory_bytes;
    progress->memory_limit_bytes = memory_limit_bytes;
    if (progress->bar && now_s - progress->last_paint_s >= PAINT_INTERVAL_S)
        paint(progress, now_s);
}

void progress_end(struct progress *progress)
{
    clear_line(progress);
    if (progress->bar)
        log_set_before_line(NULL, NULL);
}
