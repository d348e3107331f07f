/* SPDX-License-Identifier: Apache-2.0 */
#include "base/warning_list.h"

#include <stdarg.h>
#include <string.h>

#include "base/fitted_text.h"
#include "base/log.h"

static void add(struct warning_list *list, const char text[WARNING_BYTES])
{
    for (int i = 0; i < list->length; i++)
        if (strcmp(list->texts[i], text) == 0)
            return;
    if (list->length == WARNING_LIST_MAX) {
        list->dropped++;
        return;
    }
    memcpy(list->texts[list->length++], text, WARNING_BYTES);
}

void warning_list_add(struct warning_list *list, const char *format, ...)
{
    char text[WARNING_BYTES] = {0}; /* all of it is kept */
    va_list arguments;
    va_start(arguments, format);
    fitted_text(text, sizeof(text), format, arguments);
    va_end(arguments);
    add(list, text);
}

void warning_list_tell(struct warning_list *list, const char *format, ...)
{
    char text[WARNING_BYTES] = {0};
    va_list arguments;
    va_start(arguments, format);
    fitted_text(text, sizeof(text), format, arguments);
    va_end(arguments);
    add(list, text);
    log_warning("%s", text);
}

void warning_list_join(struct warning_list *list, const struct warning_list *from)
{
    for (int i = 0; i < from->length; i++)
        warning_list_add(list, "%s", from->texts[i]);
    list->dropped += from->dropped;
}
