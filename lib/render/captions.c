#include "render/captions.h"

#include <string.h>

#include "render/typeset.h"

enum { LINE_LETTERS = 42 }; /* what readers take in at a glance */

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
static void put_letter(struct fc_buffer *b, char c, bool escape)
{
    if (escape && c == '&')
        fc_put(b, "&amp;");
    else if (escape && c == '<')
        fc_put(b, "&lt;");
    else if (escape && c == '>')
        fc_put(b, "&gt;");
    else
        fc_put_char(b, c);
}

/* On lines of about equal length; an empty line would end the caption, and tidy text has none. */
static void put_text(struct fc_buffer *b, const char *text, bool escape)
{
    const char *tidy = fc_text_tidy(b->arena, text);
    size_t length = fc_utf8_length(tidy, strlen(tidy)),
           n_lines = (length + LINE_LETTERS - 1) / LINE_LETTERS;
    size_t aim = n_lines > 0 ? (length + n_lines - 1) / n_lines : length, letters = 0;

    for (; *tidy != '\0'; tidy++) {
        letters += ((unsigned char)*tidy & 0xC0) != 0x80;
        if (*tidy == ' ' && letters > aim) {
            fc_put_char(b, '\n');
            letters = 0;
        } else {
            put_letter(b, *tidy, escape);
        }
    }
    fc_put(b, "\n\n");
}

void fc_put_srt(struct fc_buffer *b, const struct fc_caption *captions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fc_putf(b, "%zu\n", i + 1);
        put_span(b, &captions[i], ',');
        put_text(b, captions[i].text, false);
    }
}

void fc_put_vtt(struct fc_buffer *b, const struct fc_caption *captions, size_t n)
{
    fc_put(b, "WEBVTT\n\n");
    for (size_t i = 0; i < n; i++) {
        put_span(b, &captions[i], '.');
        put_text(b, captions[i].text, true);
    }
}
