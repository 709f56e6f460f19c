/* Answers pass through here on their way out, so this reads JSON text directly: it enters only the
 * containers that a path leads through and jumps over everything else. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "json/json.h"

enum { PATHS_MAX = 16, PARTS_MAX = 8 };

/* One step of a path: a member's name, any member, or an element of an array. */
struct part {
    enum { PART_MEMBER, PART_ANY, PART_ELEMENT } kind;
    const char *name;
    size_t n;
};

/* A set of paths, bit by bit: those that lead to or through the present value. */
typedef uint32_t paths_set;

struct rewriter {
    struct fc_buffer *b;
    const char *at, *end;
    const char *copied; /* all before it is in @b */
    bool (*rewrite)(void *context, const char *string, struct fc_buffer *b);
    void *context;
    struct part parts[PARTS_MAX][PATHS_MAX]; /* by depth */
    paths_set ends[PARTS_MAX + 1];           /* by depth: the paths that end there */
};

static void rewrite_value(struct rewriter *r, paths_set paths, int depth);

/* ---- paths ---- */

/* The step at the beginning of @path; returns what follows it. */
static const char *part_read(const char *path, struct part *part)
{
    size_t n = strcspn(path, ".[");

    part->name = path;
    part->n = n;
    if (n > 0) {
        part->kind = path[0] == '*' ? PART_ANY : PART_MEMBER;
        path += n;
    } else {
        assert(strncmp(path, "[]", 2) == 0);
        part->kind = PART_ELEMENT;
        path += 2;
    }
    return *path == '.' ? path + 1 : path;
}

static paths_set paths_read(struct rewriter *r, const char *const *paths)
{
    paths_set all = 0;

    for (int i = 0; paths[i] != NULL; i++) {
        const char *rest = paths[i];
        int depth = 0;

        assert(i < PATHS_MAX);
        for (; *rest != '\0'; depth++) {
            assert(depth < PARTS_MAX);
            rest = part_read(rest, &r->parts[depth][i]);
        }
        r->ends[depth] |= UINT32_C(1) << i;
        all |= UINT32_C(1) << i;
    }
    return all;
}

/* Those of @paths that lead through member @name of the present object. */
static paths_set paths_of_member(const struct rewriter *r, paths_set paths, int depth,
                                 const char *name, size_t n)
{
    paths_set inner = 0;

    for (paths_set left = paths & ~r->ends[depth]; left != 0; left &= left - 1) {
        const struct part *part = &r->parts[depth][__builtin_ctz(left)];

        if (part->kind == PART_ANY ||
            (part->kind == PART_MEMBER && part->n == n && memcmp(part->name, name, n) == 0))
            inner |= left & -left;
    }
    return inner;
}

static paths_set paths_of_elements(const struct rewriter *r, paths_set paths, int depth)
{
    paths_set inner = 0;

    for (paths_set left = paths & ~r->ends[depth]; left != 0; left &= left - 1)
        if (r->parts[depth][__builtin_ctz(left)].kind == PART_ELEMENT)
            inner |= left & -left;
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

/* A member's name: the paths that lead on from it. */
static paths_set enter_member(struct rewriter *r, paths_set paths, int depth)
{
    const char *from = r->at, *name = from + 1;
    size_t n;

    if (!skip_string(r))
        return 0;
    n = (size_t)(r->at - from) - 2;
    if (memchr(name, '\\', n) != NULL) {
        name = decoded(r, from);
        n = name == NULL ? 0 : strlen(name);
    }
    skip_space(r);
    if (r->at < r->end)
        r->at++; /* the colon */
    return name == NULL ? 0 : paths_of_member(r, paths, depth, name, n);
}

static void rewrite_container(struct rewriter *r, paths_set paths, int depth, char close)
{
    const paths_set element = close == ']' ? paths_of_elements(r, paths, depth) : 0;

    r->at++;
    while (skip_space(r), r->at < r->end && *r->at != close) {
        const char *from = r->at;

        if (*r->at == ',')
            r->at++;
        else if (close == ']')
            rewrite_value(r, element, depth + 1);
        else if (*r->at == '"')
            rewrite_value(r, enter_member(r, paths, depth), depth + 1);
        if (r->at == from)
            r->at = r->end; /* no JSON: the rest stays as it is */
    }
    if (r->at < r->end)
        r->at++;
}

static void rewrite_value(struct rewriter *r, paths_set paths, int depth)
{
    skip_space(r);
    if (r->at >= r->end)
        return;
    if (paths != 0 && *r->at == '{')
        rewrite_container(r, paths, depth, '}');
    else if (paths != 0 && *r->at == '[')
        rewrite_container(r, paths, depth, ']');
    else if (paths != 0 && *r->at == '"' && (paths & r->ends[depth]) != 0)
        rewrite_string(r);
    else
        skip_value(r);
}

/* The elements of an array that is the whole text: each is walked as if it stood alone. */
static void rewrite_list(struct rewriter *r, paths_set paths)
{
    r->at++;
    while (skip_space(r), r->at < r->end && *r->at != ']') {
        const char *from = r->at;

        rewrite_value(r, paths, 0);
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
    const paths_set all = paths_read(&r, paths);

    fc_buffer_reserve(b, n + n / 8); /* what is put in is longer than what it replaces */
    skip_space(&r);
    if (r.at < r.end && *r.at == '[')
        rewrite_list(&r, all);
    else
        rewrite_value(&r, all, 0);
    fc_put_n(b, r.copied, (size_t)(text + n - r.copied));
}
