/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration files of a test's folder, read as a format. Include after cmocka.h. */
#ifndef SUPPORT_CALIBRATION_FIXTURE_H
#define SUPPORT_CALIBRATION_FIXTURE_H

#include <math.h>
#include <string.h>

#include "calib/calibration_file.h"
#include "support/folder_fixture.h"

static struct calibration calibration;
static struct po_error error;

static inline void read_as(const char *name, const char *format,
                           const struct calibration_request *request)
{
    memset(&error, 0, sizeof(error));
    enum po_status status =
        calibration_read(test_folder_path(&folder, name), request, &calibration, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
    assert_string_equal(calibration.format, format);
}

#define assert_near(actual, expected, tolerance)                                         \
    assert_true(fabs((actual) - (expected)) <= (tolerance))

#endif
