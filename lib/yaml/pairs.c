#include "yaml/pairs.h"

#include <string.h>

enum {
    MARK_BYTES = 3,
    ESCAPE_CHARACTERS = 6, /* \uXXXX */
    HIDDEN_ESCAPE_BYTES = MARK_BYTES + ESCAPE_CHARACTERS - 1,
    HIDDEN_PAIR_BYTES = 2 * HIDDEN_ESCAPE_BYTES
};

/* U+FDD0 to U+FDEF are promised never to be characters: a stand-in can be found among them. */
enum { MARK_FIRST = 0xFDD0, MARK_LAST = 0xFDEF };

/* The code unit of "uXXXX" at @at, or -1. */
static int32_t unit_at(const char *at, const char *end)
{
    unsigned char bytes[2];

    if (end - at < ESCAPE_CHARACTERS - 1 || *at != 'u' || !fc_unhex(at + 1, 4, bytes))
        return -1;
    return bytes[0] << 8 | bytes[1];
}

static bool is_high(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* "\uD8..\uDC.." begins at @at. */
static bool is_pair(const char *at, const char *end)
{
    return is_high(unit_at(at + 1, end)) && end - at >= 2L * ESCAPE_CHARACTERS &&
           at[ESCAPE_CHARACTERS] == '\\' && is_low(unit_at(at + ESCAPE_CHARACTERS + 1, end));
}

/* The next pair from @at on whose backslash is not itself escaped; NULL when there is none. */
static const char *next_pair(const char *at, const char *end)
{
    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        if (is_pair(at, end))
            return at;
        at += end - at >= 2 ? 2 : 1; /* a backslash takes the character after it along */
    }
    return NULL;
}

/* Goes no further than what it finds, so that a text with many marks is read once. */
static const char *next_mark(const char *at, const char *end, const char *mark)
{
    for (; (at = memchr(at, mark[0], (size_t)(end - at))) != NULL; at++)
        if (end - at >= MARK_BYTES && memcmp(at, mark, MARK_BYTES) == 0)
            return at;
    return NULL;
}

static bool mark_choose(struct fc_span text, struct fc_yaml_pairs *pairs)
{
    for (uint32_t code = MARK_FIRST; code <= MARK_LAST; code++) {
        (void)fc_utf8_encode(code, pairs->mark);
        if (next_mark(text.at, text.at + text.n, pairs->mark) == NULL)
            return true;
    }
    return false;
}

struct fc_span fc_yaml_pairs_hide(struct fc_arena *arena, struct fc_span text,
                                  struct fc_yaml_pairs *pairs)
{
    const char *end = text.at + text.n, *from = text.at;
    const char *pair = text.n == 0 ? NULL : next_pair(text.at, end);
    struct fc_buffer b = fc_buffer_in(arena);

    *pairs = (struct fc_yaml_pairs){.mark = ""};
    if (pair == NULL || !mark_choose(text, pairs))
        return text;
    for (; pair != NULL; pair = next_pair(from, end)) {
        fc_put_n(&b, from, (size_t)(pair - from));
        for (int half = 0; half < 2; half++, pair += ESCAPE_CHARACTERS) {
            fc_put_n(&b, pairs->mark, MARK_BYTES);
            fc_put_n(&b, pair + 1, ESCAPE_CHARACTERS - 1);
        }
        from = pair;
    }
    fc_put_n(&b, from, (size_t)(end - from));
    return (struct fc_span){b.data, b.n};
}

/* Writes the character of the hidden pair at @at; false when none stands there. */
static bool put_character(struct fc_buffer *b, const char *at, const char *end, const char *mark)
{
    int32_t high = unit_at(at + MARK_BYTES, end), low;
    const char *second;
    char out[4];

    if (!is_high(high))
        return false;
    second = at + HIDDEN_ESCAPE_BYTES;
    if (end - second < MARK_BYTES || memcmp(second, mark, MARK_BYTES) != 0)
        return false;
    low = unit_at(second + MARK_BYTES, end);
    if (!is_low(low))
        return false;
    fc_put_n(b, out,
             fc_utf8_encode((uint32_t)(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), out));
    return true;
}

struct fc_span fc_yaml_pairs_show(struct fc_arena *arena, struct fc_span scalar,
                                  bool is_double_quoted, const struct fc_yaml_pairs *pairs)
{
    const char *end = scalar.at + scalar.n, *from = scalar.at, *mark;
    struct fc_buffer b;

    if (*pairs->mark == '\0' || next_mark(from, end, pairs->mark) == NULL)
        return scalar;
    b = fc_buffer_in(arena);
    while ((mark = next_mark(from, end, pairs->mark)) != NULL) {
        fc_put_n(&b, from, (size_t)(mark - from));
        from = mark + MARK_BYTES;
        if (!is_double_quoted)
            fc_put_char(&b, '\\');
        else if (put_character(&b, mark, end, pairs->mark))
            from = mark + HIDDEN_PAIR_BYTES;
        else
            fc_put_n(&b, mark, MARK_BYTES); /* the document escaped this very character */
    }
    fc_put_n(&b, from, (size_t)(end - from));
    return (struct fc_span){b.data, b.n};
}
