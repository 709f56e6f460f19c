/**
 * The terminal below a stream: what it can show, a picture that is redrawn in place, a question.
 */
#ifndef FRAMECAST_TERMINAL_H
#define FRAMECAST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <framecast/text.h>

struct terminal;

struct terminal *terminal_new(FILE *stream);
void terminal_free(struct terminal *terminal);

/** Pictures can be redrawn: it is a terminal, and no dumb one. */
bool terminal_is_live(const struct terminal *terminal);
bool terminal_has_utf8(const struct terminal *terminal);
int terminal_columns(const struct terminal *terminal); /* at this moment */
int terminal_rows(const struct terminal *terminal);

enum paint { PAINT_NONE, PAINT_BOLD, PAINT_DIM, PAINT_GREEN, PAINT_RED, PAINT_YELLOW };
/** The codes that start and end a colour; empty without colours (NO_COLOR, no terminal). */
const char *terminal_paint(const struct terminal *terminal, enum paint paint);
const char *terminal_unpaint(const struct terminal *terminal);

/** Replaces the picture drawn before by @text: whole lines, each already short enough. */
void terminal_draw(struct terminal *terminal, const char *text);
/** Leaves the last picture where it is; the next one starts below. */
void terminal_keep(struct terminal *terminal);
/** Takes the last picture away, so that a line can be printed in its place. */
void terminal_clear(struct terminal *terminal);

/** A bar of @columns cells, filled to @percent (0..100), in blocks or in ASCII. */
void terminal_put_bar(const struct terminal *terminal, struct fc_buffer *b, double percent,
                      int columns);

/**
 * Asks the person at the terminal; true for y or yes. False when there is nobody, or after Ctrl-C.
 */
bool terminal_ask(struct terminal *terminal, const char *question);

/**
 * Puts text that came from elsewhere so that it cannot steer the terminal: no control characters.
 */
void put_clean(struct fc_buffer *b, const char *text);
/**
 * The same in at most @columns cells; wide characters count two, what does not fit is cut with
 * "...".
 */
void put_clean_cut(struct fc_buffer *b, const char *text, int columns);
/** The same, filled with blanks to exactly @columns cells. */
void put_clean_padded(struct fc_buffer *b, const char *text, int columns);

#endif
