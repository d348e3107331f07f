/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays a corpus folder through a fuzz target when libFuzzer is not there. With a
 * bound, each input once more: filled with its last byte to one byte above the bound.
 * Then with each of the calls of the code under test failing in turn, and with small
 * changes to the input, unless NO_MUTATIONS is said; for these there are MUTATING_S of
 * processor time, which only a sanitized build uses up, and says.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/replay_mutations.h"
#include "support/replay_torture.h"

enum { INPUT_MAX_BYTES = 1 << 22, MUTATING_S = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static long failures;
static long mutations;
static long unchanged; /* inputs whose turn came too late to be changed */

static void replay_once(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that an overrun by one is seen */
    if (exact == NULL)
        return;
    memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void replay_all(const uint8_t *data, size_t size, bool mutate)
{
    replay_once(data, size);
    failures += torture_input(data, size);
    if (mutate && clock() > (clock_t)MUTATING_S * CLOCKS_PER_SEC)
        unchanged++;
    else if (mutate)
        mutations += replay_mutations(data, size, replay_once);
}

static int replay(const char *directory, const char *name, size_t bound, bool mutate)
{
    char path[4096];
    static uint8_t data[INPUT_MAX_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    size_t size = fread(data, 1, sizeof(data), file);
    (void)fclose(file);
    replay_all(data, size, mutate);
    if (bound == 0 || size == 0 || size > bound || bound >= sizeof(data))
        return 1;
    memset(data + size, data[size - 1], bound + 1 - size);
    replay_once(data, bound + 1);
    return 2;
}

int main(int argc, char **argv)
{
    DIR *directory = argc >= 2 ? opendir(argv[1]) : NULL;
    if (directory == NULL) {
        (void)fprintf(stderr, "usage: %s CORPUS_DIRECTORY [BOUND_BYTES] [NO_MUTATIONS]\n",
                      argv[0]);
        return 1;
    }
    size_t bound = argc >= 3 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
    int count = 0;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            count += replay(argv[1], entry->d_name, bound, argc < 4);
    (void)closedir(directory);
    (void)printf("%d inputs replayed, %ld failures, %ld mutations\n", count, failures,
                 mutations);
    if (unchanged > 0)
        (void)printf("%ld inputs were not changed: %d s of processor time are over\n",
                     unchanged, MUTATING_S);
    return count > 0 ? 0 : 1;
}
