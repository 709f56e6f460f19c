/**
 * JSON: strict parsing (RFC 8259) into a read-only tree, and work on JSON text that must keep every
 * digit.
 *
 * The tree is cJSON's; this header is all that the program sees of it. Numbers are doubles in the
 * tree, which is good enough to check them; what is stored is always the client's own text
 * (fc_json_text), never a number printed again. Any number of threads may parse at once.
 *
 *   scan.c   the strict grammar           json.c     the tree       index.c  members by name
 *   text.c   compact and minified text    rewrite.c  replacing strings inside text
 *   number.c exact decimals
 */
#ifndef FRAMECAST_JSON_H
#define FRAMECAST_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

struct fc_json; /* a value; lives as long as the arena it was parsed in */

enum fc_json_type {
    FC_JSON_NULL,
    FC_JSON_BOOLEAN,
    FC_JSON_NUMBER,
    FC_JSON_STRING,
    FC_JSON_ARRAY,
    FC_JSON_OBJECT
};

/** A value takes some 200 bytes of memory, however short its text: the second bound keeps a text of
 * a few mebibytes from becoming a tree of half a gibibyte. */
enum { FC_JSON_DEPTH_MAX = 32, FC_JSON_VALUES_MAX = 250000 };

/**
 * Parses @n bytes of UTF-8 text into *@value.
 *
 * FC_E_VALIDATION  no JSON by RFC 8259, trailing garbage, invalid UTF-8, U+0000 or a lone surrogate
 *                  (also escaped), more than FC_JSON_DEPTH_MAX levels or FC_JSON_VALUES_MAX values,
 *                  a number of more than 400 characters or with an exponent beyond +-400; @error
 *                  says what and where ("line 3, column 7: …")
 *
 * Of a name that occurs twice in one object only the last one is in the tree.
 */
fc_status fc_json_parse(struct fc_arena *arena, const char *text, size_t n,
                        const struct fc_json **value, struct fc_error *error);

enum fc_json_type fc_json_type(const struct fc_json *value); /* NULL counts as null */
const char *fc_json_type_name(enum fc_json_type type);       /* "null", "boolean", "number", … */

/* Readers of one type; each asserts that type. */
bool fc_json_boolean(const struct fc_json *value);
double fc_json_number(const struct fc_json *value);
const char *fc_json_string(const struct fc_json *value); /* UTF-8; no NUL but the closing one */
size_t fc_json_string_bytes(const struct fc_json *value);
size_t fc_json_string_length(const struct fc_json *value); /* code points */

/** The number is a whole one ("5", "5.0", "5e0") that fits; exact for all of int64_t. */
bool fc_json_int(const struct fc_json *value, int64_t *out);

/** The number × 10^@shift, rounded to the nearest whole one, halves away from zero: worked out on
 * the decimal digits, so that 1.0005 × 1000 is 1001. False when it does not fit. */
bool fc_json_scaled(const struct fc_json *value, int shift, int64_t *out);

size_t fc_json_count(const struct fc_json *value); /* elements of an array, members of an object */

/** Member @name of an object, NULL when it is absent; a member that is null is returned.
 * Wide objects are searched by halves, so that no choice of names makes the look-up slow. */
const struct fc_json *fc_json_get(const struct fc_json *object, const char *name);
/** The same, but a null member counts as absent. */
const struct fc_json *fc_json_have(const struct fc_json *object, const char *name);

/** Walks elements or members in source order; NULL at the end. */
const struct fc_json *fc_json_first(const struct fc_json *container);
const struct fc_json *fc_json_next(const struct fc_json *value);
const char *fc_json_name(const struct fc_json *member); /* a member's name; NULL for an element */

/** The value's own text: a span of the @text that fc_json_parse was given. */
struct fc_span fc_json_text(const struct fc_json *value);

/** Bytes of the value as compact JSON: no white space between tokens, non-ASCII not escaped. */
size_t fc_json_compact_size(const struct fc_json *value);

/** The value as compact JSON, numbers spelled as in the source. */
void fc_put_compact(struct fc_buffer *b, const struct fc_json *value);

/** Drops the white space between the tokens of valid JSON @text. */
void fc_put_minified(struct fc_buffer *b, const char *text, size_t n);

/**
 * Places in JSON, read once for all texts. A path is member names joined by dots, "[]" for each
 * element of an array, "*" for each member of an object: "output.scene_clips[].url",
 * "spec_snapshot.symbols.*.reference_images[].url". @paths: at most 16 of eight steps, closed by
 * NULL.
 */
struct fc_json_paths;
const struct fc_json_paths *fc_json_paths_read(struct fc_arena *arena, const char *const *paths);

/**
 * Rewrites string values of valid JSON @text at the places named by @paths, copying all else byte
 * for byte. When the text is an array, paths apply to each of its elements. @rewrite gets the
 * decoded string and puts the replacement as JSON, or returns false to leave it.
 */
void fc_put_rewritten(struct fc_buffer *b, const char *text, size_t n,
                      const struct fc_json_paths *paths,
                      bool (*rewrite)(void *context, const char *string, struct fc_buffer *b),
                      void *context);

#endif
