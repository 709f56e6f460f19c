/** Text: a growing buffer in an arena, UTF-8, and the escapes that JSON and URLs need. */
#ifndef FRAMECAST_TEXT_H
#define FRAMECAST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>

/** Bytes that are somewhere, not closed by NUL, owned by nobody here. */
struct fc_span {
    const char *at;
    size_t n;
};

struct fc_span fc_span_of(const char *text); /* NULL gives an empty span */
bool fc_span_is(struct fc_span span, const char *text);

/** A growing text; data is always closed by NUL (also when empty). Lives in its arena. */
struct fc_buffer {
    struct fc_arena *arena;
    char *data;
    size_t n, room;
};

struct fc_buffer fc_buffer_in(struct fc_arena *arena);
void fc_buffer_reserve(struct fc_buffer *b, size_t n); /* room for @n more bytes, at once */
void fc_put(struct fc_buffer *b, const char *text);
void fc_put_n(struct fc_buffer *b, const char *bytes, size_t n);
void fc_put_char(struct fc_buffer *b, char c);
void fc_put_int(struct fc_buffer *b, int64_t value);
__attribute__((format(printf, 2, 3))) void fc_putf(struct fc_buffer *b, const char *format, ...);

/**
 * @text as a JSON string with its quotes; fc_put_json writes null for NULL. @text must be UTF-8.
 */
void fc_put_json(struct fc_buffer *b, const char *text);
void fc_put_json_n(struct fc_buffer *b, const char *text, size_t n);

/** Appends member @name (@n bytes) to a path as errors name places: `title`, `scenes[0].duration`,
 * and `["old man"]` for a name that is not [A-Za-z_][A-Za-z0-9_]*. Elements of arrays are
 * "[%zu]". */
void fc_put_path(struct fc_buffer *path, const char *name, size_t n);

/** Percent-encodes all but A-Z a-z 0-9 . _ ~ - ; with @keep_slash the slash stays too. */
void fc_put_url(struct fc_buffer *b, const char *text, bool keep_slash);

/**
 * Decodes %XX in place; false when an escape is broken or decodes to NUL. Returns the new length in
 * @n.
 */
bool fc_url_decode(char *text, size_t *n);

/** Number of code points; text must be UTF-8. */
size_t fc_utf8_length(const char *text, size_t n);
bool fc_utf8_ok(const char *text, size_t n);
/** Byte length of the longest prefix with at most @max code points. */
size_t fc_utf8_prefix(const char *text, size_t n, size_t max);
/** Writes @code as UTF-8 into @out (4 bytes), gives the number of bytes. */
size_t fc_utf8_encode(uint32_t code, char out[4]);

/** True when @text holds nothing but Unicode white space (or is empty). */
bool fc_is_blank(const char *text, size_t n);

bool fc_text_equal(const char *a, const char *b);        /* NULL equals NULL only */
bool fc_text_equal_nocase(const char *a, const char *b); /* ASCII */
bool fc_text_starts(const char *text, const char *with);

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. To spread, not to protect. */
uint32_t fc_hash(const char *text);

/** Whole decimal integer, nothing around it; false when it is none or does not fit. */
bool fc_int_parse(const char *text, int64_t *value);

void fc_hex(const void *bytes, size_t n, char *out); /* 2n characters and NUL, lower case */
bool fc_unhex(const char *hex, size_t n_hex, unsigned char *out);

#endif
