/** Captions as files: SubRip (.srt) and WebVTT (.vtt). Pure. */
#ifndef RENDER_CAPTIONS_H
#define RENDER_CAPTIONS_H

#include "storyboard/storyboard.h"

void fc_put_srt(struct fc_buffer *b, const struct fc_caption *captions, size_t n);
void fc_put_vtt(struct fc_buffer *b, const struct fc_caption *captions, size_t n);

#endif
