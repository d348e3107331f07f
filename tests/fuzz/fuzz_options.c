/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of any words, one a line of the input. --config is left out: it would
 * read whatever file the words name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

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
    if (options_parse(count, words, &options, &error) != PO_OK &&
        error.message[0] == '\0')
        abort();
    options_release(&options);
    free(text);
    return 0;
}
