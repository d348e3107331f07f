/* SPDX-License-Identifier: Apache-2.0 */
#include "session/capture_kind.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct kind_word {
    const char *text;
    bool is_part; /* counts inside a longer word too: "rectifyed" */
    enum capture_kind kind;
};

/* Short words count alone: "out" is in "outdoor" and "map" in "mapping". */
static const struct kind_word words[] = {
    {"rectif", true, KIND_RESULT},
    {"undistort", true, KIND_RESULT},
    {"dispar", true, KIND_RESULT},
    {"disp", false, KIND_RESULT},
    {"depth", false, KIND_RESULT},
    {"depthmap", false, KIND_RESULT},
    {"dispmap", false, KIND_RESULT},
    {"result", false, KIND_RESULT},
    {"results", false, KIND_RESULT},
    {"out", false, KIND_RESULT},
    {"output", false, KIND_RESULT},
    {"outputs", false, KIND_RESULT},
    {"map", false, KIND_RESULT},
    {"maps", false, KIND_RESULT},
    {"gt", false, KIND_RESULT},
    {"groundtruth", false, KIND_RESULT},
    {"ground_truth", false, KIND_RESULT},
    {"calib", false, KIND_CALIBRATION_BOARD},
    {"calibration", false, KIND_CALIBRATION_BOARD},
    {"chess", false, KIND_CALIBRATION_BOARD},
    {"chessboard", true, KIND_CALIBRATION_BOARD},
    {"checkerboard", true, KIND_CALIBRATION_BOARD},
    {"charuco", true, KIND_CALIBRATION_BOARD},
};

enum { WORD_COUNT = sizeof(words) / sizeof(words[0]) };

/* Whether `word` stands in [text, text + length) by itself: between other characters than
 * letters, or as a word of camelCase. */
static bool stands_alone(const char *text, size_t at, size_t bytes)
{
    char before = at > 0 ? text[at - 1] : '\0';
    char after = text[at + bytes];
    bool begins = !isalpha((unsigned char)before) ||
                  (islower((unsigned char)before) && isupper((unsigned char)text[at]));
    bool ends =
        !isalpha((unsigned char)after) ||
        (isupper((unsigned char)after) && islower((unsigned char)text[at + bytes - 1]));
    return begins && ends;
}

static bool has_word(const char *name, const struct kind_word *word)
{
    size_t bytes = strlen(word->text);
    for (const char *at = name; (at = strcasestr(at, word->text)) != NULL; at++)
        if (word->is_part || stands_alone(name, (size_t)(at - name), bytes))
            return true;
    return false;
}

enum capture_kind capture_kind_of(const char *name)
{
    enum capture_kind kind = KIND_CAPTURE;
    for (int i = 0; i < WORD_COUNT; i++)
        if (words[i].kind > kind && has_word(name, &words[i]))
            kind = words[i].kind;
    return kind;
}

const char *capture_kind_text(enum capture_kind kind)
{
    static const char *const texts[] = {"are captures",
                                        "show a calibration board by their names",
                                        "are results by their names"};
    return texts[kind];
}
