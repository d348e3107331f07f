/* SPDX-License-Identifier: Apache-2.0 */
/* File names: joining, parts, natural order. No function touches the disk. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Room for any path this program makes or follows. */
enum { SESSION_PATH_BYTES = 4096 };

/* "a/b"; false when it does not fit. `name` absolute: the result is `name`. */
bool path_join(char *out, size_t out_bytes, const char *directory, const char *name);
/* The part after the last '/'. */
const char *path_name(const char *path);
/* The part after the last '.' of the name, "" when there is none. */
const char *path_extension(const char *path);
/* Everything before the last '/', "." when there is none. */
bool path_directory(char *out, size_t out_bytes, const char *path);
/* Natural order: runs of digits compare as numbers, "left2" before "left10"; total order.
 */
int path_compare_natural(const char *a, const char *b);
/* Glob with * ? and [..] on a name. */
bool path_glob_match(const char *pattern, const char *name);

#endif
