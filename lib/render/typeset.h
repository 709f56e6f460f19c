/**
 * Setting text into a box: sizes and line ends. Pure.
 *
 * Widths are DejaVu Sans' own for Latin and careful guesses (never too narrow) for what other fonts
 * stand in for, so that a line never runs out of its box.
 */
#ifndef RENDER_TYPESET_H
#define RENDER_TYPESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/text.h>

struct fc_set_text {
    struct fc_span *lines; /* into the text that was set, without blanks at either end */
    size_t n_lines;
    float em;      /* size of the letters, pixels */
    float leading; /* from line to line, pixels */
};

/**
 * What a box offers: text longer than fits at the largest size gets smaller letters and more room.
 */
struct fc_text_box {
    float width;
    float em_max;
    float height; /* for letters above em_small */
    float em_small;
    float height_max; /* for smaller ones */
};

/** Decodes the character at *@at, which is valid UTF-8, and steps over it. */
uint32_t fc_text_next(const char **at);

/** True when the character at @at, if any, closes something: it stays on the line of that. */
bool fc_text_clings(const char *at);

/** Copies @text with every run of white space and control characters as one blank. */
char *fc_text_tidy(struct fc_arena *arena, const char *text);

/**
 * Breaks tidy @text into lines; the letters shrink until it fits, however small that makes them.
 */
struct fc_set_text fc_text_set(struct fc_arena *arena, const char *text,
                               const struct fc_text_box *box);

/** Width in em. */
float fc_text_width(const char *text, size_t n);

/** True when the first letter that has a direction is written from right to left. */
bool fc_text_is_rtl(const char *text, size_t n);

/** Appends @n bytes as text of an ASS event: nothing in it can act as markup. */
void fc_put_ass(struct fc_buffer *b, const char *text, size_t n);

#endif
