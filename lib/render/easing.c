#include "render/easing.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include <framecast/text.h>

enum { NAME_MAX_BYTES = 40 };

/* What follows "in", "out" or "inout". */
static const struct {
    const char *name;
    double power;
} powers[] = {
    {"", 2},     {"sine", 1.6}, {"quad", 2}, {"cubic", 3},  {"quart", 4},   {"quint", 5},
    {"expo", 6}, {"circ", 3},   {"back", 3}, {"bounce", 3}, {"elastic", 3},
};

static void put_letters(char *to, const char *name)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < NAME_MAX_BYTES; name++) {
        if (isalpha((unsigned char)*name))
            to[n++] = (char)tolower((unsigned char)*name);
    }
    to[n] = '\0';
}

static bool take(const char **at, const char *word)
{
    bool is_there = fc_text_starts(*at, word);

    *at += is_there ? strlen(word) : 0;
    return is_there;
}

struct fc_easing fc_easing_of(const char *name)
{
    struct fc_easing easing = {.power = 1};
    char letters[NAME_MAX_BYTES];
    const char *at = letters;
    bool is_ease;

    put_letters(letters, name);
    is_ease = take(&at, "ease");
    easing.in = take(&at, "in");
    easing.out = take(&at, "out");
    if (is_ease && !easing.in && !easing.out)
        easing.in = easing.out = true;
    for (size_t i = 0; i < sizeof powers / sizeof *powers && (easing.in || easing.out); i++) {
        if (strcmp(at, powers[i].name) == 0)
            easing.power = powers[i].power;
    }
    return easing;
}

bool fc_easing_is_linear(const struct fc_easing *easing)
{
    return easing->power <= 1 || (!easing->in && !easing->out);
}

double fc_easing_at(const struct fc_easing *easing, double way)
{
    double power = easing->power;

    if (fc_easing_is_linear(easing))
        return way;
    if (!easing->out)
        return pow(way, power);
    if (!easing->in)
        return 1 - pow(1 - way, power);
    return way < 0.5 ? pow(2 * way, power) / 2 : 1 - pow(2 - 2 * way, power) / 2;
}

const char *fc_easing_expression(struct fc_arena *arena, const struct fc_easing *easing,
                                 const char *way)
{
    double power = easing->power;

    if (fc_easing_is_linear(easing))
        return way;
    if (!easing->out)
        return fc_printf(arena, "pow(%s,%.1f)", way, power);
    if (!easing->in)
        return fc_printf(arena, "(1-pow(1-%s,%.1f))", way, power);
    return fc_printf(arena, "if(lt(%s,0.5),pow(2*%s,%.1f)/2,1-pow(2-2*%s,%.1f)/2)", way, way, power,
                     way, power);
}
