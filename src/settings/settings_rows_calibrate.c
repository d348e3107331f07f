/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of --calibrate and --recalibrate. */
#include <stdio.h>
#include <string.h>

#include "settings/setting_value.h"
#include "settings/settings_rows.h"

enum { SMALLEST_SIDE = 3, LARGEST_SIDE = 100, MOST_CORNERS = 1024 };

static const char *const patterns[] = {"chessboard", "circles", "asymmetric-circles",
                                       NULL};
static const char *const formats[] = {"opencv", "kalibr", "ros", "json", NULL};

/* Digits only; 0 where there are none or too many. */
static int side_parse(const char *text, size_t length)
{
    int value = 0;
    if (length == 0 || length > 3)
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

static bool parse_board(struct po_settings *settings, const char *value)
{
    const char *cross = strchr(value, 'x');
    if (strcmp(value, "auto") == 0) {
        settings->calibrate.board_cols = settings->calibrate.board_rows = 0;
        return true;
    }
    if (cross == NULL)
        return false;
    int cols = side_parse(value, (size_t)(cross - value));
    int rows = side_parse(cross + 1, strlen(cross + 1));
    if (cols < SMALLEST_SIDE || rows < SMALLEST_SIDE || cols > LARGEST_SIDE ||
        rows > LARGEST_SIDE || cols * rows > MOST_CORNERS)
        return false;
    settings->calibrate.board_cols = cols;
    settings->calibrate.board_rows = rows;
    return true;
}

static void format_board(const struct po_settings *settings, char *text,
                         size_t text_bytes)
{
    if (settings->calibrate.board_cols == 0)
        (void)snprintf(text, text_bytes, "auto");
    else
        (void)snprintf(text, text_bytes, "%dx%d", settings->calibrate.board_cols,
                       settings->calibrate.board_rows);
}

const struct setting_custom setting_custom_board = {.parse = parse_board,
                                                    .format = format_board};

#define CHOICE(m, list)                                                                  \
    .kind = SETTING_CHOICE, .field = SETTING_CHOICE_FIELD(m), .choices = (list)
#define GROUP .group = "Calibration"

static const struct setting_row rows[] = {
    {.name = "board",
     .use = USE_BOARD,
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_board,
     GROUP,
     .argument = "auto|COLSxROWS",
     .help =
         "Inner corners of the chessboard, or circles, along a row and down a column: "
         "9x6 for 10 by 7 squares. auto: what most pictures show, chessboards only."},
    {.name = "square",
     .use = USE_BOARD,
     .kind = SETTING_LENGTH,
     .field = SETTING_FIELD(double, calibrate.square_mm),
     .min = 0,
     .max = 1e5,
     GROUP,
     .argument = "LENGTH",
     .help = "Side of a square, measured on the print (25, 25mm, 2.5cm); of circles the "
             "distance of neighbouring rows. Without it lengths are in squares."},
    {.name = "pattern",
     .use = USE_BOARD,
     CHOICE(calibrate.pattern, patterns),
     GROUP,
     .argument = "chessboard|circles|asymmetric-circles",
     .help = "What is printed on the board."},
    {.name = "calibration-format",
     .use = USE_RIG_FILE,
     CHOICE(calibrate.format, formats),
     GROUP,
     .argument = "opencv|kalibr|ros|json",
     .help = "Format of the calibration that is written; all are read again. ros writes "
             "two files, with left and right in their names."},
};

const struct setting_part settings_rows_calibrate = {rows, sizeof(rows) / sizeof(*rows)};
