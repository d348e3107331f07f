/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/print.h"

enum { WORDS_MAX = 16 };

/* Splits `line` at blanks and parses it. */
static enum po_status parse(const char *line, struct options *options,
                            struct po_error *error)
{
    static char copy[1024];
    char *words[WORDS_MAX + 1] = {"process_offline"};
    int count = 1;
    char *rest = NULL;
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && count < WORDS_MAX;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return options_parse(count, words, options, error);
}

static void assert_accepts(const char *line, struct options *options)
{
    struct po_error error = {0};
    if (parse(line, options, &error) != PO_OK)
        fail_msg("%s: %s", line, error.message);
}

static void assert_refuses(const char *line, const char *expected)
{
    struct options options;
    struct po_error error = {0};
    assert_int_equal(parse(line, &options, &error), PO_BAD_ARGUMENT);
    assert_string_equal(error.message, expected);
    options_release(&options);
}

static void commands_of_the_old_tool_parse(void **state)
{
    (void)state;
    struct options options;
    assert_accepts("--input S --surface-reconstruction --workers 2 --batch-size 1 "
                   "--single-frame",
                   &options);
    assert_int_equal(options.command, COMMAND_RUN);
    assert_string_equal(options.settings.values.input.input, "S");
    assert_true(options.settings.values.cloud.surface_reconstruction);
    assert_int_equal(options.settings.values.run.workers, 2);
    assert_int_equal(options.settings.values.run.batch_size, 1);
    assert_true(options.settings.values.input.single_frame);
    options_release(&options);
    assert_accepts("--input S --no-parallel", &options);
    assert_false(options.settings.values.run.parallel);
    options_release(&options);
    assert_accepts("--input S --workers 4 --batch-size 2", &options);
    assert_int_equal(options.settings.values.run.batch_size, 2);
    options_release(&options);
}

static void forms_of_options(void **state)
{
    (void)state;
    struct options options;
    assert_accepts("-i S -j3 -vv --min-disparity -16 --strict=false --roi=0,1,0,1,0,1",
                   &options);
    assert_int_equal(options.settings.values.run.workers, 3);
    assert_int_equal(options.settings.values.output.verbose, 2);
    assert_int_equal(options.settings.values.match.min_disparity_px, -16);
    assert_false(options.settings.values.input.strict);
    assert_true(options.settings.values.cloud.roi_given);
    options_release(&options);
    assert_accepts("--left l.png --right r.png --dry-run", &options);
    assert_int_equal(options.command, COMMAND_DRY_RUN);
    options_release(&options);
    assert_accepts("--help --list", &options);
    assert_int_equal(options.command, COMMAND_HELP);
    options_release(&options);
    assert_accepts("--input a --input b", &options);
    assert_string_equal(options.settings.values.input.input, "b");
    options_release(&options);
}

static void wrong_options_are_named(void **state)
{
    (void)state;
    assert_refuses("", "nothing to process; give --input DIR, or --left FILE and --right "
                       "FILE");
    assert_refuses("--input", "--input: a value is missing; give DIR");
    assert_refuses("-j", "--workers: a value is missing; give N|auto");
    assert_refuses("--config", "--config: a value is missing; give FILE");
    assert_refuses("--wrokers 3", "--wrokers: no such option; did you mean --workers?");
    assert_refuses("--verison", "--verison: no such option; did you mean --version?");
    assert_refuses("--bandwidth=3", "--bandwidth: no such option; see --help");
    assert_refuses("--cloud x", "--cloud: several options begin so; write it out, see "
                                "--help");
    /* A word that means an option is no abbreviation of another. */
    assert_refuses("--memory 3",
                   "--memory: no such option; did you mean --memory-limit?");
    assert_refuses("--quality high",
                   "--quality: no such option; did you mean --profile?");
    assert_refuses("--quality=40%", "--quality: no such option; did you mean --profile?");
    assert_refuses("--mesh", "--mesh: no such option; did you mean "
                             "--surface-reconstruction?");
    assert_refuses("--list=3", "--list takes no value");
    assert_refuses("-x", "-x: no such option; see --help");
    assert_refuses("-jx", "--workers: 'x' is not a whole number; give 1 to 1024 or auto");
    assert_refuses("session",
                   "'session' is not an option; the session directory is given "
                   "with --input");
    assert_refuses("--input S --workers 0",
                   "--workers: 0 is out of range; give 1 to 1024 or auto");
    assert_refuses("--left l.png", "--left needs --right: a pair has two images");
}

static void environment_is_weaker_than_options(void **state)
{
    (void)state;
    struct options options;
    struct po_error error = {0};
    assert_int_equal(setenv("PROCESS_OFFLINE_WORKERS", "7", 1), 0);
    assert_int_equal(setenv("PROCESS_OFFLINE_NUM_DISPARITIES", "64", 1), 0);
    assert_int_equal(setenv("PROCESS_OFFLINE_P1", "", 1), 0);
    assert_accepts("--input S --workers 2", &options);
    assert_int_equal(options.settings.values.run.workers, 2);
    assert_int_equal(options.settings.values.match.num_disparities, 64);
    options_release(&options);
    assert_int_equal(setenv("PROCESS_OFFLINE_WORKERS", "x", 1), 0);
    assert_int_equal(parse("--input S", &options, &error), PO_BAD_ARGUMENT);
    assert_string_equal(error.message, "PROCESS_OFFLINE_WORKERS: 'x' is not a whole "
                                       "number; give 1 to 1024 or auto");
    options_release(&options);
    assert_accepts("--version", &options);
    options_release(&options);
    assert_int_equal(unsetenv("PROCESS_OFFLINE_WORKERS"), 0);
    assert_int_equal(unsetenv("PROCESS_OFFLINE_NUM_DISPARITIES"), 0);
    assert_int_equal(unsetenv("PROCESS_OFFLINE_P1"), 0);
}

static char config_path[] = "/tmp/test_options_XXXXXX";

static int make_config(void **state)
{
    (void)state;
    int fd = mkstemp(config_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_config(void **state)
{
    (void)state;
    return unlink(config_path);
}

static enum po_status read_config(const char *content, struct settings_set *set,
                                  struct po_error *error)
{
    FILE *file = fopen(config_path, "wb");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    settings_set_init(set);
    return config_file_read(config_path, set, error);
}

static void assert_config_refuses(const char *content, const char *expected)
{
    struct settings_set set;
    struct po_error error = {0};
    assert_int_not_equal(read_config(content, &set, &error), PO_OK);
    static const char option[] = "--config ";
    const size_t before = sizeof(option) - 1 + strlen(config_path);
    assert_memory_equal(error.message, option, sizeof(option) - 1);
    assert_memory_equal(error.message + sizeof(option) - 1, config_path,
                        strlen(config_path));
    assert_string_equal(error.message + before, expected);
    settings_set_release(&set);
}

static void configuration_sets_values(void **state)
{
    (void)state;
    struct settings_set set;
    struct po_error error = {0};
    enum po_status status = read_config(
        "{\"$schema\": \"x\", \"description\": \"y\", \"profile\": \"fast\",\n"
        "\"workers\": 3, \"frame-timeout\": 0.5, \"no-parallel\": true, \"input\": "
        "\"S\",\n"
        "\"outputs\": [\"cloud\", \"depth\"], \"roi\": [0, 1, -2, 2, 0.5, 3],\n"
        "\"memory-limit\": \"2G\", \"verbose\": 2, \"num-disparities\": \"auto\"}",
        &set, &error);
    if (status != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(set.values.match.level, PO_SGM_FAST);
    assert_int_equal(set.values.run.workers, 3);
    assert_true(set.values.run.frame_timeout_s == 0.5);
    assert_false(set.values.run.parallel);
    assert_int_equal(set.values.output.artefacts, PO_OUT_CLOUD | PO_OUT_DEPTH);
    assert_true(set.values.cloud.roi_mm[2] == -2.0);
    assert_int_equal(set.values.run.memory_limit_bytes, 2ULL << 30);
    assert_int_equal(set.values.output.verbose, 2);
    int index = 0;
    assert_non_null(settings_find("workers", &index));
    assert_int_equal(set.origins[index], ORIGIN_FILE);
    settings_set_release(&set);
}

static void wrong_configurations_are_named(void **state)
{
    (void)state;
    assert_config_refuses("{\"num_disparities\": 64}",
                          ": unknown key 'num_disparities'; did you mean "
                          "'num-disparities'?");
    assert_config_refuses("{\"colour-temperature\": 64}",
                          ": unknown key 'colour-temperature'; keys are option names "
                          "without dashes, see --help");
    assert_config_refuses("{\"workers\": 0}",
                          ": workers: 0 is out of range; give 1 to 1024 or auto");
    assert_config_refuses("{\"workers\": [1]}",
                          ": workers: a value of this type does not fit; give N|auto");
    assert_config_refuses("{\"strict\": null}", ": strict: a value of this type does not "
                                                "fit; give true or false");
    assert_config_refuses("{\"verbose\": {}}",
                          ": verbose: a value of this type does not fit; give 0|1|2");
    assert_config_refuses("[]", ": not a configuration; give an object of settings");
    assert_config_refuses("{\"workers\": 3,\n}", ": not valid JSON at line 2");
}

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    print(stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void print_all_help(FILE *stream)
{
    assert_int_equal(print_help(stream, "all", NULL), PO_OK);
}

static void print_bash(FILE *stream)
{
    assert_int_equal(print_completion(stream, NULL, NULL), PO_OK);
}

static void print_fish(FILE *stream)
{
    assert_int_equal(print_completion(stream, "fish", NULL), PO_OK);
}

static void print_zsh(FILE *stream)
{
    assert_int_equal(print_completion(stream, "zsh", NULL), PO_OK);
}

static void print_overview(FILE *stream)
{
    assert_int_equal(print_help(stream, NULL, NULL), PO_OK);
}

static void help_fits_one_screen(void **state)
{
    (void)state;
    char *help = printed(print_overview);
    int lines = 0;
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 79);
        lines++;
    }
    assert_in_range(lines, 10, 40);
    assert_non_null(strstr(help, "process_offline --input session --check"));
    free(help);
}

static void everything_is_documented(void **state)
{
    (void)state;
    char *help = printed(print_all_help);
    char *man = printed(print_man);
    char *completion = printed(print_bash);
    for (int i = 0; i < settings_row_count(); i++) {
        char option[80];
        (void)snprintf(option, sizeof(option), "--%s", settings_row(i)->name);
        assert_non_null(strstr(help, option));
        assert_non_null(strstr(completion, option));
    }
    char *fish = printed(print_fish);
    char *zsh = printed(print_zsh);
    assert_non_null(strstr(fish, "-l profile -x -a 'fast balanced quality classic '"));
    assert_non_null(strstr(fish, "-l input -x -a '(__fish_complete_directories)'"));
    assert_non_null(strstr(zsh, "'--axes=[Axes of clouds and meshes"));
    assert_non_null(strstr(zsh, ":value:(opencv opengl ros )' \\\n"));
    assert_int_equal(print_completion(stdout, "tcsh", NULL), PO_BAD_ARGUMENT);
    free(fish);
    free(zsh);
    assert_non_null(strstr(man, "\\fB\\-\\-num\\-disparities\\fR"));
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    free(help);
    free(man);
    free(completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_of_the_old_tool_parse),
        cmocka_unit_test(forms_of_options),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(environment_is_weaker_than_options),
        cmocka_unit_test(configuration_sets_values),
        cmocka_unit_test(wrong_configurations_are_named),
        cmocka_unit_test(help_fits_one_screen),
        cmocka_unit_test(everything_is_documented),
    };
    return cmocka_run_group_tests(tests, make_config, remove_config);
}
