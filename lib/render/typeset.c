#include "render/typeset.h"

#include <stdint.h>
#include <string.h>

#define LEADING 1.36f

enum { LINES_MAX = 512 };

/* Advance widths of DejaVu Sans from blank to tilde, in hundredths of an em. */
static const uint8_t latin_widths[95] = {
    32, 41, 46, 84, 64, 95, 78, 28, 40,  40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
    61, 79, 70, 64, 62, 74, 69, 99, 69,  62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64,
    64, 28, 28, 58, 28, 98, 64, 62, 64,  64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
};

/* Ranges of other characters, by first code point; the last row that begins at or before one
 * counts. */
static const struct {
    uint32_t from;
    uint8_t width; /* hundredths of an em */
    bool is_rtl;
    bool may_break; /* a line may end after it without a blank */
} ranges[] = {
    {0x0080, 72, false, false},  /* Latin with accents */
    {0x0300, 0, false, false},   /* combining marks */
    {0x0370, 74, false, false},  /* Greek, Cyrillic, Armenian */
    {0x0590, 66, true, false},   /* Hebrew, Arabic, Syriac, Thaana, N'Ko */
    {0x0900, 82, false, false},  /* Indic scripts */
    {0x0E00, 66, false, true},   /* Thai, Lao, Tibetan, Myanmar */
    {0x10A0, 80, false, false},  /* Georgian ... */
    {0x1100, 104, false, true},  /* Hangul letters */
    {0x1200, 90, false, false},  /* Ethiopic ... */
    {0x1E00, 72, false, false},  /* Latin and Greek with more accents */
    {0x2000, 60, false, false},  /* punctuation */
    {0x200B, 0, false, false},   /* invisible ones */
    {0x2010, 100, false, false}, /* dashes, quotes, symbols, arrows */
    {0x2E80, 104, false, true},  /* Chinese, Japanese, Korean */
    {0xA4D0, 80, false, false},
    {0xAC00, 104, false, true}, /* Hangul syllables */
    {0xD800, 100, false, false},
    {0xF900, 104, false, true},
    {0xFB00, 72, false, false},
    {0xFB1D, 66, true, false}, /* Hebrew and Arabic in presentation forms */
    {0xFE00, 0, false, false}, /* variation selectors */
    {0xFE20, 100, false, true},
    {0x10000, 110, false, false},
    {0x1F000, 130, false, true}, /* emoji */
    {0x20000, 104, false, true}, /* more Chinese */
};

uint32_t fc_text_next(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    int more = *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : *p >= 0xC0 ? 1 : 0;
    uint32_t code = more == 0 ? *p : *p & (0x3Fu >> more);

    for (int i = 1; i <= more; i++)
        code = code << 6 | (p[i] & 0x3Fu);
    *at += 1 + more;
    return code;
}

static size_t range_of(uint32_t code)
{
    size_t i = sizeof ranges / sizeof *ranges - 1;

    while (i > 0 && ranges[i].from > code)
        i--;
    return i;
}

static float code_width(uint32_t code)
{
    if (code >= ' ' && code <= '~')
        return (float)latin_widths[code - ' '] / 100;
    return (float)ranges[range_of(code)].width / 100;
}

static bool may_break_after(uint32_t code)
{
    return code >= 0x80 && ranges[range_of(code)].may_break;
}

bool fc_text_clings(const char *at)
{
    static const uint32_t closing[] = {'.',    ',',    '!',    '?',    ':',    ';',    ')',
                                       0x2019, 0x201D, 0x2026, 0x3001, 0x3002, 0x3009, 0x300B,
                                       0x300D, 0x300F, 0x3011, 0x30FC, 0xFF01, 0xFF09, 0xFF0C,
                                       0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F};
    uint32_t code = *at == '\0' ? 0 : fc_text_next(&at);

    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
        if (code == closing[i])
            return true;
    }
    return false;
}

float fc_text_width(const char *text, size_t n)
{
    const char *end = text + n;
    float width = 0;

    while (text < end)
        width += code_width(fc_text_next(&text));
    return width;
}

bool fc_text_is_rtl(const char *text, size_t n)
{
    const char *end = text + n;

    while (text < end) {
        uint32_t code = fc_text_next(&text);

        if (code >= 0x80 && ranges[range_of(code)].is_rtl)
            return true;
        if ((code | 32) - 'a' < 26u || (code >= 0xC0 && code < 0x2000))
            return false;
    }
    return false;
}

static bool is_white(uint32_t code)
{
    return code <= ' ' || code == 0x7F || (code >= 0x80 && code <= 0xA0) || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x3000;
}

char *fc_text_tidy(struct fc_arena *arena, const char *text)
{
    struct fc_buffer b = fc_buffer_in(arena);
    bool blank = false;

    while (*text != '\0') {
        const char *start = text;

        if (is_white(fc_text_next(&text))) {
            blank = b.n > 0;
            continue;
        }
        if (blank)
            fc_put_char(&b, ' ');
        blank = false;
        fc_put_n(&b, start, (size_t)(text - start));
    }
    return b.data;
}

/* The end of the longest beginning of @text that fits into @width_em: at a blank, between
 * characters that allow it, or, when a single word is too long, anywhere. */
static const char *line_end(const char *text, float width_em)
{
    const char *at = text, *best = NULL;
    float width = 0;

    while (*at != '\0') {
        const char *before = at;
        uint32_t code = fc_text_next(&at);

        width += code_width(code);
        if (code == ' ')
            best = before;
        else if (width > width_em)
            return best != NULL ? best : before > text ? before : at;
        if (may_break_after(code) && !fc_text_clings(at))
            best = at;
    }
    return at;
}

static size_t break_lines(const char *text, float width_em, struct fc_span *lines, size_t max)
{
    size_t n = 0;

    while (*text != '\0' && n < max) {
        const char *end = line_end(text, width_em);

        lines[n++] = (struct fc_span){text, (size_t)(end - text)};
        text = end + (*end == ' ');
    }
    return *text == '\0' ? n : max + 1;
}

struct fc_set_text fc_text_set(struct fc_arena *arena, const char *text,
                               const struct fc_text_box *box)
{
    struct fc_set_text set = {.lines = FC_NEW_ARRAY(arena, struct fc_span, LINES_MAX),
                              .em = box->em_max};

    for (;;) {
        float height = set.em > box->em_small ? box->height : box->height_max;

        set.leading = set.em * LEADING;
        set.n_lines = break_lines(text, box->width / set.em, set.lines, LINES_MAX);
        if (set.n_lines <= LINES_MAX && (float)set.n_lines * set.leading <= height)
            return set;
        set.em *= 0.96f;
    }
}

/* In ASS a backslash and a brace may begin markup. Braces can be escaped, a backslash cannot: a
 * word joiner, which nobody sees, keeps it from what follows. */
void fc_put_ass(struct fc_buffer *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '{' || text[i] == '}')
            fc_put_char(b, '\\');
        fc_put_char(b, text[i]);
        if (text[i] == '\\')
            fc_put(b, "\u2060");
    }
}
