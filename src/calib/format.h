/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format: one row for each kind of calibration file, recognised by content.
 *
 * A row's `read` fills in the values its file holds and never judges them. Ownership: a
 * source owns its text and document until calibration_source_release.
 */
#ifndef CALIB_FORMAT_H
#define CALIB_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/document.h"
#include "calib/parsed_calibration.h"

enum { CALIBRATION_MAX_BYTES = 1 << 20 };

/* What kind of file a source is, told apart by its first bytes. */
enum calibration_container { CONTAINER_TEXT, CONTAINER_NUMPY, CONTAINER_MATLAB };

struct calibration_source {
    char path[CALIBRATION_PATH];
    enum calibration_container container;
    const struct calibration_request *request; /* may be NULL */
    char *text;
    size_t bytes;
    struct document *document; /* NULL: text that is not parsed yet */
    const struct document_node *root;
};

enum calibration_syntax { SYNTAX_LINES, SYNTAX_TREE };

struct calibration_format {
    const char *name;
    enum calibration_syntax syntax;
    bool (*recognise)(const struct calibration_source *source);
    enum po_status (*read)(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error);
};

extern const struct calibration_format format_middlebury;
extern const struct calibration_format format_karlsruhe;
extern const struct calibration_format format_kitti_raw;
extern const struct calibration_format format_kitti;
extern const struct calibration_format format_zed;
extern const struct calibration_format format_q_text;
extern const struct calibration_format format_euroc;
extern const struct calibration_format format_kalibr;
extern const struct calibration_format format_ros;
extern const struct calibration_format format_unlook_json;
extern const struct calibration_format format_unlook_yaml;
extern const struct calibration_format format_k_txt;
extern const struct calibration_format format_camera_parameters;
extern const struct calibration_format format_boofcv;
extern const struct calibration_format format_basalt;
extern const struct calibration_format format_depthai;
extern const struct calibration_format format_realsense;
extern const struct calibration_format format_matlab;
extern const struct calibration_format format_remap;
extern const struct calibration_format format_numpy;
extern const struct calibration_format format_orb_slam;
extern const struct calibration_format format_opencv;
extern const struct calibration_format format_q_tree;

/* Reads the text, not yet the tree. */
PO_MUST_CHECK enum po_status calibration_source_load(struct calibration_source *source,
                                                     const char *path,
                                                     struct po_error *error);
/* Reads a file that is no text into a document; false in *is_binary: it is text. */
PO_MUST_CHECK enum po_status calibration_container_load(struct calibration_source *source,
                                                        bool *is_binary,
                                                        struct po_error *error);
/* Parses the text as XML, JSON (it begins with a brace) or YAML. */
PO_MUST_CHECK enum po_status calibration_source_parse(struct calibration_source *source,
                                                      struct po_error *error);
void calibration_source_release(struct calibration_source *source);

/*
 * Loads and parses the other file of a pair: the same folder, the name with `from`
 * replaced by `to`. PO_NOT_FOUND when the name does not hold `from` or no such file is.
 */
PO_MUST_CHECK enum po_status
calibration_source_load_partner(struct calibration_source *partner, const char *path,
                                const char *from, const char *to, struct po_error *error);

/* The same for the other camera's file: left for right, l for r, cam0 for cam1 in the
 * name, in any case. *side is that of `path`. */
PO_MUST_CHECK enum po_status
calibration_source_load_other_side(struct calibration_source *partner, const char *path,
                                   int *side, struct po_error *error);

/*
 * The two cameras to use of `count`: --cameras, else the hint, else all two of them.
 * More than two without a choice is an error that asks for one.
 */
PO_MUST_CHECK enum po_status cameras_choose(const struct calibration_source *source,
                                            int count, int chosen[2],
                                            struct po_error *error);

/* "key: numbers" or "key = numbers" lines: the first line with this key. */
bool lines_find(const char *text, const char *key, char separator, const char **value);
/* PO_BAD_FORMAT when a key stands twice (in one "[section]"): which was meant nobody
 * knows. */
PO_MUST_CHECK enum po_status lines_check_keys(const struct calibration_source *source,
                                              struct po_error *error);
/* Numbers of one line between blanks, brackets, commas and semicolons; -1: not numbers.
 */
int line_numbers(const char *value, double *numbers, int max);
/* The row of `count` numbers called `key`; errors name it. */
PO_MUST_CHECK enum po_status lines_numbers(const struct calibration_source *source,
                                           const char *key, char separator, int count,
                                           double *numbers, struct po_error *error);

/* A matrix of `count` numbers under any of `keys`; a missing one is an error that names
 * the keys tried. */
PO_MUST_CHECK enum po_status tree_matrix(const struct calibration_source *source,
                                         const struct document_node *map,
                                         const char *const *keys, int count,
                                         double *values, struct po_error *error);
/* Room for numbers, and where their count goes. */
struct number_list {
    int max;
    double *values;
    int *count;
};

/* 0 numbers when absent; an error only for what is no matrix of at most `max`. */
PO_MUST_CHECK enum po_status tree_numbers(const struct calibration_source *source,
                                          const struct document_node *map,
                                          const char *const *keys,
                                          const struct number_list *to,
                                          struct po_error *error);

/* The coefficients of a lens, which has them: none at all is an error that names the keys
 * tried; an empty list says that there is no distortion. */
PO_MUST_CHECK enum po_status tree_distortion(const struct calibration_source *source,
                                             const struct document_node *map,
                                             const char *const *keys,
                                             struct parsed_camera *camera,
                                             struct po_error *error);

/* Single numbers of a map, one for each key (NULL-terminated): the first `needed` of them
 * may not be missing, the others are 0 then. What holds no number is an error. */
PO_MUST_CHECK enum po_status tree_named_numbers(const struct calibration_source *source,
                                                const struct document_node *map,
                                                const char *const *keys, int needed,
                                                double *values, struct po_error *error);

/* The numbers below a node, which is there; errors name its key. */
PO_MUST_CHECK enum po_status node_numbers(const struct calibration_source *source,
                                          const struct document_node *node, int max,
                                          double *values, int *count,
                                          struct po_error *error);
/* Exactly `count` of them. */
PO_MUST_CHECK enum po_status node_matrix(const struct calibration_source *source,
                                         const struct document_node *node, int count,
                                         double *values, struct po_error *error);
/* The keys of a map, joined, so that a misspelt one is seen beside the one wanted. */
void join_members(char *text, size_t bytes, const struct document_node *map);

/* K, D, R, T, R1 .. Q of both cameras under names of a key family. */
struct matrix_keys {
    const char *const *camera_matrix[2];
    const char *const *distortion[2];
    const char *const *rectification[2];
    const char *const *projection[2];
    const char *const *rotation;
    const char *const *translation;
    const char *const *q;
};
/* `pose` may stand in another tree (extrinsics.yml). */
PO_MUST_CHECK enum po_status tree_stereo(const struct calibration_source *intrinsics,
                                         const struct calibration_source *extrinsics,
                                         const struct matrix_keys *keys,
                                         struct parsed_calibration *parsed,
                                         struct po_error *error);

/* K's focal lengths and centre to a P with the translation -f B. */
void projection_set(struct parsed_camera *camera, double fx, double fy, double cx,
                    double cy, double translation);
void matrix_set(struct parsed_camera *camera, double fx, double fy, double cx, double cy);
/*
 * The pose of raw cameras from their two rectifications: R2 R = R1 and R2 T =
 * ((P2[0][3] - P1[0][3]) / f, 0, 0), or along y for cameras above each other. Where no P
 * gives a baseline it is said which file holds what.
 */
PO_MUST_CHECK enum po_status
parsed_pose_from_projections(const char *path, struct parsed_calibration *parsed,
                             struct po_error *error);
/* The size of both cameras, in pixels, where it is a plausible one; they may not differ.
 */
PO_MUST_CHECK enum po_status parsed_set_sizes(const struct calibration_source *source,
                                              double sizes[2][2],
                                              struct parsed_calibration *parsed,
                                              struct po_error *error);
/* The pair of rectified cameras a Q matrix describes (OpenCV's stereoRectify). */
PO_MUST_CHECK enum po_status parsed_from_q(const struct calibration_source *source,
                                           const double q[16],
                                           struct parsed_calibration *parsed,
                                           struct po_error *error);

#endif
