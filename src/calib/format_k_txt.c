/* SPDX-License-Identifier: Apache-2.0 */
/*
 * K.txt of FoundationStereo and its kin: the nine numbers of K, then the baseline in
 * metres on a line of its own. The images are rectified.
 */
#include <string.h>

#include "calib/format.h"

/* The lines that hold numbers, nine and one of them; false for anything else. */
static bool numbers_of_text(const char *text, double k[9], double *baseline)
{
    int count = 0;
    double numbers[11];
    double line[10];
    int last = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        int got = line_numbers(text, line, 10);
        if (got < 0 || count + got > 10)
            return false;
        memcpy(numbers + count, line, (size_t)got * sizeof(double));
        count += got;
        last = got > 0 ? got : last;
        text += length;
        text += *text == '\n';
    }
    if (count != 10 || last != 1)
        return false;
    memcpy(k, numbers, 9 * sizeof(double));
    *baseline = numbers[9];
    return k[3] == 0 && k[6] == 0 && k[7] == 0 && k[8] == 1 && k[0] > 0;
}

static bool recognise(const struct calibration_source *source)
{
    double k[9];
    double baseline;
    return numbers_of_text(source->text, k, &baseline);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    double k[9] = {0};
    double baseline = 0;
    (void)error;
    (void)numbers_of_text(source->text, k, &baseline);
    projection_set(&parsed->cameras[0], k[0], k[4], k[2], k[5], 0);
    projection_set(&parsed->cameras[1], k[0], k[4], k[2], k[5], -baseline * k[0]);
    parsed->rectified = true;
    parsed->baseline_origin = "second line";
    parsed->unit = PARSED_UNIT_M;
    return PO_OK;
}

const struct calibration_format format_k_txt = {"k-txt", SYNTAX_LINES, recognise, read};
