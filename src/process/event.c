/* SPDX-License-Identifier: Apache-2.0 */
#include "process/event.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void event_set_text(struct run_event *event, const char *text)
{
    static const char gap[] = " ... ";
    size_t length = strlen(text);
    if (length < sizeof(event->text)) {
        memcpy(event->text, text, length + 1);
        return;
    }
    size_t room = sizeof(event->text) - sizeof(gap);
    size_t head = room / 2;
    size_t tail = room - head;
    memcpy(event->text, text, head);
    memcpy(event->text + head, gap, sizeof(gap) - 1);
    memcpy(event->text + head + sizeof(gap) - 1, text + length - tail, tail + 1);
}

bool event_send(int descriptor, const struct run_event *event)
{
    ssize_t put;
    do
        put = write(descriptor, event, sizeof(*event));
    while (put < 0 && errno == EINTR);
    return put == (ssize_t)sizeof(*event);
}

enum event_read event_receive(int descriptor, struct run_event *event)
{
    ssize_t got;
    do
        got = read(descriptor, event, sizeof(*event));
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return EVENT_READ_NONE;
    if (got != (ssize_t)sizeof(*event))
        return EVENT_READ_END;
    event->text[sizeof(event->text) - 1] = '\0';
    return EVENT_READ_ONE;
}
