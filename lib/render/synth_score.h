/** Music: scores, and the instruments that play them; in lib/render only. */
#ifndef RENDER_SYNTH_SCORE_H
#define RENDER_SYNTH_SCORE_H

#include "render/synth_parts.h"

enum { FC_CHORD_TONES = 4, FC_SCORE_CHORDS = 8, FC_SCORE_LINES = 8 };

enum fc_chord_kind {
    FC_MAJOR,
    FC_MINOR,
    FC_SUS2,
    FC_MAJOR7,
    FC_MINOR7,
    FC_DIMINISHED,
    FC_CHORD_KIND__COUNT
};

enum fc_instrument {
    FC_STRINGS,
    FC_PIANO,
    FC_PIZZICATO,
    FC_BASS,
    FC_BRASS,
    FC_BELL,
    FC_MARIMBA,
    FC_SYNTH,
    FC_KICK, /* from here on without pitch */
    FC_SNARE,
    FC_HAT,
    FC_TIMPANI,
    FC_TICK,
    FC_INSTRUMENT__COUNT
};

struct fc_chord {
    int root; /* semitones above the key */
    enum fc_chord_kind kind;
};

/**
 * What one instrument plays: one character a step, repeated to the end.
 *
 *   0..9  a tone of the chord: 0 root, 1 third, 2 fifth, 3 the tone that the kind adds or the
 *         octave, 4..7 the same an octave higher, 8 9 two higher
 *   a..n  a step of the key's scale: a the key, h its octave
 *   x     the whole chord; the stroke of a drum
 *   .     nothing
 */
struct fc_line {
    enum fc_instrument instrument;
    const char *steps;
    int octave;           /* above the key's */
    double length;        /* of each note, in steps */
    double gain, gain_to; /* at the beginning and at the end */
    double pan;
};

struct fc_score {
    int key; /* MIDI note of the key: 48 is C3 */
    bool is_minor;
    int steps_per_chord;
    double room, wet; /* seconds, 0..1 */
    int n_chords;     /* all of them together are the length of the piece */
    struct fc_chord chords[FC_SCORE_CHORDS];
    struct fc_line lines[FC_SCORE_LINES]; /* ends with the first without steps */
};

/** Plays the score so that its last step ends with the tape. */
void fc_score_play(const struct fc_score *score, struct fc_tape *tape);

#endif
