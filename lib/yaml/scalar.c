#include "yaml/scalar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    NUMBER_CHARACTERS_MAX = 400,
    EXPONENT_MAX = 400,
    LIMB = 1000000000, /* hexadecimal numbers are turned over in steps of nine decimal digits */
    LIMBS_MAX = NUMBER_CHARACTERS_MAX / 9 + 1
};

static const char too_long[] = "a number has at most 400 characters";

static bool is_one_of(struct fc_span text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (fc_span_is(text, *words))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *at, const char *end)
{
    size_t n = 0;

    while (at + n < end && is_digit(at[n]))
        n++;
    return n;
}

/* ---- 0x and 0o ---- */

static int digit_of(char c, int bits)
{
    int value = is_digit(c)              ? c - '0'
                : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                         : 16;

    return value < 1 << bits ? value : -1;
}

static bool is_based(const char *text, size_t n, int bits)
{
    for (size_t i = 2; i < n; i++)
        if (digit_of(text[i], bits) < 0)
            return false;
    return n > 2;
}

/* Digits of 3 or 4 bits each, written as a decimal number. */
static const char *put_based(struct fc_buffer *json, const char *text, size_t n, int bits)
{
    uint32_t limbs[LIMBS_MAX] = {0}; /* the least first */
    size_t n_limbs = 1;
    int n_digits;

    for (size_t i = 2; i < n; i++) {
        uint64_t carry = (uint64_t)digit_of(text[i], bits);

        for (size_t k = 0; k < n_limbs; k++) {
            carry += (uint64_t)limbs[k] << bits;
            limbs[k] = (uint32_t)(carry % LIMB);
            carry /= LIMB;
        }
        if (carry > 0 && n_limbs == LIMBS_MAX)
            return too_long;
        if (carry > 0)
            limbs[n_limbs++] = (uint32_t)carry;
    }
    n_digits = snprintf(NULL, 0, "%u", limbs[n_limbs - 1]) + 9 * (int)(n_limbs - 1);
    if (n_digits > NUMBER_CHARACTERS_MAX)
        return too_long;
    fc_putf(json, "%u", limbs[--n_limbs]);
    while (n_limbs-- > 0)
        fc_putf(json, "%09u", limbs[n_limbs]);
    return NULL;
}

/* ---- decimals ---- */

/* [-+]? ( . digits | digits ( . digits? )? ) ( [eE] [-+]? digits )? */
struct decimal {
    bool is_negative;
    struct fc_span whole, fraction, exponent; /* digits only, the exponent with its sign */
    bool has_exponent;
};

static struct fc_span take_digits(const char **at, const char *end)
{
    struct fc_span span = {*at, digits(*at, end)};

    *at += span.n;
    return span;
}

static bool decimal_read(struct fc_span text, struct decimal *d)
{
    const char *at = text.at, *end = at + text.n;

    *d = (struct decimal){0};
    if (at < end && (*at == '-' || *at == '+'))
        d->is_negative = *at++ == '-';
    d->whole = take_digits(&at, end);
    if (at < end && *at == '.') {
        at++;
        d->fraction = take_digits(&at, end);
    }
    if (d->whole.n + d->fraction.n == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *from = ++at;

        d->has_exponent = true;
        at += at < end && (*at == '-' || *at == '+');
        if (take_digits(&at, end).n == 0)
            return false;
        d->exponent = (struct fc_span){from, (size_t)(at - from)};
    }
    return at == end;
}

static bool exponent_ok(struct fc_span exponent)
{
    int value = 0;

    for (size_t i = 0; i < exponent.n && value <= EXPONENT_MAX; i++)
        if (is_digit(exponent.at[i]))
            value = value * 10 + (exponent.at[i] - '0');
    return value <= EXPONENT_MAX;
}

static const char *put_decimal(struct fc_buffer *json, struct decimal d)
{
    while (d.whole.n > 1 && *d.whole.at == '0') {
        d.whole.at++;
        d.whole.n--;
    }
    if (d.whole.n + d.fraction.n + d.exponent.n + 3 > NUMBER_CHARACTERS_MAX)
        return too_long;
    if (!exponent_ok(d.exponent))
        return "the exponent of a number is at most 400";
    if (d.is_negative)
        fc_put_char(json, '-');
    if (d.whole.n == 0)
        fc_put_char(json, '0');
    fc_put_n(json, d.whole.at, d.whole.n);
    if (d.fraction.n > 0) {
        fc_put_char(json, '.');
        fc_put_n(json, d.fraction.at, d.fraction.n);
    }
    if (d.has_exponent) {
        fc_put_char(json, 'e');
        fc_put_n(json, d.exponent.at, d.exponent.n);
    }
    return NULL;
}

/* ---- all of them ---- */

static bool is_beyond_json(struct fc_span text)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL};

    if (text.n == 5 && (*text.at == '-' || *text.at == '+'))
        return is_one_of((struct fc_span){text.at + 1, 4},
                         (const char *const[]){".inf", ".Inf", ".INF", NULL});
    return is_one_of(text, words);
}

const char *fc_yaml_put_plain(struct fc_buffer *json, const char *text, size_t n)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    struct fc_span span = {text, n};
    struct decimal decimal;

    if (is_one_of(span, nulls))
        fc_put(json, "null");
    else if (is_one_of(span, trues))
        fc_put(json, "true");
    else if (is_one_of(span, falses))
        fc_put(json, "false");
    else if (is_beyond_json(span))
        return ".inf and .nan are no numbers here";
    else if (n > 2 && memcmp(text, "0x", 2) == 0 && is_based(text, n, 4))
        return put_based(json, text, n, 4);
    else if (n > 2 && memcmp(text, "0o", 2) == 0 && is_based(text, n, 3))
        return put_based(json, text, n, 3);
    else if (decimal_read(span, &decimal))
        return put_decimal(json, decimal);
    else
        fc_put_json_n(json, text, n);
    return NULL;
}
