#include "render/captions.h"

#include <math.h>
#include <string.h>

#include "render/typeset.h"

/* ---- rows of the files ---- */

enum { ROW_LETTERS = 42 }; /* what readers take in at a glance */

/* Bytes of the first character of valid UTF-8. */
static size_t letter_size(const char *at)
{
    size_t n = 1;

    while (((unsigned char)at[n] & 0xC0) == 0x80)
        n++;
    return n;
}

/* The end of the longest beginning of @text with at most @most letters: at a blank, behind a wide
 * letter (their scripts have no blanks), or, when a single word is longer, anywhere. */
static const char *row_end(const char *text, size_t most)
{
    const char *at = text, *best = NULL;
    size_t letters = 0;

    while (*at != '\0') {
        size_t n = letter_size(at);
        bool is_wide = fc_text_width(at, n) > 1;

        letters += is_wide ? 2 : 1;
        if (*at == ' ')
            best = at;
        else if (letters > most)
            return best != NULL ? best : at > text ? at : at + n;
        at += n;
        if (is_wide && !fc_text_clings(at))
            best = at;
    }
    return at;
}

static size_t count_rows(const char *text, size_t most)
{
    size_t n = 0;

    for (; *text != '\0'; n++) {
        text = row_end(text, most);
        text += *text == ' ';
    }
    return n;
}

/* The shortest rows of which there are not more. */
static size_t even_length(const char *text)
{
    size_t n = count_rows(text, ROW_LETTERS), most = ROW_LETTERS;

    while (most > 1 && count_rows(text, most - 1) == n)
        most--;
    return most;
}

/* ---- files ---- */

static void put_time(struct fc_buffer *b, int64_t ms, char point)
{
    fc_putf(b, "%02d:%02d:%02d%c%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
            (int)(ms / 1000 % 60), point, (int)(ms % 1000));
}

static void put_span(struct fc_buffer *b, const struct fc_caption *caption, char point)
{
    put_time(b, caption->start_ms, point);
    fc_put(b, " --> ");
    put_time(b, caption->end_ms, point);
    fc_put_char(b, '\n');
}

/* In WebVTT these begin markup; an escaped > also keeps "-->" from being read as a time line. */
static void put_escaped(struct fc_buffer *b, char c)
{
    if (c == '&')
        fc_put(b, "&amp;");
    else if (c == '<')
        fc_put(b, "&lt;");
    else if (c == '>')
        fc_put(b, "&gt;");
    else
        fc_put_char(b, c);
}

/* An empty row would end the caption; @tidy text has none. */
static void put_text(struct fc_buffer *b, const char *tidy, bool escape)
{
    size_t most = even_length(tidy);

    while (*tidy != '\0') {
        for (const char *end = row_end(tidy, most); tidy < end; tidy++) {
            if (escape)
                put_escaped(b, *tidy);
            else
                fc_put_char(b, *tidy);
        }
        tidy += *tidy == ' ';
        fc_put_char(b, '\n');
    }
    fc_put_char(b, '\n');
}

void fc_put_srt(struct fc_buffer *b, const struct fc_caption *captions, size_t n)
{
    size_t number = 1;

    for (size_t i = 0; i < n; i++) {
        const char *tidy = fc_text_tidy(b->arena, captions[i].text);

        if (*tidy == '\0') /* nothing but control characters */
            continue;
        fc_putf(b, "%zu\n", number++);
        put_span(b, &captions[i], ',');
        put_text(b, tidy, false);
    }
}

void fc_put_vtt(struct fc_buffer *b, const struct fc_caption *captions, size_t n)
{
    fc_put(b, "WEBVTT\n\n");
    for (size_t i = 0; i < n; i++) {
        const char *tidy = fc_text_tidy(b->arena, captions[i].text);

        if (*tidy == '\0')
            continue;
        put_span(b, &captions[i], '.');
        put_text(b, tidy, true);
    }
}

/* ---- pictures ---- */

enum { ROWS_AT_ONCE = 2 };

/* libass measures fonts from the highest to the lowest point; DejaVu's is this many times its em.
 */
#define FONT_SIZE_PER_EM 1.164

/* How captions are laid out in a shape. em is a share of the shorter side, the others are of the
 * width and the height: phones lay their own things over the bottom of upright films. */
static const struct shape {
    double em, row, bottom;
} wide = {0.046, 0.68, 0.07}, square = {0.050, 0.86, 0.07}, upright = {0.056, 0.86, 0.15};

static const struct shape *shape_of(const struct fc_caption_frame *frame)
{
    if (frame->width == frame->height)
        return &square;
    return frame->width > frame->height ? &wide : &upright;
}

/* Of the script's ground around the rows. */
static const double padding_em = 0.35;

static double em_of(const struct fc_caption_frame *frame)
{
    int shorter = frame->width < frame->height ? frame->width : frame->height;

    return shape_of(frame)->em * shorter;
}

static void put_head(struct fc_buffer *b, const struct fc_caption_frame *frame)
{
    const double em = em_of(frame);

    fc_putf(b,
            "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 2\n"
            "ScaledBorderAndShadow: yes\nYCbCr Matrix: None\n\n[V4+ Styles]\n"
            "Format: "
            "Name,Fontname,Fontsize,PrimaryColour,OutlineColour,BackColour,Bold,BorderStyle,"
            "Outline,Shadow,Alignment,MarginL,MarginR,MarginV,Encoding\n"
            "Style: C,DejaVu Sans,%.2f,&H00FFFFFF,&H00000000,&H5A000000,0,4,%.2f,%.2f,2,0,0,%d,"
            "-1\n\n"
            "[Events]\nFormat: Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text\n",
            frame->width, frame->height, em * FONT_SIZE_PER_EM, em * 0.04, em * padding_em,
            (int)(shape_of(frame)->bottom * frame->height));
}

static void put_centiseconds(struct fc_buffer *b, int64_t ms)
{
    fc_putf(b, "%d:%02d:%02d.%02d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
            (int)(ms / 1000 % 60), (int)(ms % 1000 / 10));
}

static void put_page(struct fc_buffer *b, const struct fc_span *rows, size_t n, int64_t start_ms,
                     int64_t end_ms)
{
    fc_put(b, "Dialogue: 0,");
    put_centiseconds(b, start_ms);
    fc_put_char(b, ',');
    put_centiseconds(b, end_ms);
    fc_put(b, ",C,,0,0,0,,");
    for (size_t i = 0; i < n; i++) {
        fc_put(b, i > 0 ? "\\N" : "");
        fc_put_ass(b, rows[i].at, rows[i].n);
    }
    fc_put_char(b, '\n');
}

/* In as few rows as fit, and these as even as they can be. */
static struct fc_set_text set_rows(struct fc_arena *arena, const char *text,
                                   const struct fc_caption_frame *frame)
{
    const double em = em_of(frame), row = shape_of(frame)->row * frame->width;
    struct fc_text_box box = {.width = (float)row, .em_max = (float)em, .height = 1e6f};
    struct fc_set_text rows = fc_text_set(arena, text, &box), narrower = rows;

    while (narrower.n_lines == rows.n_lines && box.width > (float)(2 * em)) {
        rows = narrower;
        box.width -= (float)em;
        narrower = fc_text_set(arena, text, &box);
    }
    return rows;
}

/* The pages share the caption's time as they share its letters. */
static void put_caption(struct fc_buffer *b, const char *text, int64_t start_ms, int64_t end_ms,
                        const struct fc_caption_frame *frame)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *tidy = fc_text_tidy(arena, text);
    const struct fc_set_text rows = set_rows(arena, tidy, frame);
    const int64_t n_bytes = (int64_t)strlen(tidy);
    int64_t from_ms = start_ms;

    for (size_t i = 0; i < rows.n_lines; i += ROWS_AT_ONCE) {
        size_t n = rows.n_lines - i < ROWS_AT_ONCE ? rows.n_lines - i : ROWS_AT_ONCE;
        const struct fc_span *last = &rows.lines[i + n - 1];
        int64_t to_ms = start_ms + (end_ms - start_ms) * (last->at + last->n - tidy) / n_bytes;

        put_page(b, &rows.lines[i], n, from_ms, to_ms);
        from_ms = to_ms;
    }
}

char *fc_captions_script(struct fc_arena *arena, const struct fc_caption *captions, size_t n,
                         const struct fc_caption_frame *frame)
{
    struct fc_buffer b = fc_buffer_in(arena);
    size_t n_seen = 0;

    put_head(&b, frame);
    for (size_t i = 0; i < n; i++) {
        int64_t start_ms = captions[i].start_ms, end_ms = captions[i].end_ms;

        if (start_ms < frame->from_ms)
            start_ms = frame->from_ms;
        if (end_ms > frame->to_ms)
            end_ms = frame->to_ms;
        if (start_ms >= end_ms)
            continue;
        put_caption(&b, captions[i].text, start_ms - frame->from_ms, end_ms - frame->from_ms,
                    frame);
        n_seen++;
    }
    return n_seen > 0 ? b.data : NULL;
}

int fc_captions_height(int width, int height)
{
    const struct fc_caption_frame frame = {.width = width, .height = height};
    const double rows = em_of(&frame) * (ROWS_AT_ONCE * FONT_SIZE_PER_EM + 2 * padding_em);

    return (int)ceil(shape_of(&frame)->bottom * height + rows);
}
