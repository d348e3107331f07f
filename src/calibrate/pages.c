/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "calibrate/text_stream.h"

/* Room for a page with two pictures and every corner of a thousand views; what is not
 * written takes no memory. */
static const size_t PAGES_BYTES = (size_t)1 << 30;

enum po_status pages_create(struct pages **pages, struct po_error *error)
{
    void *made = mmap(NULL, PAGES_BYTES, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *pages = NULL;
    if (made == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
    *pages = made;
    (*pages)->capacity = PAGES_BYTES - sizeof(struct pages);
    return PO_OK;
}

void pages_destroy(struct pages *pages)
{
    if (pages != NULL)
        (void)munmap(pages, PAGES_BYTES);
}

void pages_clear(struct pages *pages)
{
    pages->count = 0;
    pages->used = 0;
}

enum po_status pages_add(struct pages *pages, const char *suffix, const char *text,
                         size_t bytes, struct po_error *error)
{
    if (pages->count == PAGES_MAX || bytes >= pages->capacity - pages->used)
        return po_fail(error, PO_UNSUPPORTED,
                       "the results take more room than there is; use fewer pictures");
    struct page *page = &pages->pages[pages->count];
    *page = (struct page){.offset = pages->used, .bytes = bytes};
    (void)snprintf(page->suffix, sizeof(page->suffix), "%s", suffix);
    memcpy(pages->text + pages->used, text, bytes);
    pages->text[pages->used + bytes] = '\0';
    pages->used += bytes + 1;
    pages->count++;
    return PO_OK;
}

enum po_status pages_add_print(struct pages *pages,
                               void (*write)(const void *context, FILE *stream),
                               const void *context, struct po_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    struct text_stream to;
    enum po_status status = text_stream_open(&to, error);
    if (status != PO_OK)
        return status;
    write(context, to.stream);
    status = text_stream_close(&to, &text, &bytes, error);
    if (status == PO_OK)
        status = pages_add(pages, "", text, bytes, error);
    free(text);
    return status;
}

const char *pages_text(const struct pages *pages, int index)
{
    return pages->text + pages->pages[index].offset;
}
