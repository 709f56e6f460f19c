#include <assert.h>

#include "json/node.h"

/* A JSON number taken apart: (-)0.d1d2d3… × 10^point, without a leading zero among the digits. */
struct decimal {
    bool is_negative;
    const char *digits, *end; /* digits and at most one '.', which counts for nothing here */
    int64_t point;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int64_t exponent_read(const char *at, const char *end)
{
    bool is_negative = *at == '-';
    int64_t exponent = 0;

    if (*at == '-' || *at == '+')
        at++;
    for (; at < end; at++) /* at most 400: the scanner has seen to that */
        exponent = exponent * 10 + (*at - '0');
    return is_negative ? -exponent : exponent;
}

static struct decimal decimal_read(struct fc_span text)
{
    struct decimal d = {.is_negative = *text.at == '-', .digits = text.at};
    const char *end = text.at + text.n;
    bool after_point = false, leading = true;

    d.digits += d.is_negative;
    for (d.end = d.digits; d.end < end && (is_digit(*d.end) || *d.end == '.'); d.end++) {
        if (*d.end == '.') {
            after_point = true;
            continue;
        }
        leading = leading && *d.end == '0';
        if (leading)
            d.point -= after_point;
        else
            d.point += !after_point;
    }
    if (d.end < end)
        d.point += exponent_read(d.end + 1, end);
    while (d.digits < d.end && (*d.digits == '0' || *d.digits == '.'))
        d.digits++;
    return d;
}

/* The number × 10^@shift as a whole one, cut towards zero, without its sign but negative, since
 * that side reaches further. *@next is the first digit cut off, *@is_exact whether all cut are 0.
 * False when it does not fit. */
static bool decimal_scale(const struct decimal *d, int shift, int64_t *out, int *next,
                          bool *is_exact)
{
    int64_t value = 0, places = d->point + shift; /* digits still to come before the cut */

    *next = 0;
    *is_exact = true;
    for (const char *at = d->digits; at < d->end; at++) {
        if (*at == '.')
            continue;
        if (places > 0) {
            if (__builtin_mul_overflow(value, 10, &value) ||
                __builtin_sub_overflow(value, *at - '0', &value))
                return false;
        } else {
            *next = places == 0 ? *at - '0' : *next;
            *is_exact = *is_exact && *at == '0';
        }
        places--;
    }
    for (; places > 0 && value != 0; places--)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    *out = value;
    return true;
}

static bool scaled(const struct fc_json *value, int shift, int64_t *out, bool *is_exact)
{
    struct decimal d = decimal_read(value->text);
    int64_t negative;
    int next;

    if (!decimal_scale(&d, shift, &negative, &next, is_exact))
        return false;
    if (next >= 5 && __builtin_sub_overflow(negative, 1, &negative))
        return false;
    if (d.is_negative)
        *out = negative;
    else if (__builtin_sub_overflow(0, negative, out))
        return false;
    return true;
}

bool fc_json_scaled(const struct fc_json *value, int shift, int64_t *out)
{
    bool is_exact;

    assert(fc_json_type(value) == FC_JSON_NUMBER);
    return scaled(value, shift, out, &is_exact);
}

bool fc_json_int(const struct fc_json *value, int64_t *out)
{
    int64_t whole;
    bool is_exact;

    assert(fc_json_type(value) == FC_JSON_NUMBER);
    if (!scaled(value, 0, &whole, &is_exact) || !is_exact)
        return false;
    *out = whole;
    return true;
}
