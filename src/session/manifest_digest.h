/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifest digest: whether two manifests are of one session: the same frames, files and
 * calibrations, wherever the session's folder lies on this machine. Contents of images
 * are not part of it.
 */
#ifndef SESSION_MANIFEST_DIGEST_H
#define SESSION_MANIFEST_DIGEST_H

#include "base/hash.h"
#include "session/manifest.h"

struct hash manifest_digest(const struct manifest *manifest);

#endif
