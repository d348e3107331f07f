/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of any words, one a line of the input. --config is left out: it would
 * read whatever file the words name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "report/baseline.h"
#include "session/frame_selection.h"
#include "support/replay_torture.h"

enum { WORDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int split(char *text, char **words)
{
    int count = 1; /* the program's name comes first */
    char *rest = NULL;
    for (char *word = strtok_r(text, "\n", &rest); word != NULL && count < WORDS_MAX;
         word = strtok_r(NULL, "\n", &rest))
        if (strncmp(word, "--co", 4) != 0)
            words[count++] = word;
    words[count] = NULL;
    return count;
}

/* The lists that an option's value may be are parsed later in a run. */
static void parse_lists(int count, char **words)
{
    static struct frame_selection selection;
    for (int i = 1; i < count; i++) {
        struct baseline_tolerance tolerance;
        struct po_error error = {0};
        if (frame_selection_parse(words[i], &selection, &error) == PO_OK) {
            (void)frame_selection_holds(&selection, 7);
            if (selection.count > FRAME_RANGES_MAX)
                abort();
        } else if (error.message[0] == '\0') {
            abort();
        }
        if (baseline_tolerance_parse(words[i], &tolerance, &error) != PO_OK &&
            error.message[0] == '\0')
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options = {0};
    struct po_error error = {0};
    char program[] = "process_offline";
    char *words[WORDS_MAX + 1];
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    int count = split(text, words);
    words[0] = program;
    torture_begin();
    if (options_parse(count, words, &options, &error) != PO_OK &&
        error.message[0] == '\0')
        abort();
    torture_end();
    parse_lists(count, words);
    options_release(&options);
    free(text);
    return 0;
}
