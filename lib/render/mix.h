/** The film's sound: all cues added up, sample by sample. */
#ifndef RENDER_MIX_H
#define RENDER_MIX_H

#include "render/encode.h"
#include "render/run.h"

/**
 * A sound that plays in the film. Times in samples of 48 kHz (one for each pair of left and right).
 */
struct fc_mix_sound {
    const char *path;   /* samples (render/samples.h); may be shared */
    int64_t start, end; /* in the film; it ends sooner when the samples do, unless it loops */
    double volume;      /* 0..1; more for a voice that is too quiet by itself */
    int64_t fade_in, fade_out;
    bool loop;
    bool is_voice; /* others step back while it can be heard */
    double yields; /* the share of its own volume that it gives up under a voice, 0..1 */
};

/** A film's worth of sounds. The caller owns all of it. */
struct fc_mix_order {
    const struct fc_mix_sound *sounds;
    size_t n_sounds;
    int64_t length;    /* of the film, in samples; what sounds longer is cut */
    double lufs;       /* loudness it is brought to; 0: left as it is. Silence stays silent */
    double ceiling_db; /* of its true peaks, against full level; fc_mix_film chooses its own */
};

/**
 * Writes the sum of all sounds as samples to @out, one second at a time.
 *
 * FC_E_UNAVAILABLE  canceled
 * FC_E_INTERNAL     a file cannot be read or written
 */
fc_status fc_mix(const struct fc_mix_order *order, const char *out, const struct fc_watch *watch,
                 struct fc_error *error);

/**
 * Mixes and encodes: @out is an MP4 file of AAC whose true peak, as players decode it, is below
 * -1.5 dBTP. Files beside it come and go. Fails like fc_mix and fc_run_ffmpeg.
 */
fc_status fc_mix_film(const struct fc_render_settings *settings, const struct fc_mix_order *film,
                      const char *out, const struct fc_watch *watch, struct fc_error *error);

#endif
