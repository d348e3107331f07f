/* SPDX-License-Identifier: Apache-2.0 */
#include "session/side_mark.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum mark_kind {
    MARK_WORD,   /* may touch other letters at either end of the name, or in camelCase */
    MARK_TOKEN,  /* stands between separators */
    MARK_LETTER, /* a token, or at an end beside a digit, or a capital behind a word */
    MARK_HEAD,   /* the first letter of the first word: Limg_7, lData */
    MARK_DIGIT,  /* a number of one digit between separators */
};

struct mark_family {
    const char *marks[2];
    enum mark_kind kind;
    int from_end; /* MARK_DIGIT: which number of the name, counted from its end */
    const char *name;
};

/* Of equally many pairs those of the upper row are taken. */
static const struct mark_family families[SIDE_MARK_FAMILIES] = {
    {{"left", "right"}, MARK_WORD, 0, "left and right"},
    {{"cam0", "cam1"}, MARK_TOKEN, 0, "cam0 and cam1"},
    {{"l", "r"}, MARK_LETTER, 0, "the letters l and r"},
    {{"camera0", "camera1"}, MARK_TOKEN, 0, "camera0 and camera1"},
    {{"cam_0", "cam_1"}, MARK_TOKEN, 0, "cam_0 and cam_1"},
    {{"camera_0", "camera_1"}, MARK_TOKEN, 0, "camera_0 and camera_1"},
    {{"links", "rechts"}, MARK_WORD, 0, "links and rechts"},
    {{"gauche", "droite"}, MARK_WORD, 0, "gauche and droite"},
    {{"izquierda", "derecha"}, MARK_WORD, 0, "izquierda and derecha"},
    {{"sinistra", "destra"}, MARK_WORD, 0, "sinistra and destra"},
    {{"izq", "der"}, MARK_TOKEN, 0, "izq and der"},
    {{"sx", "dx"}, MARK_TOKEN, 0, "sx and dx"},
    {{"cam1", "cam2"}, MARK_TOKEN, 0, "cam1 and cam2"},
    {{"camera1", "camera2"}, MARK_TOKEN, 0, "camera1 and camera2"},
    {{"i1", "i2"}, MARK_TOKEN, 0, "i1 and i2"},
    {{"c0", "c1"}, MARK_TOKEN, 0, "c0 and c1"},
    {{"L", "R"}, MARK_HEAD, 0, "a first letter L and R"},
    {{"l", "r"}, MARK_HEAD, 0, "a first letter l and r"},
    {{"0", "1"}, MARK_DIGIT, 0, "the numbers 0 and 1"},
    {{"0", "1"}, MARK_DIGIT, 1, "the numbers 0 and 1"},
};

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == '.' || c == ' ';
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) != 0;
}

static bool is_lower(char c)
{
    return islower((unsigned char)c) != 0;
}

static bool is_upper(char c)
{
    return isupper((unsigned char)c) != 0;
}

static bool is_number(char c)
{
    return isdigit((unsigned char)c) != 0;
}

/* A place in a stem: what is before and after a mark. */
struct place {
    const char *stem;
    size_t length;
    size_t at;
    size_t bytes; /* of the mark */
};

static char before(const struct place *place)
{
    return place->at > 0 ? place->stem[place->at - 1] : '\0';
}

static char after(const struct place *place)
{
    size_t end = place->at + place->bytes;
    return end < place->length ? place->stem[end] : '\0';
}

static bool is_token(const struct place *place)
{
    return !isalnum((unsigned char)before(place)) &&
           !isalnum((unsigned char)after(place));
}

/* imgLeft0, imgLeftA: a capital behind a small letter begins a word, and a small letter
 * before no other ends it. */
static bool begins_camel_word(const struct place *place)
{
    return is_upper(place->stem[place->at]) && is_lower(before(place)) &&
           !is_lower(after(place));
}

static bool word_may_stand(const struct place *place)
{
    if (place->at == 0 || place->at + place->bytes == place->length)
        return true;
    return (!is_letter(before(place)) && !is_letter(after(place))) ||
           begins_camel_word(place);
}

/* 7_L, IMG_7L, imgL, L7, imageL0 */
static bool letter_may_stand(const struct place *place)
{
    bool last = place->at + place->bytes == place->length;
    if (is_token(place) || begins_camel_word(place))
        return true;
    if (last && place->at > 0)
        return is_upper(place->stem[place->at]) || is_number(before(place));
    return place->at == 0 && is_number(after(place));
}

/* Limg_7, LImg, lData; "left" is a word of its own. */
static bool head_may_stand(const struct place *place)
{
    bool capital = is_upper(place->stem[0]);
    return place->at == 0 && (capital ? is_letter(after(place)) : is_upper(after(place)));
}

static bool may_stand(const struct mark_family *family, const struct place *place)
{
    switch (family->kind) {
    case MARK_WORD:
        return word_may_stand(place);
    case MARK_LETTER:
        return letter_may_stand(place);
    case MARK_HEAD:
        return head_may_stand(place);
    case MARK_TOKEN:
    case MARK_DIGIT:
        break;
    }
    return is_token(place);
}

static bool is_mark(const struct mark_family *family, const char *text, const char *mark)
{
    size_t bytes = strlen(mark);
    return (family->kind == MARK_HEAD ? strncmp(text, mark, bytes)
                                      : strncasecmp(text, mark, bytes)) == 0;
}

/* Prefers the start, then the end, then the middle of a name. */
static bool find_mark(const struct mark_family *family, const char *mark,
                      struct place *place)
{
    place->bytes = strlen(mark);
    if (place->bytes > place->length)
        return false;
    for (size_t i = 0; i + place->bytes <= place->length; i++) {
        place->at = i == 0 ? 0 : place->length - place->bytes - (i - 1);
        if (is_mark(family, place->stem + place->at, mark) && may_stand(family, place))
            return true;
    }
    return false;
}

/* The number between separators that is the `from_end`-th from the end of the stem. */
static bool find_number(const struct mark_family *family, struct place *place)
{
    int seen = 0;
    for (size_t end = place->length; end > 0;) {
        size_t begin = end;
        while (begin > 0 && is_number(place->stem[begin - 1]))
            begin--;
        if (begin == end) {
            end--;
            continue;
        }
        place->at = begin;
        place->bytes = end - begin;
        if (is_token(place) && seen++ == family->from_end)
            return true;
        end = begin;
    }
    return false;
}

static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
}

void stem_copy(const char *name, char key[SIDE_KEY_BYTES])
{
    (void)snprintf(key, SIDE_KEY_BYTES, "%.*s", (int)stem_length(name), name);
}

/* One separator goes with the mark: left_7 and 7_left are 7, a_left_7 is a_7. */
static void key_without(const struct place *place, char key[SIDE_KEY_BYTES])
{
    size_t head = place->at;
    size_t tail = place->at + place->bytes;
    if (tail < place->length && is_separator(place->stem[tail]))
        tail++;
    else if (tail == place->length && head > 0 && is_separator(place->stem[head - 1]))
        head--;
    memcpy(key, place->stem, head);
    memcpy(key + head, place->stem + tail, place->length - tail);
    key[head + place->length - tail] = '\0';
}

bool side_mark_strip(const char *name, int family, int side, char key[SIDE_KEY_BYTES])
{
    const struct mark_family *marks = &families[family];
    const char *mark = marks->marks[side];
    struct place place = {.stem = name, .length = stem_length(name)};
    if (place.length >= SIDE_KEY_BYTES)
        return false;
    if (marks->kind == MARK_DIGIT) {
        if (!find_number(marks, &place) || place.bytes != strlen(mark) ||
            place.bytes == place.length || !is_mark(marks, name + place.at, mark))
            return false;
    } else if (!find_mark(marks, mark, &place)) {
        return false;
    }
    key_without(&place, key);
    return true;
}

bool side_mark_counts(const char *name, int family, char key[SIDE_KEY_BYTES])
{
    const struct mark_family *marks = &families[family];
    struct place place = {.stem = name, .length = stem_length(name)};
    if (marks->kind != MARK_DIGIT || place.length >= SIDE_KEY_BYTES ||
        !find_number(marks, &place))
        return false;
    key_without(&place, key);
    return place.bytes != 1 ||
           (name[place.at] != marks->marks[0][0] && name[place.at] != marks->marks[1][0]);
}

bool side_mark_is_digit(int family)
{
    return families[family].kind == MARK_DIGIT;
}

const char *side_mark_name(int family)
{
    return families[family].name;
}

void pair_key(const char *left, const char *right, char key[SIDE_KEY_BYTES])
{
    char other[SIDE_KEY_BYTES];
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++)
        if (side_mark_strip(left, family, SIDE_LEFT, key) &&
            side_mark_strip(right, family, SIDE_RIGHT, other) && strcmp(key, other) == 0)
            return;
    stem_copy(left, key);
    stem_copy(right, other);
    if (strcmp(key, other) != 0)
        key[0] = '\0';
}
