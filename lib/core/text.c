#include <framecast/text.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fc_span fc_span_of(const char *text)
{
    return (struct fc_span){text, text == NULL ? 0 : strlen(text)};
}

bool fc_span_is(struct fc_span span, const char *text)
{
    return strlen(text) == span.n && (span.n == 0 || memcmp(span.at, text, span.n) == 0);
}

/* ---- the buffer ---- */

static char empty[1];

struct fc_buffer fc_buffer_in(struct fc_arena *arena)
{
    return (struct fc_buffer){.arena = arena, .data = empty};
}

static void buffer_grow(struct fc_buffer *b, size_t more)
{
    size_t room = b->room < 128 ? 128 : b->room * 2;
    char *data;

    if (room < b->n + more + 1)
        room = b->n + more + 1;
    data = fc_alloc_bytes(b->arena, room);
    memcpy(data, b->data, b->n + 1);
    b->data = data;
    b->room = room;
}

static inline void buffer_make_room(struct fc_buffer *b, size_t more)
{
    if (b->n + more + 1 > b->room)
        buffer_grow(b, more);
}

void fc_buffer_reserve(struct fc_buffer *b, size_t n)
{
    buffer_make_room(b, n);
}

void fc_put_n(struct fc_buffer *b, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    buffer_make_room(b, n);
    memcpy(b->data + b->n, bytes, n);
    b->n += n;
    b->data[b->n] = '\0';
}

void fc_put(struct fc_buffer *b, const char *text)
{
    fc_put_n(b, text, strlen(text));
}

void fc_put_char(struct fc_buffer *b, char c)
{
    buffer_make_room(b, 1);
    b->data[b->n++] = c;
    b->data[b->n] = '\0';
}

void fc_put_int(struct fc_buffer *b, int64_t value)
{
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        fc_put_char(b, '-');
    fc_put_n(b, digits + at, sizeof digits - at);
}

void fc_putf(struct fc_buffer *b, const char *format, ...)
{
    va_list args, again;
    size_t room;
    int n;

    buffer_make_room(b, 0); /* the empty text is not ours to write into */
    room = b->room - b->n;
    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(b->data + b->n, room, format, again);
    va_end(again);
    assert(n >= 0);
    if ((size_t)n >= room) {
        b->data[b->n] = '\0';
        buffer_make_room(b, (size_t)n);
        (void)vsnprintf(b->data + b->n, (size_t)n + 1, format, args);
    }
    b->n += (size_t)n;
    va_end(args);
}

/* ---- JSON and URL escapes ---- */

static const char json_short_escape[128] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                            ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};

/* Bytes at the beginning of @text that stand in a JSON string as they are. Eight at a time: a byte
 * below 0x20, or one that a quote or a backslash turns to zero, borrows from its highest bit. */
static size_t json_plain(const char *text, size_t n)
{
    const uint64_t ones = UINT64_MAX / 255, highest = ones * 0x80;
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        uint64_t word, quotes, slashes;

        memcpy(&word, text + i, sizeof word);
        quotes = word ^ (ones * '"');
        slashes = word ^ (ones * '\\');
        if ((((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) |
             ((slashes - ones) & ~slashes)) &
            highest)
            break;
    }
    while (i < n && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
        i++;
    return i;
}

void fc_put_json_n(struct fc_buffer *b, const char *text, size_t n)
{
    const char *end = text + n;

    buffer_make_room(b, n + 2);
    fc_put_char(b, '"');
    for (;;) {
        size_t plain = json_plain(text, (size_t)(end - text));
        unsigned char c;

        fc_put_n(b, text, plain);
        text += plain;
        if (text == end)
            break;
        c = (unsigned char)*text++;
        if (json_short_escape[c] != 0) {
            fc_put_char(b, '\\');
            fc_put_char(b, json_short_escape[c]);
        } else {
            fc_putf(b, "\\u%04x", c);
        }
    }
    fc_put_char(b, '"');
}

void fc_put_json(struct fc_buffer *b, const char *text)
{
    if (text == NULL)
        fc_put(b, "null");
    else
        fc_put_json_n(b, text, strlen(text));
}

static bool is_word(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return n > 0;
}

void fc_put_path(struct fc_buffer *path, const char *name, size_t n)
{
    if (is_word(name, n)) {
        if (path->n > 0)
            fc_put_char(path, '.');
        fc_put_n(path, name, n);
        return;
    }
    fc_put_char(path, '[');
    fc_put_json_n(path, name, n);
    fc_put_char(path, ']');
}

static const bool url_plain[256] = {
    ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['.'] = true,
    ['_'] = true,         ['~'] = true,         ['-'] = true,
};

void fc_put_url(struct fc_buffer *b, const char *text, bool keep_slash)
{
    const char *from = text, *at = text;

    for (; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (url_plain[c] || (keep_slash && c == '/'))
            continue;
        fc_put_n(b, from, (size_t)(at - from));
        fc_putf(b, "%%%02X", c);
        from = at + 1;
    }
    fc_put_n(b, from, (size_t)(at - from));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool fc_url_decode(char *text, size_t *n)
{
    char *out = text;

    for (const char *at = text; *at != '\0'; at++) {
        int high, low;

        if (*at != '%') {
            *out++ = *at;
            continue;
        }
        high = hex_digit(at[1]);
        low = high < 0 ? -1 : hex_digit(at[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high * 16 + low);
        at += 2;
    }
    *out = '\0';
    *n = (size_t)(out - text);
    return true;
}

void fc_hex(const void *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * n] = '\0';
}

bool fc_unhex(const char *hex, size_t n_hex, unsigned char *out)
{
    if (n_hex % 2 != 0)
        return false;
    for (size_t i = 0; i < n_hex; i += 2) {
        int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (unsigned char)(high * 16 + low);
    }
    return true;
}

/* ---- UTF-8 ---- */

/* Bytes of the valid sequence at @at (1..4), or 0: overlong forms, surrogates and values above
 * U+10FFFF are none. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t n;

    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xC2 || at[0] > 0xF4)
        return 0;
    n = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (left < n)
        return 0;
    if (at[0] == 0xE0)
        low = 0xA0;
    else if (at[0] == 0xED)
        high = 0x9F;
    else if (at[0] == 0xF0)
        low = 0x90;
    else if (at[0] == 0xF4)
        high = 0x8F;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool fc_utf8_ok(const char *text, size_t n)
{
    const unsigned char *at = (const unsigned char *)text;
    uint64_t word;

    for (size_t i = 0, step; i < n; i += step) {
        step = sizeof word;
        if (n - i >= step &&
            (memcpy(&word, at + i, step), word & UINT64_C(0x8080808080808080)) == 0)
            continue; /* eight of ASCII */
        step = utf8_sequence(at + i, n - i);
        if (step == 0)
            return false;
    }
    return true;
}

size_t fc_utf8_length(const char *text, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

size_t fc_utf8_prefix(const char *text, size_t n, size_t max)
{
    size_t i = 0;

    for (size_t count = 0; i < n; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue;
        if (count++ == max)
            break;
    }
    return i;
}

size_t fc_utf8_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Bytes of the white-space character at @at, 0 when it is another one. Unicode's White_Space
 * property. */
static size_t space_sequence(const char *at, size_t left)
{
    static const struct {
        const char *bytes;
        size_t n;
    } wide[] = {{"\xC2\x85", 2},     {"\xC2\xA0", 2},     {"\xE1\x9A\x80", 3}, {"\xE2\x80\xA8", 3},
                {"\xE2\x80\xA9", 3}, {"\xE2\x80\xAF", 3}, {"\xE2\x81\x9F", 3}, {"\xE3\x80\x80", 3}};

    if (*at == ' ' || (*at >= '\t' && *at <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (left >= wide[i].n && memcmp(at, wide[i].bytes, wide[i].n) == 0)
            return wide[i].n;
    /* U+2000..U+200A: the spaces of fixed width */
    if (left >= 3 && memcmp(at, "\xE2\x80", 2) == 0 && (unsigned char)at[2] >= 0x80 &&
        (unsigned char)at[2] <= 0x8A)
        return 3;
    return 0;
}

bool fc_is_blank(const char *text, size_t n)
{
    for (size_t i = 0, step; i < n; i += step) {
        step = space_sequence(text + i, n - i);
        if (step == 0)
            return false;
    }
    return true;
}

/* ---- comparing and numbers ---- */

bool fc_text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool fc_text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

bool fc_text_starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

uint32_t fc_hash(const char *text)
{
    uint32_t hash = 2166136261u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

bool fc_int_parse(const char *text, int64_t *value)
{
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    long long parsed;
    char *end;

    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    parsed = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *value = parsed;
    return true;
}
