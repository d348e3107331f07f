/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's XML to a document, through libxml2's SAX events; the only file that knows it.
 *
 * An element with children is a map; one with text alone is a scalar, or a list of its
 * numbers; "_" elements are a list's members. The same tree as YAML makes of
 * cv::FileStorage. Document types are refused, so there are no entities but XML's five,
 * nothing is fetched, and depth, nodes and bytes are bounded as for YAML.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/document.h"

enum { XML_CHUNK_BYTES = 4096, XML_KEY_BYTES = 128 };

struct xml_builder {
    struct document *document;
    struct document_node *open[DOCUMENT_MAX_DEPTH + 1];
    bool has_children[DOCUMENT_MAX_DEPTH + 1];
    int depth;
    char *text; /* of the innermost element */
    size_t text_bytes;
    size_t text_capacity;
    bool too_large;
    bool too_long; /* a text, in UTF-8: longer than the whole file */
    bool has_doctype;
    xmlParserCtxtPtr parser;
};

static bool is_stopped(const struct xml_builder *builder)
{
    return builder->too_large || builder->too_long || builder->has_doctype;
}

static void stop(struct xml_builder *builder)
{
    builder->too_large = !builder->has_doctype && !builder->too_long;
    xmlStopParser(builder->parser);
}

static void begin_element(void *context, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri, int namespace_count,
                          const xmlChar **namespaces, int attribute_count,
                          int default_count, const xmlChar **attributes)
{
    struct xml_builder *builder = context;
    const char *key = (const char *)name;
    (void)prefix;
    (void)uri;
    (void)namespace_count;
    (void)namespaces;
    (void)attribute_count;
    (void)default_count;
    (void)attributes;
    builder->text_bytes = 0;
    if (builder->depth > DOCUMENT_MAX_DEPTH || strlen(key) > XML_KEY_BYTES) {
        stop(builder);
        return;
    }
    struct document_node *parent =
        builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;
    if (parent != NULL) {
        builder->has_children[builder->depth - 1] = true;
        parent->kind = strcmp(key, "_") == 0 ? DOCUMENT_LIST : DOCUMENT_MAP;
    }
    const char *kept = strcmp(key, "_") == 0 || parent == NULL
                           ? NULL
                           : document_keep_text(builder->document, key, strlen(key));
    struct document_node *node = NULL;
    if (kept != NULL || strcmp(key, "_") == 0 || parent == NULL)
        node = document_add(builder->document, parent, DOCUMENT_MAP, kept, NULL);
    if (node == NULL) {
        stop(builder);
        return;
    }
    builder->has_children[builder->depth] = false;
    builder->open[builder->depth++] = node;
}

/* Blank-separated tokens of a text become a list when there are several. */
static bool add_tokens(struct xml_builder *builder, struct document_node *node,
                       const char *text)
{
    static const char BLANK[] = " \t\r\n";
    const char *first = text + strspn(text, BLANK);
    size_t length = strcspn(first, BLANK);
    bool several = first[length + strspn(first + length, BLANK)] != '\0';
    double number;
    char start[40];
    (void)snprintf(start, sizeof(start), "%.*s", length < 39 ? (int)length : 39, first);
    if (several && *first != '"' && scalar_number(start, &number)) {
        node->kind = DOCUMENT_LIST;
        while (*first != '\0') {
            length = strcspn(first, BLANK);
            const char *kept = document_keep_text(builder->document, first, length);
            if (kept == NULL || document_add(builder->document, node, DOCUMENT_SCALAR,
                                             NULL, kept) == NULL)
                return false;
            first += length + strspn(first + length, BLANK);
        }
        return true;
    }
    length = strlen(first);
    while (length > 0 && strchr(BLANK, first[length - 1]) != NULL)
        length--;
    if (length >= 2 && *first == '"' && first[length - 1] == '"') {
        first++;
        length -= 2;
    }
    node->kind = DOCUMENT_SCALAR;
    node->text = document_keep_text(builder->document, first, length);
    return node->text != NULL;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix,
                        const xmlChar *uri)
{
    struct xml_builder *builder = context;
    (void)name;
    (void)prefix;
    (void)uri;
    if (builder->depth == 0 || builder->too_large)
        return;
    builder->depth--;
    builder->text[builder->text_bytes] = '\0';
    if (builder->depth > 0 && !builder->has_children[builder->depth] &&
        !add_tokens(builder, builder->open[builder->depth], builder->text))
        stop(builder);
    builder->text_bytes = 0;
}

/* The text of an element is at most the file's; the buffer holds that. */
static void take_text(void *context, const xmlChar *text, int bytes)
{
    struct xml_builder *builder = context;
    if (is_stopped(builder))
        return;
    if (builder->text_bytes + (size_t)bytes >= builder->text_capacity) {
        builder->too_long = true;
        stop(builder);
        return;
    }
    memcpy(builder->text + builder->text_bytes, text, (size_t)bytes);
    builder->text_bytes += (size_t)bytes;
}

static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    struct xml_builder *builder = context;
    (void)name;
    (void)external;
    (void)system;
    builder->has_doctype = true;
    stop(builder);
}

static void be_silent(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static enum po_status outcome(const struct xml_builder *builder, const char *path,
                              struct po_error *error)
{
    const xmlError *problem = xmlCtxtGetLastError(builder->parser);
    if (builder->has_doctype)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: XML with a document type (DOCTYPE, entities) is not read",
                       path);
    if (builder->too_long)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: a text in it is longer in UTF-8 than the file is; save the "
                       "file as UTF-8",
                       path);
    if (builder->too_large)
        return po_fail(
            error, PO_BAD_FORMAT,
            "%s: more than %d values or %d levels deep; not a calibration file", path,
            DOCUMENT_MAX_NODES, DOCUMENT_MAX_DEPTH);
    if (builder->parser->wellFormed == 0 || document_root(builder->document) == NULL)
        return po_fail(error, PO_BAD_FORMAT, "%s:%d: not valid XML: %.200s", path,
                       problem != NULL ? problem->line : 1,
                       problem != NULL && problem->message != NULL ? problem->message
                                                                   : "it holds nothing");
    return PO_OK;
}

static void parse(struct xml_builder *builder, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes && !is_stopped(builder); at += XML_CHUNK_BYTES) {
        size_t left = bytes - at;
        int chunk = left < XML_CHUNK_BYTES ? (int)left : XML_CHUNK_BYTES;
        if (xmlParseChunk(builder->parser, text + at, chunk, 0) != 0)
            return;
    }
    (void)xmlParseChunk(builder->parser, NULL, 0, 1);
}

enum po_status document_from_xml(const char *path, const char *text, size_t bytes,
                                 struct document **document, struct po_error *error)
{
    struct xml_builder builder = {.text_capacity = bytes + 16};
    enum po_status status;
    xmlSAXHandler events;
    memset(&events, 0, sizeof(events));
    events.initialized = XML_SAX2_MAGIC;
    events.startElementNs = begin_element;
    events.endElementNs = end_element;
    events.characters = take_text;
    events.internalSubset = refuse_doctype;
    events.warning = be_silent;
    events.error = be_silent;
    *document = NULL;
    builder.document = document_create(bytes, false);
    builder.text = malloc(builder.text_capacity);
    builder.parser = xmlCreatePushParserCtxt(&events, &builder, NULL, 0, NULL);
    if (builder.document == NULL || builder.text == NULL || builder.parser == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
        goto cleanup;
    }
    (void)xmlCtxtUseOptions(builder.parser, XML_PARSE_NONET);
    parse(&builder, text, bytes);
    status = outcome(&builder, path, error);
    if (status == PO_OK) {
        *document = builder.document;
        builder.document = NULL;
    }

cleanup:
    if (builder.parser != NULL)
        xmlFreeParserCtxt(builder.parser);
    document_destroy(builder.document);
    free(builder.text);
    return status;
}
