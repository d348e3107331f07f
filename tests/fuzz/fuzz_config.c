/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file of any content: settings or an error, and settings that validate
 * or say why. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/config_file.h"
#include "settings/setting_value.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz_config_XXXXXX";

static void remove_file(void)
{
    (void)unlink(path);
}

static void make_file(void)
{
    static int made;
    if (made)
        return;
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0 || atexit(remove_file) != 0)
        abort();
    made = 1;
}

/* Whatever was accepted can be written down and read again. */
static void check_round_trip(struct settings_set *set)
{
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, text, sizeof(text));
        if (text[0] != '\0' &&
            settings_assign(set, i, text, ORIGIN_COMMAND_LINE, NULL) != PO_OK)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings_set set;
    struct po_error error = {0};
    make_file();
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return 0;
    size_t written = fwrite(data, 1, size, file);
    if (fclose(file) != 0 || written != size)
        return 0;
    torture_begin();
    settings_set_init(&set);
    enum po_status status = config_file_read(path, &set, &error);
    if (status != PO_OK && error.message[0] == '\0')
        abort();
    torture_end();
    if (status == PO_OK && !torture_has_failed())
        check_round_trip(&set);
    if (settings_validate(&set.values, &error) != PO_OK && error.message[0] == '\0')
        abort();
    settings_set_release(&set);
    return 0;
}
