/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/option_error.h"

enum { LIST_MAX_BYTES = 16 << 20, NAME_BYTES = 256 };

enum po_status session_list_add(struct session_list *list, const char *path,
                                struct po_error *error)
{
    size_t count = (size_t)list->count + 1;
    char **grown = realloc(list->paths, count * sizeof(*grown));
    if (grown != NULL)
        list->paths = grown;
    char *copy = grown != NULL ? strdup(path) : NULL;
    if (copy == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu sessions", count);
    list->paths[list->count++] = copy;
    return PO_OK;
}

static char *trimmed(char *line)
{
    line += strspn(line, " \t");
    for (size_t end = strlen(line); end > 0 && strchr(" \t\r", line[end - 1]) != NULL;)
        line[--end] = '\0';
    return line;
}

enum po_status session_list_read(struct session_list *list, const char *path,
                                 struct po_error *error)
{
    char *text = NULL;
    char *rest = NULL;
    size_t bytes = 0;
    int before = list->count;
    struct po_error cause = {0};
    enum po_status status =
        input_file_read_text(path, LIST_MAX_BYTES, &text, &bytes, &cause);
    if (status == PO_NOT_FOUND)
        status = PO_BAD_ARGUMENT;
    if (status != PO_OK)
        return fail_of_option(status, "input-list", path, &cause, error);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && status == PO_OK;
         line = strtok_r(NULL, "\n", &rest)) {
        line = trimmed(line);
        if (line[0] != '\0' && line[0] != '#')
            status = session_list_add(list, line, error);
    }
    free(text);
    list->is_file = true;
    if (status == PO_OK && list->count == before)
        status =
            po_fail(error, PO_BAD_ARGUMENT,
                    "--input-list %s: names no session; want one folder a line", path);
    return status;
}

void session_list_release(struct session_list *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct session_list){0};
}

bool session_list_name(const char *path, char *name, int name_bytes)
{
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    (void)snprintf(name, (size_t)name_bytes, "%.*s", (int)(end - begin), path + begin);
    return end > begin && (size_t)name_bytes > end - begin && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

struct named_session {
    char name[NAME_BYTES];
    const char *path;
};

static int compare_names(const void *a, const void *b)
{
    const struct named_session *x = a;
    const struct named_session *y = b;
    return strcmp(x->name, y->name);
}

static enum po_status fill_names(const struct session_list *list, bool share_output,
                                 struct named_session *names, struct po_error *error)
{
    for (int i = 0; i < list->count; i++) {
        names[i].path = list->paths[i];
        (void)snprintf(names[i].name, NAME_BYTES, "%s", list->paths[i]);
        if (share_output && !session_list_name(list->paths[i], names[i].name, NAME_BYTES))
            return po_fail(error, PO_BAD_ARGUMENT,
                           "--input %s: has no name for a folder below --output; leave "
                           "--output out, or give the session by its folder's name",
                           list->paths[i]);
    }
    return PO_OK;
}

enum po_status session_list_check(const struct session_list *list, bool share_output,
                                  struct po_error *error)
{
    struct named_session *names = calloc((size_t)list->count + 1, sizeof(*names));
    if (names == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d sessions", list->count);
    enum po_status status = fill_names(list, share_output, names, error);
    if (status == PO_OK)
        qsort(names, (size_t)list->count, sizeof(*names), compare_names);
    for (int i = 1; i < list->count && status == PO_OK; i++)
        if (strcmp(names[i - 1].name, names[i].name) == 0)
            status = po_fail(error, PO_BAD_ARGUMENT,
                             "%s and %s would have one output directory; leave --output "
                             "out, or give them in two calls",
                             names[i - 1].path, names[i].path);
    free(names);
    return status;
}
