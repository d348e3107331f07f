/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

bool path_join(char *out, size_t out_bytes, const char *directory, const char *name)
{
    int length;
    if (name[0] == '/' || directory[0] == '\0')
        length = snprintf(out, out_bytes, "%s", name);
    else if (directory[strlen(directory) - 1] == '/')
        length = snprintf(out, out_bytes, "%s%s", directory, name);
    else
        length = snprintf(out, out_bytes, "%s/%s", directory, name);
    return length >= 0 && (size_t)length < out_bytes;
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

const char *path_extension(const char *path)
{
    const char *name = path_name(path);
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot + 1 : "";
}

bool path_directory(char *out, size_t out_bytes, const char *path)
{
    const char *slash = strrchr(path, '/');
    int length;
    if (slash == NULL)
        length = snprintf(out, out_bytes, ".");
    else if (slash == path)
        length = snprintf(out, out_bytes, "/");
    else
        length = snprintf(out, out_bytes, "%.*s", (int)(slash - path), path);
    return length >= 0 && (size_t)length < out_bytes;
}

/* Compares two runs of digits as numbers of any length and moves both cursors past them.
 */
static int compare_digits(const char **a, const char **b)
{
    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    size_t la = strspn(*a, "0123456789");
    size_t lb = strspn(*b, "0123456789");
    int order = la != lb ? (la < lb ? -1 : 1) : memcmp(*a, *b, la);
    *a += la;
    *b += lb;
    return order;
}

int path_compare_natural(const char *a, const char *b)
{
    const char *first = a;
    const char *second = b;
    while (*a != '\0' && *b != '\0') {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            int order = compare_digits(&a, &b);
            if (order != 0)
                return order;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    if (*a != *b)
        return *a == '\0' ? -1 : 1;
    return strcmp(first, second); /* leading zeros alone differ */
}

bool path_glob_match(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, FNM_PERIOD) == 0;
}
