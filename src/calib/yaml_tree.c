/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML to a document, through libyaml's events; the only file that knows it.
 *
 * OpenCV writes "%YAML:1.0", which is no YAML directive, and old versions no "---": such
 * a line is blanked first. Aliases are refused, so no text grows when it is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "calib/document.h"

/* Recorded messages repeat as documents of one file. */
enum { YAML_MAX_DOCUMENTS = 16 };

struct tree_builder {
    const char *path;
    struct document *document;
    struct document_node *open[DOCUMENT_MAX_DEPTH + 1];
    const char *keys[DOCUMENT_MAX_DEPTH + 1]; /* read, waiting for their value */
    int depth;                                /* open containers */
    int documents;                            /* that are whole */
    bool done;
};

/* Blanks directive lines ("%YAML:1.0") before the first document, keeping line numbers.
 */
static void blank_directives(char *text)
{
    char *line = text;
    while (*line == '%' || *line == '#' || *line == '\n') {
        size_t length = strcspn(line, "\n");
        if (*line == '%')
            memset(line, ' ', length);
        line += length;
        if (*line == '\n')
            line++;
    }
}

/*
 * A copy in which "Viewer.PointSize:2" has its blank: OpenCV, which begins its files with
 * "%YAML:1.0", takes such lines, and people write them. NULL: no memory.
 */
static char *copy_with_blanks(const char *text, size_t bytes)
{
    static const char NAME[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_.";
    char *copy = malloc(2 * bytes + 1);
    const char *end = text + bytes;
    char *out = copy;
    bool of_opencv = strncmp(text, "%YAML:", 6) == 0;
    while (copy != NULL && text < end) {
        size_t name = strspn(text, NAME);
        size_t line = strcspn(text, "\n");
        bool crowded = of_opencv && name > 0 && text[name] == ':' &&
                       strchr("-+.0123456789\"", text[name + 1]) != NULL &&
                       text[name + 1] != '\0';
        size_t head = crowded ? name + 1 : 0;
        memcpy(out, text, head);
        out += head;
        if (crowded)
            *out++ = ' ';
        size_t rest = line - head + (text[line] == '\n');
        memcpy(out, text + head, rest);
        out += rest;
        text += head + rest;
        if (head + rest == 0)
            break; /* a NUL in the text */
    }
    if (copy != NULL)
        *out = '\0';
    return copy;
}

static enum po_status too_large(const struct tree_builder *builder,
                                struct po_error *error)
{
    return po_fail(error, PO_BAD_FORMAT,
                   "%s: more than %d values or %d levels deep; not a calibration file",
                   builder->path, DOCUMENT_MAX_NODES, DOCUMENT_MAX_DEPTH);
}

/* Adds a value where the builder stands; a scalar in a map's key position waits. */
static enum po_status add_value(struct tree_builder *builder, enum document_kind kind,
                                const char *text, struct document_node **node,
                                struct po_error *error)
{
    struct document_node *parent =
        builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;
    const char *key = NULL;
    *node = NULL;
    if (parent != NULL && parent->kind == DOCUMENT_MAP) {
        const char **pending = &builder->keys[builder->depth - 1];
        if (*pending == NULL) {
            if (kind != DOCUMENT_SCALAR)
                return po_fail(error, PO_BAD_FORMAT,
                               "%s: a list or map as a key is not read", builder->path);
            *pending = text;
            return PO_OK;
        }
        key = *pending;
        *pending = NULL;
    }
    *node = document_add(builder->document, parent, kind, key, text);
    return *node != NULL ? PO_OK : too_large(builder, error);
}

static enum po_status open_container(struct tree_builder *builder,
                                     enum document_kind kind, struct po_error *error)
{
    struct document_node *node;
    if (builder->depth > DOCUMENT_MAX_DEPTH)
        return too_large(builder, error);
    enum po_status status = add_value(builder, kind, NULL, &node, error);
    if (status != PO_OK)
        return status;
    builder->keys[builder->depth] = NULL;
    builder->open[builder->depth++] = node;
    return PO_OK;
}

static enum po_status add_scalar(struct tree_builder *builder, const yaml_event_t *event,
                                 struct po_error *error)
{
    struct document_node *node;
    const char *text =
        document_keep_text(builder->document, (const char *)event->data.scalar.value,
                           event->data.scalar.length);
    if (text == NULL)
        return too_large(builder, error);
    return add_value(builder, DOCUMENT_SCALAR, text, &node, error);
}

static enum po_status take_event(struct tree_builder *builder, const yaml_event_t *event,
                                 struct po_error *error)
{
    switch (event->type) {
    case YAML_MAPPING_START_EVENT:
        return open_container(builder, DOCUMENT_MAP, error);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(builder, DOCUMENT_LIST, error);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        builder->depth--;
        return PO_OK;
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event, error);
    case YAML_ALIAS_EVENT:
        return po_fail(error, PO_BAD_FORMAT,
                       "%s:%zu: YAML aliases (*name) are not read; write the value out",
                       builder->path, event->start_mark.line + 1);
    case YAML_DOCUMENT_END_EVENT:
        builder->done = ++builder->documents == YAML_MAX_DOCUMENTS;
        return PO_OK;
    case YAML_STREAM_END_EVENT:
        builder->done = true;
        return PO_OK;
    default:
        return PO_OK;
    }
}

static enum po_status run_parser(struct tree_builder *builder, yaml_parser_t *parser,
                                 struct po_error *error)
{
    while (!builder->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event) && parser->error == YAML_MEMORY_ERROR)
            return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it",
                           builder->path);
        if (parser->error != YAML_NO_ERROR)
            return po_fail(error, PO_BAD_FORMAT, "%s:%zu: not valid YAML: %s",
                           builder->path, parser->problem_mark.line + 1,
                           parser->problem != NULL ? parser->problem : "unreadable");
        enum po_status status = take_event(builder, &event, error);
        yaml_event_delete(&event);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

/* libyaml nests without bound and looks ahead: brackets are counted before it starts. */
static bool flow_nesting_is_sane(const char *text)
{
    int depth = 0;
    for (; *text != '\0'; text++) {
        if ((*text == '[' || *text == '{') && ++depth > 10 * DOCUMENT_MAX_DEPTH)
            return false;
        if ((*text == ']' || *text == '}') && depth > 0)
            depth--;
    }
    return true;
}

enum po_status document_from_yaml(const char *path, const char *text, size_t bytes,
                                  struct document **document, struct po_error *error)
{
    struct tree_builder builder = {.path = path};
    yaml_parser_t parser;
    enum po_status status;
    *document = NULL;
    char *copy = copy_with_blanks(text, bytes);
    builder.document = document_create(bytes, false);
    bool started = yaml_parser_initialize(&parser) != 0;
    if (copy == NULL || builder.document == NULL || !started) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
        goto cleanup;
    }
    if (!flow_nesting_is_sane(copy)) {
        status = too_large(&builder, error);
        goto cleanup;
    }
    blank_directives(copy);
    yaml_parser_set_input_string(&parser, (const unsigned char *)copy, strlen(copy));
    status = run_parser(&builder, &parser, error);
    if (status == PO_BAD_FORMAT &&
        builder.documents > 0) { /* a recording that was cut short */
        if (builder.depth > 0)
            document_drop_last_root(builder.document);
        status = PO_OK;
    }
    if (status != PO_OK)
        goto cleanup;
    *document = builder.document;
    builder.document = NULL;

cleanup:
    if (started)
        yaml_parser_delete(&parser);
    document_destroy(builder.document);
    free(copy);
    return status;
}
