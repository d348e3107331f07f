/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a folder: records of "name\0content", ended by 0xff, become files (a name
 * that ends in "/" a folder, one that begins with ">" a link, one with "?" an option),
 * the first byte a layout.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "session/manifest_digest.h"
#include "session/manifest_load.h"
#include "session/prior_source.h"
#include "support/replay_torture.h"
#include "support/test_folder.h"

enum { MAX_RECORDS = 24, MAX_NAME = 200, TEXT_BYTES = 300 };

enum text {
    LEFT,
    RIGHT,
    LEFT_GLOB,
    RIGHT_GLOB,
    CAMERAS,
    FRAMES,
    CALIBRATION,
    TRUTH,
    PRIOR
};

/* What records say of the command line; those that name a place do so below the root. */
static struct option {
    const char *name;
    bool is_place;
    bool given;
    char text[TEXT_BYTES];
} options[] = {
    [LEFT] = {"?left", true, false, ""},
    [RIGHT] = {"?right", true, false, ""},
    [LEFT_GLOB] = {"?left-glob", false, false, ""},
    [RIGHT_GLOB] = {"?right-glob", false, false, ""},
    [CAMERAS] = {"?cameras", false, false, ""},
    [FRAMES] = {"?frames", false, false, ""},
    [CALIBRATION] = {"?calibration", true, false, ""},
    [TRUTH] = {"?ground-truth", true, false, ""},
    [PRIOR] = {"?prior", true, false, ""},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *root(void)
{
    static char path[64];
    if (path[0] == '\0') {
        (void)snprintf(path, sizeof(path), "/dev/shm/po_fuzz_session_XXXXXX");
        if (mkdtemp(path) == NULL) {
            (void)snprintf(path, sizeof(path), "/tmp/po_fuzz_session_XXXXXX");
            if (mkdtemp(path) == NULL)
                abort();
        }
    }
    return path;
}

static void make_parents(char *path)
{
    for (char *c = path + strlen(root()) + 1; *c != '\0'; c++)
        if (*c == '/') {
            *c = '\0';
            (void)mkdir(path, 0700);
            *c = '/';
        }
}

/* Whether the record is one. */
static bool take_option(const char *name, const uint8_t *content, size_t bytes)
{
    for (int i = 0; i < OPTIONS; i++) {
        struct option *option = &options[i];
        if (strcmp(option->name, name) != 0)
            continue;
        char value[TEXT_BYTES - 80];
        (void)snprintf(value, sizeof(value), "%.*s", (int)(bytes < 200 ? bytes : 200),
                       (const char *)content);
        (void)snprintf(option->text, sizeof(option->text), "%s%s%s",
                       option->is_place ? root() : "", option->is_place ? "/" : "",
                       value);
        option->given = strstr(value, "..") == NULL;
        return true;
    }
    return false;
}

static const char *given(enum text option)
{
    return options[option].given ? options[option].text : NULL;
}

/* Only below the root: whoever wrote the corpus does not choose other places. */
static void make_record(const char *name, const uint8_t *content, size_t bytes)
{
    char path[512];
    if (name[0] == '\0' || strlen(name) > MAX_NAME || strstr(name, "..") != NULL ||
        take_option(name, content, bytes))
        return;
    bool link = name[0] == '>';
    (void)snprintf(path, sizeof(path), "%s/%s", root(), name + link);
    make_parents(path);
    if (link) {
        (void)!symlink(bytes % 2 == 0 ? "." : "nowhere", path);
        return;
    }
    int descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return;
    (void)!write(descriptor, content, bytes);
    (void)close(descriptor);
}

static void make_folder(const uint8_t *data, size_t size)
{
    for (int i = 0; i < MAX_RECORDS && size > 0; i++) {
        const uint8_t *end = memchr(data, 0xff, size);
        size_t bytes = end != NULL ? (size_t)(end - data) : size;
        const uint8_t *zero = memchr(data, 0, bytes);
        char name[MAX_NAME + 2];
        size_t length = zero != NULL ? (size_t)(zero - data) : bytes;
        if (length <= MAX_NAME) {
            memcpy(name, data, length);
            name[length] = '\0';
            make_record(name, zero != NULL ? zero + 1 : data,
                        zero != NULL ? bytes - length - 1 : 0);
        }
        bytes += end != NULL;
        data += bytes;
        size -= bytes;
    }
}

/* A file is of one frame; a dataset's own list may say otherwise. */
static void check_files(const struct manifest *manifest)
{
    if (strcmp(manifest->layout, "unlook-dataset") == 0)
        return;
    for (int i = 0; i < manifest->frame_count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(manifest->frames[i].left_path, manifest->frames[j].left_path) ==
                    0 ||
                strcmp(manifest->frames[i].left_path, manifest->frames[j].right_path) ==
                    0 ||
                strcmp(manifest->frames[i].right_path, manifest->frames[j].right_path) ==
                    0)
                abort();
}

static void check(const struct manifest *manifest)
{
    check_files(manifest);
    for (int i = 0; i < manifest->frame_count; i++) {
        const struct frame_entry *frame = &manifest->frames[i];
        size_t length = strlen(frame->id);
        if (length == 0 || length > 150 || frame->id[0] == '.' ||
            strchr(frame->id, '/') != NULL || frame->left_path == NULL ||
            frame->right_path == NULL ||
            frame->calibration >= manifest->calibration_count ||
            strncmp(frame->left_path, root(), strlen(root())) != 0)
            abort();
    }
    if (manifest->frame_count == 0)
        abort();
}

/* The session of the last input of which nothing failed. */
static struct {
    struct hash input;
    bool loaded;
    struct hash digest;
} undisturbed;

static bool says_failure(const char *text)
{
    static const char *const words[] = {"Input/output error", "Too many open files",
                                        "no memory"};
    for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return false;
}

/* Whether a warning, or a frame that fails, says that something could not be looked at.
 */
static bool is_told(const struct manifest *manifest)
{
    bool told = false;
    for (int i = 0; i < manifest->warnings.length; i++)
        told |= says_failure(manifest->warnings.texts[i]);
    for (int i = 0; i < manifest->frame_count; i++)
        told |= says_failure(manifest->frames[i].problem);
    return told;
}

/* A failure in passing is an error, is told, or makes no difference: it is not taken for
 * there being no such file. */
static void compare(const uint8_t *data, size_t size, const struct manifest *manifest)
{
    struct hash input = hash_bytes(data, size);
    struct hash digest = manifest != NULL ? manifest_digest(manifest) : (struct hash){0};
    if (!torture_has_failed()) {
        undisturbed.input = input;
        undisturbed.loaded = manifest != NULL;
        undisturbed.digest = digest;
        return;
    }
    /* Of a file that was named, reading it says why. */
    bool is_named = manifest != NULL && strcmp(manifest->layout, "one-pair") == 0;
    if (manifest == NULL || is_told(manifest) || is_named ||
        input.low != undisturbed.input.low || input.high != undisturbed.input.high ||
        (undisturbed.loaded && digest.low == undisturbed.digest.low &&
         digest.high == undisturbed.digest.high))
        return;
    (void)fprintf(stderr, "another session is loaded when %s fails: %s, %d frames\n",
                  torture_failure(), manifest->layout, manifest->frame_count);
    abort();
}

static void take_input(struct po_input_settings *input)
{
    input->left = given(LEFT);
    input->right = given(RIGHT);
    input->left_glob = given(LEFT_GLOB);
    input->right_glob = given(RIGHT_GLOB);
    input->cameras = given(CAMERAS);
    input->frames = given(FRAMES);
    input->calibration = given(CALIBRATION);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 16)
        return 0;
    struct po_input_settings input = {.input = root(), .pair_tolerance_s = 0.002};
    struct manifest *manifest = NULL;
    const char *const *names = layout_names();
    int count = 0;
    while (names[count] != NULL)
        count++;
    int choice = data[0] % (2 * count);
    input.layout = choice < count ? names[choice] : NULL;
    input.swap = (data[0] & 0x80) != 0;
    if (mkdir(root(), 0700) != 0 && access(root(), F_OK) != 0)
        abort();
    for (int i = 0; i < OPTIONS; i++)
        options[i].given = false;
    make_folder(data + 1, size - 1);
    take_input(&input);
    torture_begin();
    const char *truth = given(TRUTH) != NULL ? given(TRUTH) : "auto";
    if (manifest_load(&input, truth, 0, &manifest, NULL) == PO_OK)
        check(manifest);
    if (manifest != NULL && given(PRIOR) != NULL &&
        prior_source_assign(manifest, given(PRIOR), 2, NULL) != PO_OK) {
        manifest_destroy(manifest);
        manifest = NULL;
    }
    torture_end();
    compare(data, size, manifest);
    manifest_destroy(manifest);
    if (directory_remove(root(), NULL) != PO_OK)
        abort();
    return 0;
}
