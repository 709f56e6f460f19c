#include "media/range.h"

#include <string.h>

#include <framecast/text.h>

/* Digits at @at up to @end become *@value; a number too large for a file is as good as the largest.
 * */
static bool number_read(const char *at, const char *end, int64_t *value)
{
    int64_t number = 0;

    if (at == end)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (number > (INT64_MAX - 9) / 10)
            number = (INT64_MAX - 9) / 10;
        number = number * 10 + (*at - '0');
    }
    *value = number;
    return true;
}

static struct fc_range part(int64_t first, int64_t last, int64_t size)
{
    if (first >= size || first > last)
        return (struct fc_range){.kind = FC_RANGE_OUTSIDE};
    if (last >= size)
        last = size - 1;
    return (struct fc_range){FC_RANGE_PART, first, last - first + 1};
}

struct fc_range fc_range_read(const char *header, int64_t size)
{
    static const char unit[] = "bytes=";
    const struct fc_range whole = {FC_RANGE_WHOLE, 0, size};
    const char *at, *dash, *end;
    int64_t first, last;

    if (header == NULL || strncasecmp(header, unit, strlen(unit)) != 0)
        return whole;
    at = header + strlen(unit) + strspn(header + strlen(unit), " \t");
    end = at + strcspn(at, " \t,");
    dash = memchr(at, '-', (size_t)(end - at));
    if (dash == NULL || end[strspn(end, " \t")] != '\0')
        return whole;
    if (dash == at) /* the last so many bytes */
        return number_read(dash + 1, end, &last)
                   ? part(last < size ? size - last : 0, size - 1, size)
                   : whole;
    if (!number_read(at, dash, &first))
        return whole;
    if (dash + 1 == end)
        return part(first, INT64_MAX, size);
    if (!number_read(dash + 1, end, &last) || last < first) /* the latter is no valid range */
        return whole;
    return part(first, last, size);
}
