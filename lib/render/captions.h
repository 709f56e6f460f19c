/**
 * Captions: as files of their own, SubRip (.srt) and WebVTT (.vtt), and as pictures (ASS). Pure.
 */
#ifndef RENDER_CAPTIONS_H
#define RENDER_CAPTIONS_H

#include "storyboard/storyboard.h"

/**
 * One caption for each, in rows of about equal length that hold at most 42 letters (wide ones count
 * twice). Nothing in a text can act as markup or as the end of its caption.
 */
void fc_put_srt(struct fc_buffer *b, const struct fc_caption *captions, size_t n);
void fc_put_vtt(struct fc_buffer *b, const struct fc_caption *captions, size_t n);

/** The pictures that captions are set into: a part of the film. */
struct fc_caption_frame {
    int width, height;      /* pixels */
    int64_t from_ms, to_ms; /* in the film; captions are timed from @from_ms */
};

/**
 * A script for ffmpeg's filter ass, with what can be read in @frame: at the bottom, inside of what
 * every screen shows, on a dark ground, at most two rows at a time; longer captions turn pages.
 * NULL when there is nothing to read.
 */
char *fc_captions_script(struct fc_arena *arena, const struct fc_caption *captions, size_t n,
                         const struct fc_caption_frame *frame);

/** Pixels from the lower edge of a picture up to which captions may cover it. */
int fc_captions_height(int width, int height);

#endif
