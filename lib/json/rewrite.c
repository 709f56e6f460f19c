/* Answers pass through here on their way out, so this reads JSON text directly: it enters only the
 * containers that a path leads through and jumps over everything else. */
#include <assert.h>
#include <string.h>

#include "json/json.h"

enum { PATHS_MAX = 16 };

/* Paths that lead on from the present value: each the part still to be walked, "" at its target. */
struct trail {
    const char *rest[PATHS_MAX];
    size_t n;
};

struct rewriter {
    struct fc_buffer *b;
    const char *at, *end;
    const char *copied; /* all before it is in @b */
    bool (*rewrite)(void *context, const char *string, struct fc_buffer *b);
    void *context;
};

static void rewrite_value(struct rewriter *r, const struct trail *trail);

/* ---- paths ---- */

/* A name that reads like several components is none of them. */
static bool is_path(const char *name, size_t n)
{
    return memchr(name, '.', n) != NULL || memchr(name, '[', n) != NULL;
}

/* What follows the first component of @rest when that component is @name; NULL when it is not. */
static const char *after_component(const char *rest, const char *name, size_t n)
{
    size_t length = *rest == '*' ? 1 : n;
    char next;

    if (*rest == '\0' || *rest == '[')
        return NULL; /* the target, or an element of an array */
    if (*rest != '*' && (strnlen(rest, n) < n || memcmp(rest, name, n) != 0 || is_path(name, n)))
        return NULL;
    next = rest[length];
    if (next != '\0' && next != '.' && next != '[')
        return NULL;
    return next == '.' ? rest + length + 1 : rest + length;
}

static struct trail trail_member(const struct trail *trail, const char *name, size_t n)
{
    struct trail inner = {.n = 0};

    for (size_t i = 0; i < trail->n; i++) {
        const char *rest = after_component(trail->rest[i], name, n);

        if (rest != NULL)
            inner.rest[inner.n++] = rest;
    }
    return inner;
}

static struct trail trail_element(const struct trail *trail)
{
    struct trail inner = {.n = 0};

    for (size_t i = 0; i < trail->n; i++)
        if (strncmp(trail->rest[i], "[]", 2) == 0)
            inner.rest[inner.n++] = trail->rest[i] + (trail->rest[i][2] == '.' ? 3 : 2);
    return inner;
}

/* ---- text ---- */

static void skip_space(struct rewriter *r)
{
    while (r->at < r->end && (unsigned char)*r->at <= ' ')
        r->at++;
}

/* @at is at the opening quote; ends behind the closing one. False when there is none. */
static bool skip_string(struct rewriter *r)
{
    const char *from = r->at + 1;

    for (;;) {
        const char *quote = memchr(from, '"', (size_t)(r->end - from)), *slash = quote;

        if (quote == NULL) {
            r->at = r->end;
            return false;
        }
        while (slash > r->at + 1 && slash[-1] == '\\')
            slash--;
        from = quote + 1;
        if ((quote - slash) % 2 == 0) {
            r->at = from;
            return true;
        }
    }
}

static void skip_value(struct rewriter *r)
{
    size_t depth = 0;

    while (r->at < r->end) {
        char c = *r->at;

        if (c == '"') {
            (void)skip_string(r);
            if (depth == 0)
                return;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return; /* a number or word ended before the bracket around it */
            if (--depth == 0) {
                r->at++;
                return;
            }
        } else if (c == ',' && depth == 0) {
            return;
        }
        r->at++;
    }
}

/* The decoded string that ends at @at and began at @from. */
static const char *decoded(struct rewriter *r, const char *from)
{
    size_t n = (size_t)(r->at - from);
    const struct fc_json *value;

    if (memchr(from, '\\', n) == NULL)
        return fc_copy_n(r->b->arena, from + 1, n - 2);
    if (fc_json_parse(r->b->arena, from, n, &value, NULL) != FC_OK)
        return NULL;
    return fc_json_string(value);
}

/* ---- the walk ---- */

static void rewrite_string(struct rewriter *r)
{
    const char *from = r->at, *string;
    size_t before;

    string = skip_string(r) ? decoded(r, from) : NULL;
    if (string == NULL)
        return;
    fc_put_n(r->b, r->copied, (size_t)(from - r->copied));
    r->copied = from;
    before = r->b->n;
    if (r->rewrite(r->context, string, r->b)) {
        r->copied = r->at;
    } else if (r->b->n > before) {
        r->b->n = before;
        r->b->data[before] = '\0';
    }
}

/* A member's name, and the paths that lead on from it. */
static struct trail enter_member(struct rewriter *r, const struct trail *trail)
{
    const char *from = r->at, *name = from + 1;
    struct trail inner = {.n = 0};
    size_t n;

    if (!skip_string(r))
        return inner;
    n = (size_t)(r->at - from) - 2;
    if (memchr(name, '\\', n) != NULL) {
        name = decoded(r, from);
        n = name == NULL ? 0 : strlen(name);
    }
    if (name != NULL)
        inner = trail_member(trail, name, n);
    skip_space(r);
    if (r->at < r->end)
        r->at++; /* the colon */
    return inner;
}

static void rewrite_container(struct rewriter *r, const struct trail *trail, char close)
{
    const struct trail element = close == ']' ? trail_element(trail) : (struct trail){.n = 0};

    r->at++;
    while (skip_space(r), r->at < r->end && *r->at != close) {
        const char *from = r->at;

        if (*r->at == ',') {
            r->at++;
        } else if (close == ']') {
            rewrite_value(r, &element);
        } else if (*r->at == '"') {
            struct trail member = enter_member(r, trail);

            rewrite_value(r, &member);
        }
        if (r->at == from)
            r->at = r->end; /* no JSON: the rest stays as it is */
    }
    if (r->at < r->end)
        r->at++;
}

static bool is_target(const struct trail *trail)
{
    for (size_t i = 0; i < trail->n; i++)
        if (*trail->rest[i] == '\0')
            return true;
    return false;
}

static void rewrite_value(struct rewriter *r, const struct trail *trail)
{
    skip_space(r);
    if (r->at >= r->end)
        return;
    if (trail->n > 0 && *r->at == '{')
        rewrite_container(r, trail, '}');
    else if (trail->n > 0 && *r->at == '[')
        rewrite_container(r, trail, ']');
    else if (*r->at == '"' && is_target(trail))
        rewrite_string(r);
    else
        skip_value(r);
}

/* The elements of an array that is the whole text: each is walked as if it stood alone. */
static void rewrite_list(struct rewriter *r, const struct trail *trail)
{
    r->at++;
    while (skip_space(r), r->at < r->end && *r->at != ']') {
        const char *from = r->at;

        rewrite_value(r, trail);
        if (r->at < r->end && *r->at == ',')
            r->at++;
        if (r->at == from)
            break; /* no JSON either */
    }
}

void fc_put_rewritten(struct fc_buffer *b, const char *text, size_t n, const char *const *paths,
                      bool (*rewrite)(void *context, const char *string, struct fc_buffer *b),
                      void *context)
{
    struct rewriter r = {.b = b,
                         .at = text,
                         .end = text + n,
                         .copied = text,
                         .rewrite = rewrite,
                         .context = context};
    struct trail trail = {.n = 0};

    fc_buffer_reserve(b, n + n / 8); /* what is put in is longer than what it replaces */
    for (; paths[trail.n] != NULL; trail.n++) {
        assert(trail.n < PATHS_MAX);
        trail.rest[trail.n] = paths[trail.n];
    }
    skip_space(&r);
    if (r.at < r.end && *r.at == '[')
        rewrite_list(&r, &trail);
    else
        rewrite_value(&r, &trail);
    fc_put_n(b, r.copied, (size_t)(text + n - r.copied));
}
