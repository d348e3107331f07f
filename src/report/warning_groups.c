/* SPDX-License-Identifier: Apache-2.0 */
#include "report/warning_groups.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *skip_number(const char *text)
{
    while (isdigit((unsigned char)*text) || *text == '.')
        text++;
    return text;
}

bool warning_texts_alike(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a = skip_number(a);
            b = skip_number(b);
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return *a == *b;
}

void warning_groups_add(struct warning_groups *groups, const char *frame,
                        const char *text)
{
    for (int i = 0; i < groups->count; i++)
        if (warning_texts_alike(groups->groups[i].text, text)) {
            groups->groups[i].frames++;
            return;
        }
    if (groups->count == WARNING_GROUPS_MAX) {
        groups->left_out++;
        return;
    }
    struct warning_group *group = &groups->groups[groups->count++];
    group->frames = 1;
    (void)snprintf(group->first, sizeof(group->first), "%s", frame);
    (void)snprintf(group->text, sizeof(group->text), "%s", text);
}

void warning_groups_collect(struct warning_groups *groups,
                            const struct run_report *report)
{
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        for (int k = 0; frame.record != NULL && k < frame.record->warnings.length; k++)
            warning_groups_add(groups, frame.id, frame.record->warnings.texts[k]);
    }
}
