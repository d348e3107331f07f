/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest_digest.h"

#include <string.h>

#include "base/path.h"

/* As seen from the session's folder; by its name where it lies elsewhere. */
static const char *seen_from(const char *root, const char *path)
{
    size_t length = strlen(root);
    if (path == NULL)
        return "";
    if (strncmp(path, root, length) != 0)
        return path_name(path);
    path += length;
    return path + strspn(path, "/");
}

static struct hash text_hash(const char *text)
{
    return hash_bytes(text, strlen(text));
}

struct hash manifest_digest(const struct manifest *manifest)
{
    struct hash digest = text_hash(manifest->layout);
    for (int i = 0; i < manifest->calibration_count; i++)
        digest = hash_combine(digest, calibration_hash(&manifest->calibrations[i]));
    for (int i = 0; i < manifest->frame_count; i++) {
        const struct frame_entry *frame = &manifest->frames[i];
        const int facts[] = {frame->side_by_side, frame->halves_swapped,
                             frame->calibration, frame->problem != NULL};
        const char *const texts[] = {frame->id,
                                     seen_from(manifest->root, frame->left_path),
                                     seen_from(manifest->root, frame->right_path),
                                     seen_from(manifest->root, frame->ground_truth_path)};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            digest = hash_combine(digest, text_hash(texts[k]));
        digest = hash_combine(digest, hash_bytes(facts, sizeof(facts)));
        if (frame->prior_path != NULL)
            digest = hash_combine(
                digest, text_hash(seen_from(manifest->root, frame->prior_path)));
    }
    return digest;
}
