/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "session/manifest_parts.h"

enum { ID_MAX = 150 };

static bool is_plain(unsigned char c, bool first)
{
    if (isalnum(c) && c < 128)
        return true;
    /* No id begins like a hidden file or an option. */
    return !first && (c == '.' || c == '_' || c == '-');
}

void frame_id_make(const char *key, int index, char id[FRAME_ID_BYTES])
{
    char full[3 * SIDE_KEY_BYTES + 1];
    size_t used = 0;
    for (const char *c = key; *c != '\0' && used + 3 < sizeof(full); c++) {
        if (is_plain((unsigned char)*c, used == 0))
            full[used++] = *c;
        else
            used += (size_t)snprintf(full + used, sizeof(full) - used, "%%%02X",
                                     (unsigned)(unsigned char)*c);
    }
    full[used] = '\0';
    if (used == 0) {
        (void)snprintf(id, FRAME_ID_BYTES, "%06d", index);
    } else if (used <= ID_MAX) {
        memcpy(id, full, used + 1);
    } else {
        char digits[HASH_TEXT_BYTES];
        hash_text(hash_bytes(key, strlen(key)), digits);
        (void)snprintf(id, FRAME_ID_BYTES, "%.*s-%s", ID_MAX - HASH_TEXT_BYTES, full,
                       digits);
    }
}
