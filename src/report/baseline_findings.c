/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline_findings.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

enum po_status baseline_findings_add(struct baseline_findings *findings,
                                     struct baseline_finding finding,
                                     struct po_error *error)
{
    if (findings->count == findings->capacity) {
        int capacity =
            findings->capacity > 0 ? 2 * findings->capacity : (int)FIRST_CAPACITY;
        struct baseline_finding *rows =
            realloc(findings->rows, (size_t)capacity * sizeof(*rows));
        if (rows == NULL) {
            free(finding.text);
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d findings",
                           capacity);
        }
        findings->rows = rows;
        findings->capacity = capacity;
    }
    findings->rows[findings->count++] = finding;
    return PO_OK;
}

static int compare_ids(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_findings(const void *a, const void *b)
{
    const struct baseline_finding *x = a;
    const struct baseline_finding *y = b;
    int order = compare_ids(x->id, y->id);
    return order != 0 ? order : strcmp(x->text, y->text);
}

void baseline_findings_sort(struct baseline_findings *findings)
{
    if (findings->count > 0)
        qsort(findings->rows, (size_t)findings->count, sizeof(*findings->rows),
              compare_findings);
}

const struct baseline_finding *
baseline_findings_of(const struct baseline_findings *findings, const char *id, int *count)
{
    int low = 0;
    int high = findings->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (compare_ids(findings->rows[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < findings->count &&
           compare_ids(findings->rows[low + *count].id, id) == 0)
        ++*count;
    return *count > 0 ? &findings->rows[low] : NULL;
}

void baseline_findings_release(struct baseline_findings *findings)
{
    for (int i = 0; i < findings->count; i++)
        free(findings->rows[i].text);
    free(findings->rows);
    *findings = (struct baseline_findings){0};
}
