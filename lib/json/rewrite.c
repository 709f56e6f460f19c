/* Answers pass through here on their way out, so this reads JSON text directly: it enters only the
 * containers that a path leads through and jumps over everything else. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "json/json.h"

enum { PATHS_MAX = 16, PARTS_MAX = 8 };

/* A set of paths, bit by bit: those that lead to or through the present value. */
typedef uint32_t paths_set;

/* The steps of all paths at one depth: which path has one of which kind, and the members' names. */
struct level {
    paths_set ends; /* here */
    paths_set members, any, elements;
    struct fc_span names[PATHS_MAX];
    uint64_t marks; /* of the names, see mark_of */
};

struct fc_json_paths {
    paths_set all;
    struct level levels[PARTS_MAX + 1];
};

struct rewriter {
    const struct fc_json_paths *paths;
    struct fc_buffer *b;
    const char *at, *end;
    const char *copied; /* all before it is in @b */
    const char *escape; /* a backslash with none between it and where it was last sought */
    bool (*rewrite)(void *context, const char *string, struct fc_buffer *b);
    void *context;
};

static void rewrite_value(struct rewriter *r, paths_set paths, int depth);

/* ---- paths ---- */

/* One of 64, so that most of the names that no path has are known without comparing them. */
static uint64_t mark_of(const char *name, size_t n)
{
    return UINT64_C(1) << ((n * 8 + (n > 0 ? (unsigned char)name[0] : 0)) % 64);
}

/* Adds the step at the beginning of @path; returns what follows it. */
static const char *part_read(const char *path, struct level *level, int i)
{
    const paths_set self = UINT32_C(1) << i;
    size_t n = strcspn(path, ".[");

    if (n == 0) {
        assert(strncmp(path, "[]", 2) == 0);
        level->elements |= self;
        n = 2;
    } else if (path[0] == '*') {
        level->any |= self;
    } else {
        level->members |= self;
        level->names[i] = (struct fc_span){path, n};
        level->marks |= mark_of(path, n);
    }
    path += n;
    return *path == '.' ? path + 1 : path;
}

const struct fc_json_paths *fc_json_paths_read(struct fc_arena *arena, const char *const *paths)
{
    struct fc_json_paths *read = FC_NEW(arena, struct fc_json_paths);

    for (int i = 0; paths[i] != NULL; i++) {
        const char *rest = fc_copy(arena, paths[i]);
        int depth = 0;

        assert(i < PATHS_MAX);
        for (; *rest != '\0'; depth++) {
            assert(depth < PARTS_MAX);
            rest = part_read(rest, &read->levels[depth], i);
        }
        read->levels[depth].ends |= UINT32_C(1) << i;
        read->all |= UINT32_C(1) << i;
    }
    return read;
}

/* Those of @paths that lead through member @name of the present object. */
static paths_set paths_of_member(const struct level *level, paths_set paths, const char *name,
                                 size_t n)
{
    paths_set inner = paths & level->any;

    if ((level->marks & mark_of(name, n)) == 0)
        return inner;
    for (paths_set left = paths & level->members; left != 0; left &= left - 1) {
        const struct fc_span part = level->names[__builtin_ctz(left)];

        if (part.n == n && memcmp(part.at, name, n) == 0)
            inner |= left & -left;
    }
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

/* Whether there is a backslash in what ends at @at and began at @from, which only ever moves on.
 * Few texts have many, so each is sought once instead of in every name. */
static bool has_escape(struct rewriter *r, const char *from)
{
    if (r->escape < from) {
        r->escape = memchr(from, '\\', (size_t)(r->end - from));
        if (r->escape == NULL)
            r->escape = r->end;
    }
    return r->escape < r->at;
}

/* The decoded string that ends at @at and began at @from. */
static const char *decoded(struct rewriter *r, const char *from)
{
    size_t n = (size_t)(r->at - from);
    const struct fc_json *value;

    if (!has_escape(r, from))
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
    if (has_escape(r, from)) {
        name = decoded(r, from);
        n = name == NULL ? 0 : strlen(name);
    }
    skip_space(r);
    if (r->at < r->end)
        r->at++; /* the colon */
    return name == NULL ? 0 : paths_of_member(&r->paths->levels[depth], paths, name, n);
}

static void rewrite_container(struct rewriter *r, paths_set paths, int depth, char close)
{
    const paths_set element = paths & r->paths->levels[depth].elements;

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
    const paths_set ends = paths & r->paths->levels[depth].ends, inner = paths & ~ends;

    skip_space(r);
    if (r->at >= r->end)
        return;
    if (inner != 0 && *r->at == '{')
        rewrite_container(r, inner, depth, '}');
    else if (inner != 0 && *r->at == '[')
        rewrite_container(r, inner, depth, ']');
    else if (ends != 0 && *r->at == '"')
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

void fc_put_rewritten(struct fc_buffer *b, const char *text, size_t n,
                      const struct fc_json_paths *paths,
                      bool (*rewrite)(void *context, const char *string, struct fc_buffer *b),
                      void *context)
{
    struct rewriter r = {.paths = paths,
                         .b = b,
                         .at = text,
                         .end = text + n,
                         .copied = text,
                         .rewrite = rewrite,
                         .context = context};

    fc_buffer_reserve(b, n + n / 8); /* what is put in is longer than what it replaces */
    skip_space(&r);
    if (r.at < r.end && *r.at == '[')
        rewrite_list(&r, paths->all);
    else
        rewrite_value(&r, paths->all, 0);
    fc_put_n(b, r.copied, (size_t)(text + n - r.copied));
}
