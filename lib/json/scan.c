#include "json/scan.h"

#include <assert.h>
#include <string.h>

#include <framecast/text.h>

#include "json/json.h"

enum {
    NUMBER_CHARACTERS_MAX = 400,
    EXPONENT_MAX = 400,
    CJSON_NUMBER_CHARACTERS = 60 /* cJSON 1.7 copies a number into 64 bytes */
};

struct scanner {
    struct fc_arena *arena;
    const char *text, *at, *end;
    struct fc_json_marks *marks;
    const char *wrong; /* what is wrong at @at; NULL while nothing is */
};

static bool scan_value(struct scanner *s, int depth);

static bool refuse(struct scanner *s, const char *wrong)
{
    s->wrong = wrong;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte ahead, NUL at the end of the text (where a NUL in the text is as wrong as the end). */
static char ahead(const struct scanner *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static size_t mark_add(struct scanner *s)
{
    struct fc_json_marks *marks = s->marks;

    if (marks->n == marks->room) {
        size_t room = marks->room == 0 ? 64 : marks->room * 2;
        struct fc_json_mark *list = FC_NEW_ARRAY(s->arena, struct fc_json_mark, room);

        if (marks->n > 0)
            memcpy(list, marks->list, marks->n * sizeof *list);
        marks->list = list;
        marks->room = room;
    }
    marks->list[marks->n].at = (uint32_t)(s->at - s->text);
    return marks->n++;
}

/* ---- scalars ---- */

static bool scan_word(struct scanner *s, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
        return refuse(s, "this is no JSON value");
    s->at += n;
    return true;
}

static bool scan_digits(struct scanner *s)
{
    if (!is_digit(ahead(s)))
        return refuse(s, "a digit is missing here");
    while (is_digit(ahead(s)))
        s->at++;
    return true;
}

static bool scan_exponent(struct scanner *s)
{
    const char *from;
    int exponent = 0;

    s->at++;
    if (ahead(s) == '+' || ahead(s) == '-')
        s->at++;
    from = s->at;
    if (!scan_digits(s))
        return false;
    for (; from < s->at && exponent <= EXPONENT_MAX; from++)
        exponent = exponent * 10 + (*from - '0');
    return exponent <= EXPONENT_MAX || refuse(s, "the exponent of this number is beyond 400");
}

static bool scan_number(struct scanner *s, size_t mark)
{
    const char *from = s->at;
    size_t n;

    if (ahead(s) == '-')
        s->at++;
    if (ahead(s) == '0') {
        s->at++;
        if (is_digit(ahead(s)))
            return refuse(s, "a number does not begin with a zero");
    } else if (!scan_digits(s)) {
        return false;
    }
    if (ahead(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if ((ahead(s) == 'e' || ahead(s) == 'E') && !scan_exponent(s))
        return false;
    n = (size_t)(s->at - from);
    if (n > NUMBER_CHARACTERS_MAX)
        return refuse(s, "this number has more than 400 characters");
    s->marks->list[mark].is_long = n > CJSON_NUMBER_CHARACTERS;
    s->marks->n_long += n > CJSON_NUMBER_CHARACTERS;
    return true;
}

/* ---- strings ---- */

/* The four hexadecimal digits at @at, or -1. */
static int32_t hex4(const struct scanner *s, const char *at)
{
    unsigned char bytes[2];

    if (s->end - at < 4 || !fc_unhex(at, 4, bytes))
        return -1;
    return bytes[0] << 8 | bytes[1];
}

/* \uXXXX, and the second half that a high surrogate asks for. */
static bool scan_unicode_escape(struct scanner *s)
{
    int32_t code = hex4(s, s->at + 2), low;

    if (code < 0)
        return refuse(s, "\\u needs four hexadecimal digits");
    if (code == 0)
        return refuse(s, "the character U+0000 cannot be stored");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return refuse(s, "this is half a surrogate pair");
    s->at += 6;
    if (code < 0xD800 || code > 0xDBFF)
        return true;
    low = s->end - s->at >= 6 && s->at[0] == '\\' && s->at[1] == 'u' ? hex4(s, s->at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return refuse(s, "half a surrogate pair comes before this");
    s->at += 6;
    return true;
}

static bool scan_escape(struct scanner *s)
{
    char c = s->end - s->at >= 2 ? s->at[1] : '\0';

    if (c == 'u')
        return scan_unicode_escape(s);
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
        return refuse(s, "JSON has no such escape");
    s->at += 2;
    return true;
}

/* A run of bytes above ASCII: whole UTF-8 sequences, since what follows them is ASCII. */
static bool scan_wide(struct scanner *s)
{
    const char *from = s->at;

    while (s->at < s->end && (unsigned char)*s->at >= 0x80)
        s->at++;
    if (fc_utf8_ok(from, (size_t)(s->at - from)))
        return true;
    s->at = from;
    return refuse(s, "this is not UTF-8");
}

static bool scan_string(struct scanner *s)
{
    for (s->at++; s->at < s->end;) {
        unsigned char c = (unsigned char)*s->at;

        if (c == '"') {
            s->at++;
            return true;
        }
        if (c == '\\') {
            if (!scan_escape(s))
                return false;
        } else if (c >= 0x80) {
            if (!scan_wide(s))
                return false;
        } else if (c < 0x20) {
            return refuse(s, "control characters must be escaped in strings");
        } else {
            s->at++;
        }
    }
    return refuse(s, "the text ends inside a string");
}

/* ---- containers ---- */

static bool scan_member(struct scanner *s, int depth)
{
    if (ahead(s) != '"')
        return refuse(s, "a member's name in double quotes is missing here");
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (ahead(s) != ':')
        return refuse(s, "a colon is missing here");
    s->at++;
    return scan_value(s, depth);
}

static bool scan_container(struct scanner *s, size_t mark, char close, int depth)
{
    uint32_t count = 0;

    if (depth > FC_JSON_DEPTH_MAX)
        return refuse(s, "nested deeper than 32 levels");
    s->at++;
    skip_space(s);
    while (ahead(s) != close || count > 0) {
        if (!(close == '}' ? scan_member(s, depth) : scan_value(s, depth)))
            return false;
        count++;
        if (ahead(s) == close)
            break;
        if (ahead(s) != ',')
            return refuse(s, "a comma or the closing bracket is missing here");
        s->at++;
        skip_space(s);
    }
    s->at++;
    s->marks->list[mark].count = count;
    return true;
}

/* One value with the white space around it. @depth: containers that are open around it. */
static bool scan_value(struct scanner *s, int depth)
{
    size_t mark;
    bool ok;

    skip_space(s);
    if (s->at == s->end)
        return refuse(s, "the text ends where a value should be");
    if (s->marks->n == FC_JSON_VALUES_MAX)
        return refuse(s, "there are more than 250000 values");
    mark = mark_add(s);
    switch (*s->at) {
    case '{':
        ok = scan_container(s, mark, '}', depth + 1);
        break;
    case '[':
        ok = scan_container(s, mark, ']', depth + 1);
        break;
    case '"':
        ok = scan_string(s);
        break;
    case 't':
        ok = scan_word(s, "true");
        break;
    case 'f':
        ok = scan_word(s, "false");
        break;
    case 'n':
        ok = scan_word(s, "null");
        break;
    default:
        ok = *s->at == '-' || is_digit(*s->at) ? scan_number(s, mark)
                                               : refuse(s, "this is no JSON value");
    }
    if (!ok)
        return false;
    s->marks->list[mark].n = (uint32_t)(s->at - s->text) - s->marks->list[mark].at;
    skip_space(s);
    return true;
}

static fc_status fail_at(const struct scanner *s, struct fc_error *error)
{
    const char *line = s->text;
    int number = 1;

    for (const char *at = s->text; at < s->at; at++) {
        if (*at == '\n') {
            line = at + 1;
            number++;
        }
    }
    return fc_fail(error, FC_E_VALIDATION, "line %d, column %zu: %s", number,
                   fc_utf8_length(line, (size_t)(s->at - line)) + 1, s->wrong);
}

fc_status fc_json_scan(struct fc_arena *arena, const char *text, size_t n,
                       struct fc_json_marks *marks, struct fc_error *error)
{
    struct scanner s = {.arena = arena, .text = text, .at = text, .end = text + n, .marks = marks};

    if (n >= UINT32_MAX)
        return fc_fail(error, FC_E_VALIDATION, "JSON text of 4 GiB and more is not read");
    *marks = (struct fc_json_marks){0};
    if (scan_value(&s, 0) && s.at < s.end)
        (void)refuse(&s, "something follows the end of the JSON value");
    return s.wrong == NULL ? FC_OK : fail_at(&s, error);
}
