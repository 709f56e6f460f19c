#include "yaml/yaml.h"

#include <stdbool.h>
#include <string.h>

#include <yaml.h>

#include "yaml/pairs.h"
#include "yaml/scalar.h"

struct line {
    struct line *before;
    const char *path;
    size_t n_path, line;
};

struct fc_yaml_lines {
    struct line *last;
};

struct converter {
    struct fc_arena *arena;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    struct fc_yaml_pairs pairs;
    struct fc_buffer *json;
    struct fc_yaml_lines *lines; /* NULL: not wanted */
    struct fc_buffer path;       /* of the present value, kept only for the lines */
    int depth;
    size_t n_values;
    struct fc_error *error;
};

static fc_status put_node(struct converter *c);

/* ---- events ---- */

static size_t event_line(const struct converter *c)
{
    return c->event.start_mark.line + 1;
}

static fc_status refuse(const struct converter *c, const char *why)
{
    return fc_fail(c->error, FC_E_VALIDATION, "line %zu: %s", event_line(c), why);
}

/* The character that stopped libyaml is a tab. */
static bool stopped_at_tab(const struct converter *c)
{
    const yaml_parser_t *parser = &c->parser;
    const unsigned char *at = parser->input.string.start, *end = parser->input.string.end;

    for (size_t line = 0; line < parser->problem_mark.line && at < end; at++)
        line += *at == '\n';
    at += fc_utf8_prefix((const char *)at, (size_t)(end - at), parser->problem_mark.column);
    return at < end && *at == '\t';
}

static fc_status fail_as_parser(const struct converter *c)
{
    const yaml_parser_t *parser = &c->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "this is no YAML";
    size_t line = parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR)
        abort();
    if (parser->error == YAML_READER_ERROR)
        return fc_fail(c->error, FC_E_VALIDATION, "line %zu: %s", parser->mark.line + 1, problem);
    if (parser->error == YAML_SCANNER_ERROR && stopped_at_tab(c))
        return fc_fail(c->error, FC_E_VALIDATION, "line %zu: tabs cannot indent, use spaces", line);
    if (parser->context != NULL && parser->context_mark.line + 1 != line)
        return fc_fail(c->error, FC_E_VALIDATION, "line %zu: %s %s that begins in line %zu", line,
                       problem, parser->context, parser->context_mark.line + 1);
    return fc_fail(c->error, FC_E_VALIDATION, "line %zu: %s", line, problem);
}

static fc_status advance(struct converter *c)
{
    yaml_event_delete(&c->event);
    return yaml_parser_parse(&c->parser, &c->event) ? FC_OK : fail_as_parser(c);
}

static fc_status expect(struct converter *c, yaml_event_type_t type)
{
    fc_status st = advance(c);

    if (st != FC_OK || c->event.type == type)
        return st;
    if (type == YAML_DOCUMENT_START_EVENT)
        return refuse(c, "there is no document");
    if (type == YAML_STREAM_END_EVENT)
        return refuse(c, "a second document begins here, only one is read");
    return refuse(c, "this is not expected here");
}

/* ---- lines ---- */

static void note_line(struct converter *c, size_t line)
{
    struct line *entry;

    if (c->lines == NULL)
        return;
    entry = FC_NEW(c->arena, struct line);
    entry->path = fc_copy_n(c->arena, c->path.data, c->path.n);
    entry->n_path = c->path.n;
    entry->line = line;
    entry->before = c->lines->last;
    c->lines->last = entry;
}

static void path_cut(struct converter *c, size_t n)
{
    if (c->path.n > n) {
        c->path.n = n;
        c->path.data[n] = '\0';
    }
}

/* @path is @whole or lies below it. */
static bool is_within(const char *path, const struct line *whole)
{
    char next;

    if (strncmp(path, whole->path, whole->n_path) != 0)
        return false;
    next = path[whole->n_path];
    return whole->n_path == 0 || next == '\0' || next == '.' || next == '[';
}

size_t fc_yaml_line_of(const struct fc_yaml_lines *lines, const char *path)
{
    const struct line *best = NULL;

    for (const struct line *entry = lines->last; entry != NULL; entry = entry->before)
        if ((best == NULL || entry->n_path > best->n_path) && is_within(path, entry))
            best = entry;
    return best == NULL ? 1 : best->line;
}

/* ---- values ---- */

static bool holds_nul(const struct converter *c)
{
    return memchr(c->event.data.scalar.value, '\0', c->event.data.scalar.length) != NULL;
}

static struct fc_span text_of(const struct converter *c)
{
    struct fc_span text = {(const char *)c->event.data.scalar.value, c->event.data.scalar.length};
    bool is_double_quoted = c->event.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;

    return fc_yaml_pairs_show(c->arena, text, is_double_quoted, &c->pairs);
}

static bool is_plain(const struct converter *c)
{
    return c->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* What no event may carry. */
static fc_status refuse_marked(const struct converter *c, const yaml_char_t *anchor,
                               const yaml_char_t *tag)
{
    if (anchor != NULL)
        return refuse(c, "anchors (&name) are not read here");
    if (tag != NULL)
        return refuse(c, "tags (!name) are not read here");
    return FC_OK;
}

static fc_status scalar_ok(const struct converter *c)
{
    fc_status st = refuse_marked(c, c->event.data.scalar.anchor, c->event.data.scalar.tag);

    if (st == FC_OK && holds_nul(c))
        return refuse(c, "the character U+0000 cannot be stored");
    return st;
}

static fc_status put_scalar(struct converter *c)
{
    fc_status st = scalar_ok(c);
    const char *wrong = NULL;
    struct fc_span text;

    if (st != FC_OK)
        return st;
    text = text_of(c);
    if (is_plain(c))
        wrong = fc_yaml_put_plain(c->json, text.at, text.n);
    else
        fc_put_json_n(c->json, text.at, text.n);
    return wrong == NULL ? FC_OK : refuse(c, wrong);
}

/* The present event is a key: it is written, and its line noted for the value that follows. */
static fc_status put_key(struct converter *c)
{
    struct fc_span text;
    fc_status st;

    if (c->event.type == YAML_ALIAS_EVENT)
        return refuse(c, "aliases (*name) are not read here");
    if (c->event.type != YAML_SCALAR_EVENT)
        return refuse(c, "a key must be a scalar");
    st = scalar_ok(c);
    if (st != FC_OK)
        return st;
    text = text_of(c);
    if (is_plain(c) && fc_span_is(text, "<<"))
        return refuse(c, "merge keys (<<) are not read here");
    fc_put_json_n(c->json, text.at, text.n);
    fc_put_char(c->json, ':');
    if (c->lines != NULL)
        fc_put_path(&c->path, text.at, text.n);
    note_line(c, event_line(c));
    return FC_OK;
}

static fc_status put_mapping(struct converter *c)
{
    size_t n_path = c->path.n;
    fc_status st = refuse_marked(c, c->event.data.mapping_start.anchor,
                                 c->event.data.mapping_start.tag);

    fc_put_char(c->json, '{');
    for (bool is_first = true; st == FC_OK; is_first = false) {
        st = advance(c);
        if (st != FC_OK || c->event.type == YAML_MAPPING_END_EVENT)
            break;
        if (!is_first)
            fc_put_char(c->json, ',');
        st = put_key(c);
        if (st == FC_OK)
            st = advance(c);
        if (st == FC_OK)
            st = put_node(c);
        path_cut(c, n_path);
    }
    fc_put_char(c->json, '}');
    return st;
}

static fc_status put_sequence(struct converter *c)
{
    size_t n_path = c->path.n;
    fc_status st = refuse_marked(c, c->event.data.sequence_start.anchor,
                                 c->event.data.sequence_start.tag);

    fc_put_char(c->json, '[');
    for (size_t i = 0; st == FC_OK; i++) {
        st = advance(c);
        if (st != FC_OK || c->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (i > 0)
            fc_put_char(c->json, ',');
        if (c->lines != NULL)
            fc_putf(&c->path, "[%zu]", i);
        note_line(c, event_line(c));
        st = put_node(c);
        path_cut(c, n_path);
    }
    fc_put_char(c->json, ']');
    return st;
}

/* The value that begins with the present event, to its last one. */
static fc_status put_node(struct converter *c)
{
    fc_status st;

    if (++c->n_values > FC_YAML_VALUES_MAX)
        return refuse(c, "there are more than 250000 values");
    switch (c->event.type) {
    case YAML_SCALAR_EVENT:
        return put_scalar(c);
    case YAML_ALIAS_EVENT:
        return refuse(c, "aliases (*name) are not read here");
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (++c->depth > FC_YAML_DEPTH_MAX)
            return refuse(c, "nested deeper than 32 levels");
        st = c->event.type == YAML_MAPPING_START_EVENT ? put_mapping(c) : put_sequence(c);
        c->depth--;
        return st;
    default:
        return refuse(c, "a value is missing here");
    }
}

static fc_status put_document(struct converter *c)
{
    fc_status st = expect(c, YAML_STREAM_START_EVENT);

    if (st == FC_OK)
        st = expect(c, YAML_DOCUMENT_START_EVENT);
    if (st != FC_OK)
        return st;
    if (c->event.data.document_start.tag_directives.start !=
        c->event.data.document_start.tag_directives.end)
        return refuse(c, "tags (%TAG) are not read here");
    st = advance(c);
    if (st != FC_OK)
        return st;
    note_line(c, event_line(c));
    st = put_node(c);
    if (st == FC_OK)
        st = expect(c, YAML_DOCUMENT_END_EVENT);
    return st == FC_OK ? expect(c, YAML_STREAM_END_EVENT) : st;
}

fc_status fc_yaml_to_json(struct fc_arena *arena, const char *text, size_t n,
                          struct fc_buffer *json, struct fc_yaml_lines **lines,
                          struct fc_error *error)
{
    struct converter c = {
        .arena = arena, .json = json, .path = fc_buffer_in(arena), .error = error};
    struct fc_span input;
    fc_status st;

    if (n > FC_YAML_BYTES_MAX)
        return fc_fail(error, FC_E_VALIDATION, "YAML of more than 5 MiB is not read");
    if (lines != NULL)
        c.lines = FC_NEW(arena, struct fc_yaml_lines);
    input = fc_yaml_pairs_hide(arena, (struct fc_span){text, n}, &c.pairs);
    if (!yaml_parser_initialize(&c.parser))
        abort(); /* only for want of memory */
    yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&c.parser, (const unsigned char *)input.at, input.n);
    st = put_document(&c);
    yaml_event_delete(&c.event);
    yaml_parser_delete(&c.parser);
    if (st == FC_OK && lines != NULL)
        *lines = c.lines;
    return st;
}
