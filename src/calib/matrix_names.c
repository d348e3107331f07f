/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/matrix_names.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { NAME_BYTES = 64, MAX_DEPTH = 3, FAMILY_COUNT = 4 };

/* Marks of the two sides, the surest first. Digits from 1 before digits from 0, which
 * have "camera_matrix0" but would claim "K1" of a pair K1 K2 too. */
static const char *const marks[FAMILY_COUNT][2] = {
    {"left", "right"}, {"l", "r"}, {"1", "2"}, {"0", "1"}};

struct role_words {
    enum matrix_role role;
    const char *const *words; /* lower case, letters and digits only */
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct role_words roles[] = {
    {ROLE_MATRIX, WORDS("k", "m", "mtx", "cameramatrix", "cammatrix", "cammtx", "cammat",
                        "cammats", "cameramat", "intrinsic", "intrinsics",
                        "intrinsicmatrix", "intrinsicsmatrix", "mint", "kmatrix")},
    {ROLE_DISTORTION,
     WORDS("d", "dist", "distcoeff", "distcoeffs", "distcoef", "distcoefs", "distortion",
           "distortioncoeff", "distortioncoeffs", "distortioncoef", "distortioncoefs",
           "distortioncoefficients", "distortioncoefficient", "distortionvector",
           "distcoefficients", "distortionparameters", "distmtx")},
    {ROLE_RADIAL, WORDS("radialdistortion")},
    {ROLE_TANGENTIAL, WORDS("tangentialdistortion")},
    {ROLE_RECTIFICATION,
     WORDS("r", "rect", "recttrans", "rectification", "rectificationtransform",
           "rectificationmatrix", "rectificationrotation", "rectifyrotation", "rotrect",
           "rectrot", "rectr")},
    {ROLE_PROJECTION,
     WORDS("p", "proj", "projmat", "projmats", "projmtx", "projmatrix", "projection",
           "projectionmatrix", "projectionmatrices", "projectionmat", "projectionrect")},
    {ROLE_MAP_1,
     WORDS("mapx", "map1", "stereomapx", "stereomap1", "rectificationmapx", "rectmap1",
           "undistortmapx", "xmap", "rectifymap1", "rectmapx", "undistmap1")},
    {ROLE_MAP_2,
     WORDS("mapy", "map2", "stereomapy", "stereomap2", "rectificationmapy", "rectmap2",
           "undistortmapy", "ymap", "rectifymap2", "rectmapy", "undistmap2")},
    {ROLE_LENS,
     WORDS("distortionmodel", "cameramodel", "cameratype", "fisheye", "isfisheye",
           "lensmodel", "distortiontype", "modeltype", "projectionmodel")},
    {ROLE_ROTATION, WORDS("r", "rot", "rotation", "rotmat", "rotmtx", "rotationmatrix",
                          "rotationmat", "stereor", "rotationofcamera2", "rvec", "om")},
    {ROLE_TRANSLATION, WORDS("t", "trans", "translation", "transvec", "translationvector",
                             "translationmatrix", "tvec", "transmat", "tvector",
                             "stereot", "transmtx", "translationofcamera2")},
    {ROLE_Q, WORDS("q", "qmatrix", "disptodepthmat", "disptodepthmatrix",
                   "disparitytodepthmatrix", "disparitytodepthmap",
                   "dispartitytodepthmap", "disparitytodepthmappingmatrix",
                   "disparitytodepth", "reprojectionmatrix", "disptodepth")},
    {ROLE_SIZE,
     WORDS("imagesize", "imgsize", "size", "resolution", "framesize", "imageresolution")},
    {ROLE_WIDTH, WORDS("imagewidth", "width", "imgwidth", "imwidth", "w")},
    {ROLE_HEIGHT, WORDS("imageheight", "height", "imgheight", "imheight", "h")},
    {ROLE_BASELINE_MM, WORDS("baselinemm")},
    {ROLE_SQUARE_MM, WORDS("squaresizemm", "squaremm")},
    {ROLE_UNIT, WORDS("unit", "units", "lengthunit")},
};

/* Letters and digits of a key, in lower case; false: none or too many. */
static bool plain_name(const char *key, char name[NAME_BYTES])
{
    size_t length = 0;
    for (; *key != '\0'; key++) {
        if (!isalnum((unsigned char)*key))
            continue;
        if (length + 1 >= NAME_BYTES)
            return false;
        name[length++] = (char)tolower((unsigned char)*key);
    }
    name[length] = '\0';
    return length > 0;
}

static bool holds_word(const struct role_words *role, const char *name)
{
    for (const char *const *word = role->words; *word != NULL; word++)
        if (strcmp(*word, name) == 0)
            return true;
    return false;
}

/* The role of a bare name; `of_rig` chooses between the two meanings of "R". */
static int role_of(const char *name, bool of_rig)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if ((roles[i].role >= ROLE_FIRST_OF_RIG) == of_rig && holds_word(&roles[i], name))
            return (int)roles[i].role;
    return -1;
}

/* Removes `count` bytes at `at`. */
static void cut(char name[NAME_BYTES], const char *from, size_t at, size_t count)
{
    memcpy(name, from, at);
    memcpy(name + at, from + at + count, strlen(from + at + count) + 1);
}

/* The role left when the mark is taken away: at an end, or before the x, y, 1 or 2 of a
 * map ("stereoMapL_x"). */
static int role_without_mark(const char *name, const char *mark)
{
    char rest[NAME_BYTES];
    size_t length = strlen(name);
    size_t bytes = strlen(mark);
    int role = -1;
    if (length <= bytes)
        return -1;
    if (strcmp(name + length - bytes, mark) == 0) {
        cut(rest, name, length - bytes, bytes);
        role = role_of(rest, false);
    }
    if (role < 0 && strncmp(name, mark, bytes) == 0) {
        cut(rest, name, 0, bytes);
        role = role_of(rest, false);
    }
    if (role < 0 && length > bytes + 1 &&
        strncmp(name + length - 1 - bytes, mark, bytes) == 0) {
        cut(rest, name, length - 1 - bytes, bytes);
        role = role_of(rest, false);
        role = role == ROLE_MAP_1 || role == ROLE_MAP_2 ? role : -1;
    }
    return role;
}

struct search {
    /* [family]: what each kind of mark has named. */
    const struct document_node *sided[FAMILY_COUNT][ROLE_COUNT][2];
    const struct document_node *of_rig[ROLE_COUNT];
    const struct document_node *single[ROLE_COUNT];
};

static void keep(const struct document_node **place, const struct document_node *node)
{
    if (*place == NULL)
        *place = node;
}

/* A map that holds the numbers of one matrix, not members of its own. */
static bool is_matrix(const struct document_node *node)
{
    return node->kind != DOCUMENT_MAP || document_get(node, "data") != NULL;
}

/* Single numbers called k1, k2, p1, p2 are coefficients, no matrices. */
static bool may_be(const struct document_node *node, int role)
{
    return role >= 0 && (role >= ROLE_LENS || node->kind != DOCUMENT_SCALAR);
}

static void take_key(struct search *search, const struct document_node *node,
                     const char *name)
{
    int role = role_of(name, true);
    if (role >= 0)
        keep(&search->of_rig[role], node);
    role = role_of(name, false);
    if (may_be(node, role))
        keep(&search->single[role], node);
    for (int family = 0; family < FAMILY_COUNT; family++)
        for (int side = 0; side < 2; side++) {
            role = role_without_mark(name, marks[family][side]);
            if (may_be(node, role))
                keep(&search->sided[family][role][side], node);
        }
}

/* A key within left: {...}: R is the pose of that camera, unless P stands beside it. */
static void take_key_of_side(struct search *search, const struct document_node *map,
                             const struct document_node *node, const char *name,
                             int family, int side)
{
    bool pose = (document_get(map, "P") == NULL && document_get(map, "p") == NULL) &&
                (strcmp(name, "r") == 0 || strcmp(name, "rotation") == 0);
    int role = pose ? -1 : role_of(name, false);
    if (may_be(node, role)) {
        keep(&search->sided[family][role][side], node);
        return;
    }
    role = role_of(name, true);
    if (role >= ROLE_SIZE || (role >= 0 && side == 1))
        keep(&search->of_rig[role], node);
}

/* Which family and side a map's own key marks: "left", "camera_right", "cam0". */
static bool mark_of_map(const char *name, int *family, int *side)
{
    static const char *const prefixes[] = {
        "", "cam", "camera", "calibration", "cameraparameters", NULL};
    size_t length = strlen(name);
    for (*family = 0; *family < FAMILY_COUNT; ++*family)
        for (*side = 0; *side < 2; ++*side) {
            const char *mark = marks[*family][*side];
            size_t bytes = strlen(mark);
            if (*family == 0 &&
                (strncmp(name, mark, bytes) == 0 ||
                 (length > bytes && strcmp(name + length - bytes, mark) == 0)))
                return true;
            for (int i = 0; prefixes[i] != NULL; i++) {
                size_t before = strlen(prefixes[i]);
                if (strncmp(name, prefixes[i], before) == 0 &&
                    strcmp(name + before, mark) == 0)
                    return true;
            }
        }
    return false;
}

static void walk(struct search *search, const struct document_node *map, int depth,
                 int family, int side)
{
    char name[NAME_BYTES];
    if (map == NULL || map->kind != DOCUMENT_MAP)
        return;
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        if (node->key == NULL || !plain_name(node->key, name))
            continue;
        int below_family = family;
        int below_side = side;
        if (is_matrix(node) && side < 0)
            take_key(search, node, name);
        else if (is_matrix(node))
            take_key_of_side(search, map, node, name, family, side);
        else if (depth < MAX_DEPTH) {
            if (side < 0 && !mark_of_map(name, &below_family, &below_side))
                below_family = below_side = -1;
            walk(search, node, depth + 1, below_family, below_side);
        }
    }
}

/* "cam1: {...}" marks the first camera beside cam2 and the second beside cam0: both
 * digit families are offered it, and count what they have of both sides. */
static int matrices_of(const struct search *search, int family)
{
    int both = 0;
    for (int role = 0; role < ROLE_FIRST_OF_RIG; role++) {
        const struct document_node *const *pair = search->sided[family][role];
        int weight = role == ROLE_MATRIX || role == ROLE_MAP_1 ? 10 : 2;
        both += pair[0] != NULL && pair[1] != NULL ? weight : 0;
    }
    return both;
}

/* Maps named cam0 and cam1 are found as "0" and as "1" of the family 1, 2. */
static void share_digits(struct search *search)
{
    for (int role = 0; role < ROLE_FIRST_OF_RIG; role++) {
        const struct document_node **from_one = search->sided[2][role];
        const struct document_node **from_zero = search->sided[3][role];
        if (from_zero[0] != NULL && from_zero[1] == NULL)
            from_zero[1] = from_one[0];
    }
}

/* K_left and K_right stand beside R1 R2 P1 P2: what the best family lacks of both sides
 * another may have. */
static int family_of_role(const struct search *search, int role, int best)
{
    const struct document_node *const *pair = search->sided[best][role];
    for (int family = 0; family < FAMILY_COUNT && (pair[0] == NULL || pair[1] == NULL);
         family++)
        if (search->sided[family][role][0] != NULL &&
            search->sided[family][role][1] != NULL)
            return family;
    return best;
}

void matrix_names_find(const struct document_node *map, struct matrix_names *names)
{
    struct search search;
    int best = 0;
    memset(&search, 0, sizeof(search));
    memset(names, 0, sizeof(*names));
    walk(&search, map, 0, -1, -1);
    share_digits(&search);
    for (int family = 1; family < FAMILY_COUNT; family++)
        if (matrices_of(&search, family) > matrices_of(&search, best))
            best = family;
    for (int role = 0; role < ROLE_COUNT; role++) {
        int family = family_of_role(&search, role, best);
        for (int side = 0; side < 2; side++)
            names->of[role][side] = search.sided[family][role][side];
        if (role >= ROLE_FIRST_OF_RIG)
            names->of[role][0] = search.of_rig[role];
        names->single[role] = search.single[role];
    }
}

int side_of_name(const char *name)
{
    char plain[NAME_BYTES];
    int family;
    int side;
    if (!plain_name(name, plain))
        return -1;
    for (side = 0; side < 2; side++)
        if (strstr(plain, marks[0][side]) != NULL)
            return side;
    return mark_of_map(plain, &family, &side) ? side : -1;
}
