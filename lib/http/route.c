#include <string.h>

#include "http/internal.h"

static const char *const method_names[] = {"GET",    "POST",    "PUT", "PATCH",
                                           "DELETE", "OPTIONS", "HEAD"};

enum fc_method fc_method_parse(const char *name)
{
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++)
        if (strcmp(method_names[i], name) == 0)
            return (enum fc_method)i;
    return FC_METHOD_OTHER;
}

const char *fc_method_name(enum fc_method method)
{
    return method < FC_METHOD_OTHER ? method_names[method] : "OTHER";
}

const char *fc_route_method(const struct fc_route *route)
{
    return fc_method_name(route->method);
}

/* ---- the table, compiled ---- */

static bool names_an_id(const char *name)
{
    size_t n = strlen(name);

    return strcmp(name, "id") == 0 || (n > 3 && strcmp(name + n - 3, "_id") == 0);
}

static struct fc_segment compile_segment(char *text)
{
    size_t n = strlen(text);

    if (text[0] != '{')
        return (struct fc_segment){.text = text};
    text[n - 1] = '\0';
    if (n > 5 && strcmp(text + n - 4, "...") == 0)
        return (struct fc_segment){.is_rest = true};
    return (struct fc_segment){.is_id = names_an_id(text + 1)};
}

static void compile_path(struct fc_arena *arena, struct fc_path *path, const struct fc_route *route)
{
    char *rest = fc_copy(arena, route->path + 1), *segment;

    path->route = route;
    while ((segment = strsep(&rest, "/")) != NULL)
        path->segments[path->n++] = compile_segment(segment);
}

static bool ends_in_rest(const struct fc_path *path)
{
    return path->segments[path->n - 1].is_rest;
}

/* Puts @path, whose followers in the table are filed, in front of those of its pattern, and the
 * pattern among those that may match as many segments. */
static void file_path(struct fc_paths *paths, struct fc_path *path)
{
    struct fc_path **at = ends_in_rest(path) ? &paths->rests : &paths->by_length[path->n];

    for (struct fc_path **other = at; *other != NULL; other = &(*other)->next_pattern)
        if (strcmp((*other)->route->path, path->route->path) == 0) {
            path->next_method = *other;
            *other = (*other)->next_pattern;
            break;
        }
    path->next_pattern = *at;
    *at = path;
}

struct fc_paths fc_paths_compile(struct fc_arena *arena, const struct fc_route *const *tables)
{
    struct fc_paths paths = {0};

    for (const struct fc_route *const *table = tables; *table != NULL; table++)
        for (const struct fc_route *route = *table; route->path != NULL; route++)
            paths.n++;
    paths.at = FC_NEW_ARRAY(arena, struct fc_path, (size_t)paths.n);
    paths.n = 0;
    for (const struct fc_route *const *table = tables; *table != NULL; table++)
        for (const struct fc_route *route = *table; route->path != NULL; route++, paths.n++) {
            compile_path(arena, &paths.at[paths.n], route);
            paths.at[paths.n].index = paths.n;
        }
    for (int i = paths.n - 1; i >= 0; i--)
        file_path(&paths, &paths.at[i]);
    return paths;
}

/* ---- finding ---- */

struct split {
    char *segments[SEGMENTS_MAX];    /* decoded */
    const char *rests[SEGMENTS_MAX]; /* where each begins in the path as it came */
    int n;
    bool is_broken, has_more;
};

static struct split split_path(struct fc_arena *arena, const char *path)
{
    struct split split = {0};
    char *copy = fc_copy(arena, path + 1), *rest = copy, *segment;

    while ((segment = strsep(&rest, "/")) != NULL) {
        size_t n;

        if (split.n == SEGMENTS_MAX) {
            split.has_more = true; /* only a path that ends in a rest can match now */
            break;
        }
        split.rests[split.n] = path + 1 + (segment - copy);
        if (!fc_url_decode(segment, &n) || !fc_utf8_ok(segment, n))
            split.is_broken = true;
        split.segments[split.n++] = segment;
    }
    return split;
}

/* -1: no match; else the better the higher: each fixed segment counts for one, the earlier the
 * more. */
static int match(const struct fc_path *path, const struct split *split)
{
    int score = 0;

    for (int i = 0; i < path->n; i++) {
        const struct fc_segment *segment = &path->segments[i];

        if (i >= split->n)
            return -1;
        if (segment->is_rest)
            return split->rests[i][0] != '\0' ? score : -1;
        if (segment->text != NULL && strcmp(segment->text, split->segments[i]) != 0)
            return -1;
        if (segment->text == NULL && split->segments[i][0] == '\0')
            return -1;
        score = score * 2 + (segment->text != NULL);
    }
    return path->n == split->n && !split->has_more ? score << (SEGMENTS_MAX - path->n) : -1;
}

static const char *allowed(const struct fc_path *pattern, struct fc_arena *arena)
{
    struct fc_buffer list = fc_buffer_in(arena);

    for (const struct fc_path *path = pattern; path != NULL; path = path->next_method)
        fc_putf(&list, "%s%s", list.n > 0 ? ", " : "", fc_method_name(path->route->method));
    return list.data;
}

static bool serves(const struct fc_route *route, enum fc_method method)
{
    return route->method == method ||
           (method == FC_HEAD && route->method == FC_GET && (route->flags & FC_NO_HEAD) == 0);
}

static fc_status take_params(const struct fc_path *path, const struct split *split,
                             struct fc_request *rq)
{
    int n = 0;

    for (int i = 0; i < path->n; i++) {
        const struct fc_segment *segment = &path->segments[i];
        size_t bytes;
        char *rest;

        if (segment->text != NULL)
            continue;
        rq->params[n] = split->segments[i];
        if (segment->is_rest) {
            rest = fc_copy(rq->arena, split->rests[i]);
            if (!fc_url_decode(rest, &bytes) || !fc_utf8_ok(rest, bytes))
                return FC_E_NOT_FOUND;
            rq->params[n] = rest;
        }
        n++;
    }
    return FC_OK;
}

/* The best of @patterns, unless *best is as good. */
static void match_all(const struct fc_path *patterns, const struct split *split,
                      const struct fc_path **best, int *best_score)
{
    for (const struct fc_path *path = patterns; path != NULL; path = path->next_pattern) {
        int score = match(path, split);

        if (score > *best_score) {
            *best = path;
            *best_score = score;
        }
    }
}

fc_status fc_route_find(const struct fc_paths *paths, struct fc_request *rq,
                        const struct fc_path **path, const char **allow)
{
    struct split split;
    const struct fc_path *best = NULL, *found;
    int best_score = -1;

    if (rq->path[0] != '/') /* "*", or nothing before the query */
        return FC_E_NOT_FOUND;
    split = split_path(rq->arena, rq->path);
    if (split.is_broken)
        return FC_E_NOT_FOUND;
    match_all(paths->by_length[split.n], &split, &best, &best_score);
    match_all(paths->rests, &split, &best, &best_score);
    if (best == NULL)
        return FC_E_NOT_FOUND;
    for (found = best; found != NULL; found = found->next_method)
        if (serves(found->route, rq->method))
            break;
    *path = found != NULL ? found : best;
    if (found == NULL) {
        *allow = allowed(best, rq->arena);
        return FC_E_METHOD;
    }
    return take_params(found, &split, rq);
}
