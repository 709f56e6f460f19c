/* The pieces of music: each is a score. The tempo follows from the length, which holds whole bars.
 * */
#include "render/synth_catalogue.h"
#include "render/synth_score.h"

/* A low ostinato of six beats under strings that climb; the last chord does not resolve. */
static const struct fc_score tense = {
    .key = 38,
    .is_minor = true,
    .steps_per_chord = 12,
    .room = 2.4,
    .wet = 0.35,
    .n_chords = 4,
    .chords = {{0, FC_MINOR}, {8, FC_MAJOR}, {1, FC_MAJOR}, {11, FC_DIMINISHED}},
    .lines =
        {
            {FC_STRINGS, "x...........", 1, 12, 0.45, 0.7, 0},
            {FC_PIZZICATO, "0.0.2.0.1.0.", 0, 1, 0.6, 0.9, -0.3},
            {FC_STRINGS, "h.....i.....h.....g.....", 1, 6, 0.25, 0.55, 0.4},
            {FC_BASS, "0.....0.....", -1, 5, 0.6, 0.8, 0},
            {FC_TIMPANI, "x.......x.x.", 0, 1, 0.25, 0.6, 0.1},
            {FC_TICK, "x.x.", 0, 1, 0.12, 0.2, 0.5},
        },
};

static const struct fc_score tense_minimal = {
    .key = 40,
    .is_minor = true,
    .steps_per_chord = 8,
    .room = 3.5,
    .wet = 0.5,
    .n_chords = 4,
    .chords = {{0, FC_MINOR}, {0, FC_SUS2}, {1, FC_MAJOR7}, {0, FC_MINOR}},
    .lines =
        {
            {FC_BASS, "0.......", -1, 7, 0.5, 0, 0},
            {FC_BELL, "..h.......j.....", 2, 3, 0.28, 0, 0.35},
            {FC_PIANO, "....0.......2...", 1, 4, 0.3, 0, -0.3},
            {FC_STRINGS, "0.......", 1, 8, 0.25, 0, 0},
            {FC_TICK, "x...", 0, 1, 0.14, 0, -0.5},
        },
};

static const struct fc_score triumphant = {
    .key = 48,
    .steps_per_chord = 8,
    .room = 1.9,
    .wet = 0.3,
    .n_chords = 8,
    .chords = {{0, FC_MAJOR},
               {7, FC_MAJOR},
               {9, FC_MINOR},
               {5, FC_MAJOR},
               {0, FC_MAJOR},
               {5, FC_MAJOR},
               {7, FC_MAJOR},
               {7, FC_MAJOR}},
    .lines =
        {
            {FC_BRASS, "a.aac.e.d...b.g.c.cce.h.f...e.c.e.eeg.h.j...h.f.g.g.d.g.b.b.i...", 1, 1.8,
             0.75, 0, 0.1},
            {FC_BRASS, "x.......", 0, 7, 0.4, 0, -0.2},
            {FC_STRINGS, "x.......", 1, 8, 0.5, 0, 0},
            {FC_STRINGS, "45674567", 1, 1, 0.22, 0, 0.4},
            {FC_BASS, "0...0.2.", -1, 2, 0.8, 0, 0},
            {FC_TIMPANI, "x...x.xx", 0, 1, 0.55, 0, -0.1},
            {FC_SNARE, "....x...", 0, 1, 0.3, 0, 0.15},
        },
};

static const struct fc_score peaceful = {
    .key = 53,
    .steps_per_chord = 8,
    .room = 3.0,
    .wet = 0.45,
    .n_chords = 6,
    .chords = {{0, FC_MAJOR7},
               {9, FC_MINOR7},
               {5, FC_MAJOR7},
               {0, FC_MAJOR7},
               {2, FC_MINOR7},
               {7, FC_SUS2}},
    .lines =
        {
            {FC_STRINGS, "x.......", 0, 8, 0.42, 0, 0},
            {FC_PIANO, "0.2.3.5.", 0, 4, 0.5, 0, -0.2},
            {FC_PIANO, "....e.......c...a.......e...g...d.......", 1, 4, 0.5, 0, 0.2},
            {FC_BELL, "......4.", 1, 3, 0.1, 0, 0.5},
            {FC_BASS, "0.......", -1, 7, 0.5, 0, 0},
        },
};

static const struct fc_score energetic = {
    .key = 45,
    .is_minor = true,
    .steps_per_chord = 16,
    .room = 0.9,
    .wet = 0.16,
    .n_chords = 8,
    .chords = {{0, FC_MINOR},
               {8, FC_MAJOR},
               {3, FC_MAJOR},
               {10, FC_MAJOR},
               {0, FC_MINOR},
               {8, FC_MAJOR},
               {5, FC_MINOR},
               {7, FC_MINOR}},
    .lines =
        {
            {FC_KICK, "x...x...x...x...", 0, 1, 0.85, 0, 0},
            {FC_SNARE, "....x.......x...", 0, 1, 0.7, 0, 0},
            {FC_HAT, "x.x.x.x.x.x.x.xx", 0, 1, 0.55, 0, 0.3},
            {FC_BASS, "0.00.0.00.00.0.2", -1, 0.9, 0.7, 0, 0},
            {FC_SYNTH, "0123456754321023", 1, 0.9, 0.4, 0, -0.3},
            {FC_SYNTH, "x..x..x.....x...", 1, 1.5, 0.38, 0, 0.2},
            {FC_SYNTH, "h...j.l.k...j...h...g...j.......", 1, 2.5, 0.45, 0, 0},
        },
};

/* Grows from a tick to the full band, and breaks off where the reveal would be. */
static const struct fc_score anticipation = {
    .key = 43,
    .is_minor = true,
    .steps_per_chord = 8,
    .room = 2.0,
    .wet = 0.3,
    .n_chords = 6,
    .chords =
        {{0, FC_MINOR}, {8, FC_MAJOR}, {3, FC_MAJOR}, {10, FC_MAJOR}, {5, FC_MINOR}, {7, FC_MAJOR}},
    .lines =
        {
            {FC_PIZZICATO, "02420242", 1, 1, 0.35, 0.9, -0.3},
            {FC_STRINGS, "x.......", 1, 8, 0.15, 0.75, 0},
            {FC_STRINGS, "0.1.2.3.", 2, 2, 0.05, 0.5, 0.4},
            {FC_BASS, "0.0.0.0.", -1, 1.6, 0.3, 0.9, 0},
            {FC_TIMPANI, "x...x.x.", 0, 1, 0.1, 0.75, 0},
            {FC_BRASS, "0.......", 0, 7, 0.05, 0.6, 0.2},
            {FC_TICK, "x.x.x.xx", 0, 1, 0.15, 0.3, 0.5},
        },
};

static const struct fc_score corporate = {
    .key = 50,
    .steps_per_chord = 8,
    .room = 1.3,
    .wet = 0.2,
    .n_chords = 8,
    .chords = {{0, FC_MAJOR},
               {7, FC_MAJOR},
               {9, FC_MINOR7},
               {5, FC_MAJOR7},
               {0, FC_MAJOR},
               {4, FC_MINOR7},
               {5, FC_MAJOR7},
               {7, FC_SUS2}},
    .lines =
        {
            {FC_PIANO, "x.....x.", 0, 4, 0.4, 0, -0.15},
            {FC_MARIMBA, "4.5.6.5.", 0, 1, 0.4, 0, 0.35},
            {FC_PIZZICATO, ".4.6.4.7", 0, 1, 0.35, 0, -0.4},
            {FC_STRINGS, "x.......", 0, 8, 0.3, 0, 0},
            {FC_BASS, "0..0..0.", -1, 1.8, 0.6, 0, 0},
            {FC_KICK, "x...x...", 0, 1, 0.4, 0, 0},
            {FC_HAT, "..x...x.", 0, 1, 0.3, 0, 0.2},
        },
};

static const struct fc_score emotional = {
    .key = 45,
    .is_minor = true,
    .steps_per_chord = 6,
    .room = 2.8,
    .wet = 0.42,
    .n_chords = 8,
    .chords = {{0, FC_MINOR},
               {8, FC_MAJOR7},
               {3, FC_MAJOR},
               {10, FC_MAJOR},
               {0, FC_MINOR},
               {5, FC_MINOR7},
               {8, FC_MAJOR7},
               {7, FC_MINOR}},
    .lines =
        {
            {FC_PIANO, "024542", 0, 3, 0.5, 0.6, -0.2},
            {FC_STRINGS, "x.....", 0, 6, 0.4, 0.6, 0},
            {FC_STRINGS, "h..j..l..j..i..g..f..g..", 1, 3, 0.3, 0.5, 0.3},
            {FC_PIANO, "..j.....l.....n.....k.....", 1, 4, 0.3, 0, 0.25},
            {FC_BASS, "0.....", -1, 5.5, 0.5, 0.7, 0},
        },
};

static const struct fc_score playful = {
    .key = 48,
    .steps_per_chord = 8,
    .room = 0.8,
    .wet = 0.15,
    .n_chords = 8,
    .chords = {{0, FC_MAJOR},
               {0, FC_MAJOR},
               {5, FC_MAJOR},
               {0, FC_MAJOR},
               {2, FC_MINOR},
               {7, FC_MAJOR},
               {0, FC_MAJOR},
               {7, FC_MAJOR}},
    .lines =
        {
            {FC_MARIMBA, "h.e.g.e.h.i.j.h.f.h.j.h.g.e.c...f.d.f.h.g.b.d.g.h..gh.e.d.f.b.g.", 1, 1,
             0.8, 0, 0.2},
            {FC_PIZZICATO, "0...2...", 0, 1, 0.8, 0, -0.2},
            {FC_PIZZICATO, "..5...5.", 0, 1, 0.5, 0, 0.3},
            {FC_PIZZICATO, "..6...6.", 0, 1, 0.5, 0, -0.4},
            {FC_BELL, "..............7.", 1, 1, 0.15, 0, 0.5},
            {FC_TICK, "x.xxx.x.", 0, 1, 0.2, 0, 0.4},
        },
};

static const struct fc_score dramatic = {
    .key = 36,
    .is_minor = true,
    .steps_per_chord = 8,
    .room = 2.2,
    .wet = 0.34,
    .n_chords = 8,
    .chords = {{0, FC_MINOR},
               {0, FC_MINOR},
               {8, FC_MAJOR},
               {3, FC_MAJOR},
               {5, FC_MINOR},
               {0, FC_MINOR},
               {8, FC_MAJOR},
               {7, FC_MAJOR}},
    .lines =
        {
            {FC_STRINGS, "00000000", 1, 0.7, 0.75, 0, -0.3},
            {FC_STRINGS, "x.......", 2, 8, 0.5, 0, 0},
            {FC_BRASS, "a.....c.e.....c.f.......g...g...h.....f.e.....c.f...h...i...g...", 2, 4,
             0.7, 0, 0.2},
            {FC_BRASS, "0.......", 0, 6, 0.6, 0, -0.1},
            {FC_BASS, "0...0...", 0, 3, 0.8, 0, 0},
            {FC_TIMPANI, "x..x..x.x.x.x.xx", 0, 1, 0.85, 0, 0},
            {FC_SNARE, "......x.", 0, 1, 0.25, 0, 0.2},
        },
};

const struct fc_synth_recipe fc_synth_music[] = {
    {"asset_music_tense", 15000, NULL, &tense},
    {"asset_music_tense_minimal", 12500, NULL, &tense_minimal},
    {"asset_music_triumphant", 18000, NULL, &triumphant},
    {"asset_music_peaceful", 20000, NULL, &peaceful},
    {"asset_music_energetic", 14000, NULL, &energetic},
    {"asset_music_anticipation", 13500, NULL, &anticipation},
    {"asset_music_corporate", 19000, NULL, &corporate},
    {"asset_music_emotional", 16500, NULL, &emotional},
    {"asset_music_playful", 12000, NULL, &playful},
    {"asset_music_dramatic", 17000, NULL, &dramatic},
    {0},
};
