/* SPDX-License-Identifier: Apache-2.0 */
/* The names that files give to lens models. */
#include <strings.h>

#include "calib/matrices.h"

enum lens_word { LENS_RADTAN, LENS_FISHEYE, LENS_SILENT, LENS_REFUSED };

/* A camera model "pinhole" leaves the distortion open. */
static const struct {
    const char *name;
    enum lens_word word;
} LENSES[] = {
    {"plumb_bob", LENS_RADTAN},
    {"rational_polynomial", LENS_RADTAN},
    {"radtan", LENS_RADTAN},
    {"radial-tangential", LENS_RADTAN},
    {"radial_tangential", LENS_RADTAN},
    {"brown", LENS_RADTAN},
    {"brown_conrady", LENS_RADTAN},
    {"brown-conrady", LENS_RADTAN},
    {"standard", LENS_RADTAN},
    {"false", LENS_RADTAN},
    {"0", LENS_RADTAN},
    {"no", LENS_RADTAN},
    {"equidistant", LENS_FISHEYE},
    {"equi", LENS_FISHEYE},
    {"fisheye", LENS_FISHEYE},
    {"kannala_brandt", LENS_FISHEYE},
    {"kannala_brandt4", LENS_FISHEYE},
    {"kannala_brandt8", LENS_FISHEYE},
    {"kannalabrandt", LENS_FISHEYE},
    {"kannalabrandt4", LENS_FISHEYE},
    {"kannalabrandt8", LENS_FISHEYE},
    {"kannala-brandt", LENS_FISHEYE},
    {"kb4", LENS_FISHEYE},
    {"kb8", LENS_FISHEYE},
    {"true", LENS_FISHEYE},
    {"1", LENS_FISHEYE},
    {"yes", LENS_FISHEYE},
    {"", LENS_SILENT},
    {"none", LENS_SILENT},
    {"null", LENS_SILENT},
    {"pinhole", LENS_SILENT},
    {"perspective", LENS_SILENT},
    {"omni", LENS_REFUSED},
    {"mei", LENS_REFUSED},
    {"ds", LENS_REFUSED},
    {"eucm", LENS_REFUSED},
    {"ucm", LENS_REFUSED},
    {"fov", LENS_REFUSED},
    {"scaramuzza", LENS_REFUSED},
    {"division", LENS_REFUSED},
};

enum po_status lens_model_of(const struct calibration_source *source, const char *text,
                             enum distortion_model *model, bool *stated,
                             struct po_error *error)
{
    enum lens_word word = LENS_REFUSED;
    *model = DISTORTION_RADTAN;
    *stated = false;
    if (text == NULL)
        return PO_OK;
    for (size_t i = 0; i < sizeof(LENSES) / sizeof(LENSES[0]); i++)
        if (strcasecmp(text, LENSES[i].name) == 0)
            word = LENSES[i].word;
    if (word == LENS_REFUSED)
        return po_fail(
            error, PO_UNSUPPORTED,
            "%s: the lens model '%.60s' is not supported; want one with "
            "radial-tangential (plumb_bob) or fisheye (equidistant) distortion",
            source->path, text);
    *stated = word != LENS_SILENT;
    if (word == LENS_FISHEYE)
        *model = DISTORTION_FISHEYE;
    return PO_OK;
}
