/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"

enum { WINDOW_MAX_BYTES = 64 << 10, DEPTH_MAX = 64 };

static bool fail(struct json_scan *scan, enum po_status status)
{
    if (scan->status == PO_OK)
        scan->status = status;
    return false;
}

static void count_lines(struct json_scan *scan, const char *to)
{
    for (const char *c = scan->window; c < to; c++)
        scan->lines += *c == '\n';
}

static bool read_more(struct json_scan *scan)
{
    size_t room = scan->capacity - (size_t)(scan->end - scan->window);
    ssize_t got;
    do
        got = read(scan->descriptor, scan->end, room);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        scan->cause = errno;
        return fail(scan, PO_IO);
    }
    scan->is_read = got == 0;
    scan->end += got;
    *scan->end = '\0';
    return got > 0;
}

/* Makes room and reads on; what begins at `scan->at` stays, at another place. False at
 * the end of the file, or when there is no room. */
static bool refill(struct json_scan *scan)
{
    if (scan->is_read || scan->status != PO_OK)
        return false;
    size_t kept = (size_t)(scan->end - scan->at);
    if (kept == scan->capacity)
        return fail(scan, PO_BAD_FORMAT);
    count_lines(scan, scan->at);
    memmove(scan->window, scan->at, kept + 1);
    scan->at = scan->window;
    scan->end = scan->window + kept;
    return read_more(scan);
}

static enum po_status check_beginning(struct json_scan *scan, struct po_error *error)
{
    const unsigned char *text = (const unsigned char *)scan->window;
    if (scan->end - scan->at >= 2 &&
        ((text[0] == 0xff && text[1] == 0xfe) || (text[0] == 0xfe && text[1] == 0xff)))
        return po_fail(error, PO_BAD_FORMAT, "%s: is UTF-16; save it as UTF-8",
                       scan->path);
    if (strncmp(scan->window, "\xef\xbb\xbf", 3) == 0)
        scan->at += 3;
    return PO_OK;
}

static enum po_status check_size(const struct json_scan *scan, uint64_t bytes,
                                 size_t max_bytes, struct po_error *error)
{
    if (bytes == 0)
        return po_fail(error, PO_BAD_FORMAT, "%s: the file is empty", scan->path);
    if (bytes > max_bytes)
        return po_fail(error, PO_BAD_FORMAT, "%s: %llu bytes; at most %zu are read",
                       scan->path, (unsigned long long)bytes, max_bytes);
    return PO_OK;
}

static void release(struct json_scan *scan)
{
    free(scan->window);
    scan->window = NULL;
    if (scan->descriptor >= 0)
        (void)close(scan->descriptor);
    scan->descriptor = -1;
}

static enum po_status failed_read(const struct json_scan *scan, struct po_error *error)
{
    return po_fail(error, PO_IO, "%s: cannot read: %s", scan->path,
                   strerror(scan->cause));
}

enum po_status json_scan_open(struct json_scan *scan, const char *path, size_t max_bytes,
                              struct po_error *error)
{
    struct input_stat info;
    *scan = (struct json_scan){.path = path, .descriptor = -1};
    enum po_status status = input_file_open(path, &scan->descriptor, &info, error);
    if (status == PO_OK)
        status = check_size(scan, info.size_bytes, max_bytes, error);
    if (status != PO_OK)
        goto failed;
    scan->capacity =
        info.size_bytes < WINDOW_MAX_BYTES ? (size_t)info.size_bytes : WINDOW_MAX_BYTES;
    scan->window = malloc(scan->capacity + 1);
    if (scan->window == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %zu bytes", path,
                         scan->capacity);
        goto failed;
    }
    scan->at = scan->end = scan->window;
    if (!read_more(scan) && scan->status != PO_OK)
        status = failed_read(scan, error);
    else
        status = check_beginning(scan, error);
    /* What is appended meanwhile does not count. */
    scan->is_read |= (uint64_t)(scan->end - scan->window) == info.size_bytes;
    if (status == PO_OK)
        return PO_OK;

failed:
    release(scan);
    scan->status = status;
    return status;
}

char json_scan_peek(struct json_scan *scan)
{
    if (scan->status != PO_OK)
        return '\0';
    do
        while (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' ||
               *scan->at == '\t')
            scan->at++;
    while (*scan->at == '\0' && refill(scan));
    return scan->status == PO_OK ? *scan->at : '\0';
}

enum po_status json_scan_close(struct json_scan *scan, struct po_error *error)
{
    if (json_scan_peek(scan) != '\0' || scan->depth != 0 ||
        (scan->status == PO_OK && scan->at != scan->end))
        (void)fail(scan, PO_BAD_FORMAT);
    enum po_status status = scan->status;
    if (status == PO_BAD_FORMAT && scan->window != NULL) {
        count_lines(scan, scan->at);
        status = po_fail(error, status, "%s: not valid JSON at line %d", scan->path,
                         scan->lines + 1);
    } else if (status == PO_IO && scan->window != NULL) {
        status = failed_read(scan, error);
    }
    release(scan);
    return status;
}

static bool enter(struct json_scan *scan, char opener)
{
    if (json_scan_peek(scan) != opener) {
        json_scan_skip(scan);
        return false;
    }
    if (++scan->depth > DEPTH_MAX)
        return fail(scan, PO_BAD_FORMAT);
    scan->at++;
    scan->is_first = true;
    return true;
}

bool json_scan_object(struct json_scan *scan)
{
    return enter(scan, '{');
}

bool json_scan_array(struct json_scan *scan)
{
    return enter(scan, '[');
}

/* Whether something follows before `closer`, which is passed. */
static bool step(struct json_scan *scan, char closer)
{
    char next = json_scan_peek(scan);
    bool is_first = scan->is_first;
    scan->is_first = false;
    if (scan->status != PO_OK)
        return false;
    if (next == closer) {
        scan->at++;
        scan->depth--;
        return false;
    }
    if (is_first)
        return true;
    if (next != ',')
        return fail(scan, PO_BAD_FORMAT);
    scan->at++;
    return true;
}

bool json_scan_element(struct json_scan *scan)
{
    return step(scan, ']');
}

/* The value of four hexadecimal digits; -1: they are none. */
static int read_hex(const char *text)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = 16 * value + digit;
    }
    return value;
}

/* RFC 3629. Gives the bytes put, which are never more than the escape took. */
static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = bytes - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf0u << (4 - bytes)) | code);
    return bytes;
}

/* "\uXXXX" and pairs of surrogates at `*in`, which stands behind the 'u'. Gives 0 for
 * what is no character. */
static size_t decode_unicode(const char **in, char *out)
{
    int first = read_hex(*in);
    if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
        return 0;
    *in += 4;
    if (first < 0xd800 || first > 0xdfff)
        return put_utf8((uint32_t)first, out);
    if ((*in)[0] != '\\' || (*in)[1] != 'u')
        return 0;
    int second = read_hex(*in + 2);
    if (second < 0xdc00 || second > 0xdfff)
        return 0;
    *in += 6;
    return put_utf8(
        0x10000 + (((uint32_t)first & 0x3ff) << 10) + ((uint32_t)second & 0x3ff), out);
}

/* In place; false: an escape that JSON does not have. */
static bool decode(char *text)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    char *out = text;
    for (const char *in = text; *in != '\0';) {
        if (*in != '\\') {
            *out++ = *in++;
            continue;
        }
        const char *letter = strchr(letters, in[1]); /* never the end of the text */
        size_t put = letter != NULL;
        if (letter != NULL)
            *out = bytes[letter - letters];
        in += 2;
        if (letter == NULL && in[-1] == 'u')
            put = decode_unicode(&in, out);
        if (put == 0)
            return false;
        out += put;
    }
    *out = '\0';
    return true;
}

/* The text whose quote stands at `scan->at`; NULL: it has no end, or a wrong escape. */
static char *read_text(struct json_scan *scan)
{
    size_t length = 1;
    bool has_escapes = false;
    for (;;) {
        char c = scan->at[length];
        if (c == '"')
            break;
        if (c == '\\' && scan->at[length + 1] != '\0') {
            has_escapes = true;
            length += 2;
        } else if (c != '\0' && c != '\\') {
            length++;
        } else if (!refill(scan)) {
            (void)fail(scan, PO_BAD_FORMAT);
            return NULL;
        }
    }
    char *text = scan->at + 1;
    scan->at[length] = '\0';
    scan->at += length + 1;
    if (has_escapes && !decode(text)) {
        (void)fail(scan, PO_BAD_FORMAT);
        return NULL;
    }
    return text;
}

const char *json_scan_member(struct json_scan *scan)
{
    if (!step(scan, '}'))
        return NULL;
    const char *key = json_scan_peek(scan) == '"' ? read_text(scan) : NULL;
    if (key != NULL) {
        size_t length = strnlen(key, sizeof(scan->key) - 1);
        memcpy(scan->key, key, length);
        scan->key[length] = '\0';
    }
    if (key == NULL || json_scan_peek(scan) != ':') {
        (void)fail(scan, PO_BAD_FORMAT);
        return NULL;
    }
    scan->at++;
    return scan->key;
}

const char *json_scan_text(struct json_scan *scan, const char *otherwise)
{
    if (json_scan_peek(scan) != '"') {
        json_scan_skip(scan);
        return otherwise;
    }
    const char *text = read_text(scan);
    return text != NULL ? text : otherwise;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of_number(char c)
{
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* A number by its parts: digits * 10^exponent. */
struct decimal {
    uint64_t digits;
    int digit_count;
    int exponent;
};

static const char *take_digits(const char *c, struct decimal *decimal, int step)
{
    for (; is_digit(*c); c++) {
        if (decimal->digits != 0 || *c != '0')
            decimal->digit_count++;
        if (decimal->digit_count <= 18)
            decimal->digits = 10 * decimal->digits + (uint64_t)(*c - '0');
        decimal->exponent -= step;
    }
    return c;
}

/* Behind the 'e'; beyond four digits it is 0 or infinite anyhow. */
static const char *take_exponent(const char *c, struct decimal *decimal)
{
    bool is_negative = *c == '-';
    int exponent = 0;
    if (*c == '-' || *c == '+')
        c++;
    const char *first = c;
    for (; is_digit(*c); c++)
        exponent = exponent < 10000 ? 10 * exponent + (*c - '0') : exponent;
    decimal->exponent += is_negative ? -exponent : exponent;
    return c > first ? c : NULL;
}

/* By JSON's grammar; where the number ends, or NULL. */
static const char *take_decimal(const char *c, struct decimal *decimal)
{
    const char *first = c;
    c = take_digits(c, decimal, 0);
    if (c == first || (*first == '0' && c > first + 1))
        return NULL;
    if (*c == '.') {
        first = ++c;
        c = take_digits(c, decimal, 1);
        if (c == first)
            return NULL;
    }
    return *c == 'e' || *c == 'E' ? take_exponent(c + 1, decimal) : c;
}

/*
 * Digits below 2^53 and powers of ten up to 10^22 are exact doubles, so one operation
 * rounds as strtod does (Clinger 1990); the rest is left to strtod.
 */
static double value_of(const struct decimal *decimal, const char *text)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int most = (int)(sizeof(powers) / sizeof(*powers)) - 1;
    int exponent = decimal->exponent;
    if (decimal->digit_count > 18 || decimal->digits > (uint64_t)1 << 53 ||
        exponent > most || exponent < -most)
        return strtod(text, NULL);
    double digits = (double)decimal->digits;
    return exponent < 0 ? digits / powers[-exponent] : digits * powers[exponent];
}

/* The number at `scan->at`. */
static double read_number(struct json_scan *scan)
{
    size_t length = 0;
    while (is_of_number(scan->at[length]) || (scan->at[length] == '\0' && refill(scan)))
        length += is_of_number(scan->at[length]);
    struct decimal decimal = {0};
    bool is_negative = *scan->at == '-';
    const char *text = scan->at + is_negative;
    if (scan->status != PO_OK || take_decimal(text, &decimal) != scan->at + length) {
        (void)fail(scan, PO_BAD_FORMAT);
        return 0;
    }
    scan->at += length;
    double number = value_of(&decimal, text);
    return is_negative ? -number : number;
}

double json_scan_number(struct json_scan *scan, double otherwise)
{
    char next = json_scan_peek(scan);
    if (next == '-' || is_digit(next))
        return read_number(scan);
    json_scan_skip(scan);
    return otherwise;
}

static void pass_word(struct json_scan *scan, const char *word)
{
    size_t length = strlen(word);
    while ((size_t)(scan->end - scan->at) < length && refill(scan))
        ;
    if (strncmp(scan->at, word, length) == 0)
        scan->at += length;
    else
        (void)fail(scan, PO_BAD_FORMAT);
}

bool json_scan_bool(struct json_scan *scan, bool otherwise)
{
    char next = json_scan_peek(scan);
    json_scan_skip(scan);
    return next == 't' || next == 'f' ? next == 't' : otherwise;
}

/* Goes down as deep as the value, which is at most DEPTH_MAX levels. */
void json_scan_skip(struct json_scan *scan)
{
    switch (json_scan_peek(scan)) {
    case '{':
        if (json_scan_object(scan))
            while (json_scan_member(scan) != NULL)
                json_scan_skip(scan);
        break;
    case '[':
        if (json_scan_array(scan))
            while (json_scan_element(scan))
                json_scan_skip(scan);
        break;
    case '"':
        (void)read_text(scan);
        break;
    case 't':
        pass_word(scan, "true");
        break;
    case 'f':
        pass_word(scan, "false");
        break;
    case 'n':
        pass_word(scan, "null");
        break;
    default:
        (void)read_number(scan);
    }
}
