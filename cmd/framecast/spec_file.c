#include "spec_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "api.h"
#include "terminal.h"

enum { FILE_BYTES_MAX = 5 * 1024 * 1024 }; /* what the server reads at most */

/* ---- reading ---- */

static enum exit_code read_all(struct client *client, FILE *from, const char *name,
                               struct fc_buffer *text)
{
    char piece[16384];

    *text = fc_buffer_in(client->arena);
    for (size_t n; (n = fread(piece, 1, sizeof piece, from)) > 0;) {
        fc_put_n(text, piece, n);
        if (text->n > FILE_BYTES_MAX) {
            complain("%s is larger than 5 MiB; a storyboard has at most 100 KB", name);
            return CLIENT_USAGE;
        }
    }
    if (ferror(from)) {
        complain("cannot read %s: %s", name, strerrordesc_np(errno));
        return CLIENT_USAGE;
    }
    return CLIENT_OK;
}

static enum exit_code read_file(struct client *client, const char *path, struct fc_buffer *text)
{
    enum exit_code code;
    FILE *from;

    if (strcmp(path, "-") == 0)
        return read_all(client, stdin, "stdin", text);
    from = fopen(path, "re");
    if (from == NULL) {
        complain("cannot read %s: %s", path, strerrordesc_np(errno));
        return CLIENT_USAGE;
    }
    code = read_all(client, from, path, text);
    fclose(from);
    return code;
}

static bool is_json(const char *path, const char *text)
{
    const char *dot = strrchr(path, '.');

    if (dot != NULL && fc_text_equal_nocase(dot, ".json"))
        return true;
    if (dot != NULL && (fc_text_equal_nocase(dot, ".yaml") || fc_text_equal_nocase(dot, ".yml")))
        return false;
    return text[strspn(text, " \t\r\n")] == '{';
}

/* The number after @word at the start of @text; *@after is what follows it. 0 when there is none.
 * */
static long number_after(const char *text, const char *word, const char **after)
{
    char *end = NULL;
    long number;

    if (!fc_text_starts(text, word))
        return 0;
    number = strtol(text + strlen(word), &end, 10);
    *after = end;
    return number;
}

/* "line 3: ..." and "line 3, column 7: ..." become FILE:3: as editors and compilers know it. */
static enum exit_code complain_syntax(const char *name, const struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);
    const char *rest = error->text;
    long line = number_after(rest, "line ", &rest);
    long column = number_after(rest, ", column ", &rest);

    fc_put(&b, name);
    if (line > 0)
        fc_putf(&b, ":%ld", line);
    if (column > 0)
        fc_putf(&b, ":%ld", column);
    fc_putf(&b, ": %s", rest + (line > 0 ? strspn(rest, ": ") : 0));
    complain_line(b.data);
    return CLIENT_FAILED;
}

enum exit_code spec_file_read(struct client *client, const char *path, struct spec_file *file)
{
    struct fc_buffer text, json = fc_buffer_in(client->arena);
    struct fc_yaml_lines *lines = NULL;
    struct fc_error error = {.text = ""};
    enum exit_code code = read_file(client, path, &text);
    bool is_yaml;
    fc_status st;

    if (code != CLIENT_OK)
        return code;
    is_yaml = !is_json(path, text.data);
    *file = (struct spec_file){.name = strcmp(path, "-") == 0 ? "<stdin>" : path};
    /* JSON goes through it too, for its lines; where it is no YAML (a tab may be enough) there are
     * none */
    st = fc_yaml_to_json(client->arena, text.data, text.n, &json, &lines, &error);
    if (is_yaml && st != FC_OK)
        return complain_syntax(file->name, &error);
    if (st == FC_OK)
        file->lines = lines;
    if (!is_yaml)
        json = text;
    if (fc_json_parse(client->arena, json.data, json.n, &file->root, &error) != FC_OK)
        return complain_syntax(file->name, &error);
    file->spec = file->root;
    if (fc_json_type(file->root) == FC_JSON_OBJECT && fc_json_get(file->root, "spec") != NULL) {
        file->has_envelope = true;
        file->spec = fc_json_get(file->root, "spec");
    }
    return CLIENT_OK;
}

const char *spec_file_title(const struct spec_file *file)
{
    return json_text(file->spec, "title");
}

const struct fc_json *spec_file_member(const struct spec_file *file, const char *name)
{
    return file->has_envelope ? fc_json_have(file->root, name) : NULL;
}

/* ---- asking about it ---- */

static void put_value(struct fc_buffer *b, const struct fc_json *value)
{
    struct fc_span text = fc_json_text(value);

    fc_put_n(b, text.at, text.n);
}

static void put_text_option(struct fc_buffer *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fc_putf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
    fc_put_json(b, value);
}

static void put_number_option(struct fc_buffer *b, const char *name, int64_t value)
{
    if (value != UNSET)
        fc_putf(b, "%s\"%s\":%" PRId64, b->n > 1 ? "," : "", name, value);
}

/* Of a name that is there twice the server takes the last one: so those of the command line come
 * last. */
static const char *merged_options(const struct client *client, const struct fc_json *own)
{
    const struct arguments *given = &client->arguments;
    struct fc_buffer b = fc_buffer_in(client->arena);

    if (own != NULL && fc_json_type(own) != FC_JSON_OBJECT) {
        put_value(&b, own); /* the server says what is wrong with it */
        return b.data;
    }
    fc_put_char(&b, '{');
    if (own != NULL)
        for (const struct fc_json *one = fc_json_first(own); one != NULL; one = fc_json_next(one)) {
            if (b.n > 1)
                fc_put_char(&b, ',');
            fc_put_json(&b, fc_json_name(one));
            fc_put_char(&b, ':');
            put_value(&b, one);
        }
    put_text_option(&b, "resolution", given->resolution);
    put_number_option(&b, "fps", given->fps);
    put_text_option(&b, "quality", given->quality);
    put_text_option(&b, "captions", given->captions);
    put_number_option(&b, "seed", given->seed);
    fc_put_char(&b, '}');
    return b.data;
}

static void put_member(struct fc_buffer *b, const struct client *client,
                       const struct spec_file *file, const char *name)
{
    const struct arguments *given = &client->arguments;
    const struct fc_json *own = spec_file_member(file, name);

    if (strcmp(name, "owner") == 0 && given->owner != NULL) {
        fc_put(b, ",\"owner\":");
        fc_put_json(b, given->owner);
    } else if (strcmp(name, "max_credits") == 0 && given->max_credits != UNSET) {
        fc_putf(b, ",\"max_credits\":%" PRId64, given->max_credits);
    } else if (own != NULL) {
        fc_putf(b, ",\"%s\":", name);
        put_value(b, own);
    }
}

const char *spec_file_request(const struct client *client, const struct spec_file *file,
                              const char *const *members)
{
    struct fc_buffer b = fc_buffer_in(client->arena);

    fc_put(&b, "{\"spec\":");
    put_value(&b, file->spec);
    fc_putf(&b, ",\"options\":%s", merged_options(client, spec_file_member(file, "options")));
    for (; *members != NULL; members++)
        put_member(&b, client, file, *members);
    fc_put_char(&b, '}');
    return b.data;
}

/* ---- what the server found ---- */

/* Paths are the storyboard's; in an envelope it is a member itself, beside "options". */
static size_t line_of(struct fc_arena *arena, const struct spec_file *file, const char *path)
{
    if (!file->has_envelope || fc_text_starts(path, "options."))
        return fc_yaml_line_of(file->lines, path);
    if (strcmp(path, "$") == 0)
        return fc_yaml_line_of(file->lines, "spec");
    return fc_yaml_line_of(file->lines,
                           fc_printf(arena, "spec%s%s", *path == '[' ? "" : ".", path));
}

static void put_list(struct fc_buffer *b, const struct spec_file *file, const struct fc_json *list,
                     const char *kind)
{
    if (list == NULL)
        return;
    for (const struct fc_json *one = fc_json_first(list); one != NULL; one = fc_json_next(one)) {
        const char *path = json_text(one, "path"), *message = json_text(one, "message");
        const char *code = json_text(one, "code");

        if (path == NULL || message == NULL || code == NULL)
            continue;
        put_clean(b, file->name);
        if (file->lines != NULL)
            fc_putf(b, ":%zu", line_of(b->arena, file, path));
        fc_putf(b, ": %s", kind);
        put_clean(b, fc_printf(b->arena, "%s: %s (%s)", path, message, code));
        fc_put_char(b, '\n');
    }
}

void spec_file_put_problems(struct fc_buffer *b, const struct spec_file *file,
                            const struct fc_json *result)
{
    put_list(b, file, json_array(result, "errors"), "");
    put_list(b, file, json_array(result, "warnings"), "warning: ");
}

bool spec_file_complain(const struct spec_file *file, const struct fc_json *json)
{
    const struct fc_json *result = json_object(json_object(json, "error"), "details");
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);

    if (json_array(result, "errors") == NULL)
        return false;
    spec_file_put_problems(&b, file, result);
    fputs(b.data, stderr);
    complain("%s is not valid", file->name);
    return true;
}
