#include "render/mood.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum palette {
    PALETTE_MORNING, /* the first four also stand in where no word decides */
    PALETTE_DUSK,
    PALETTE_DAY,
    PALETTE_MIST,
    PALETTE_WARM,
    PALETTE_NIGHT,
    PALETTE_NEON,
    PALETTE_SNOW,
    PALETTE_FOREST,
    PALETTE_SEA,
    PALETTE_DESERT,
    PALETTE_FIRE,
    PALETTE_SPACE,
    PALETTE_STORM,
    PALETTE_STAGE,
    PALETTE_INDOORS,
};

static const struct {
    uint32_t sky, middle, horizon, light, near, accent;
    float light_strength, stars;
} palettes[] = {
    [PALETTE_MORNING] = {0x4A6FA5, 0xE8A9A0, 0xFFDDB0, 0xFFF1CF, 0x2E3350, 0xFFE3B8, 0.85f, 0},
    [PALETTE_DUSK] = {0x1F1B4D, 0x8A3A74, 0xFF8C5A, 0xFFC37A, 0x150F2E, 0xFFC08A, 0.9f, 0.25f},
    [PALETTE_DAY] = {0x2A6FB8, 0x7FB6E0, 0xE4F1F5, 0xFFFFF0, 0x123A55, 0xFFF0B5, 0.7f, 0},
    [PALETTE_MIST] = {0x5C6F7D, 0x9FB0B5, 0xDDE3DF, 0xF8F6EA, 0x1F2C33, 0xF2E9D0, 0.5f, 0},
    [PALETTE_WARM] = {0x3A1508, 0xA8531C, 0xFFC065, 0xFFE7A8, 0x1C0A06, 0xFFD98A, 1.0f, 0},
    [PALETTE_NIGHT] = {0x050A1E, 0x14244C, 0x35528A, 0xDDE9FF, 0x03060F, 0xAFC8FF, 0.6f, 1.0f},
    [PALETTE_NEON] = {0x0B0424, 0x4A0F6B, 0xFF2E93, 0x3DF2FF, 0x07031A, 0x4DF5FF, 0.9f, 0.2f},
    [PALETTE_SNOW] = {0x5F86AD, 0xA9C6DC, 0xEFF6FA, 0xFFFFFF, 0x2B4A66, 0xFFFFFF, 0.5f, 0},
    [PALETTE_FOREST] = {0x1D4B3E, 0x6FA06A, 0xE9EDB0, 0xFBF6C4, 0x0A2019, 0xE4F2A6, 0.8f, 0},
    [PALETTE_SEA] = {0x0F4C75, 0x3A9CB3, 0xBFE8DC, 0xFFF6D8, 0x08293F, 0xBDF5E6, 0.8f, 0},
    [PALETTE_DESERT] = {0x3C6E99, 0xE2A66B, 0xFFDFA3, 0xFFF4CE, 0x5A2A14, 0xFFE0A6, 0.9f, 0},
    [PALETTE_FIRE] = {0x160404, 0x6E1408, 0xFF6A1A, 0xFFD06B, 0x0D0303, 0xFFB15C, 1.0f, 0},
    [PALETTE_SPACE] = {0x03020D, 0x1D1145, 0x5B2A86, 0xC7D8FF, 0x07051A, 0xCDB7FF, 0.7f, 1.0f},
    [PALETTE_STORM] = {0x1A222C, 0x3B4956, 0x7D8C96, 0xC9D6DD, 0x0B1015, 0xBFD3DF, 0.4f, 0},
    [PALETTE_STAGE] = {0x14060A, 0x4A0D16, 0x9E2B25, 0xFFE2A8, 0x0B0305, 0xFFD28A, 1.0f, 0},
    [PALETTE_INDOORS] = {0x14110F, 0x3B2B20, 0xC98F4E, 0xFFE9BF, 0x0D0907, 0xFFDCA0, 0.9f, 0},
};

/* Words are stems, matched at the beginning of words ("snow" finds "snowy"), one blank between. A
 * row weighs more where its words say more: "neon" colours a picture more than "street" does. */
struct words {
    const char *stems;
    int mean;
    int weight;
};

static const struct words palette_words[] = {
    {"morning dawn sunrise spring soft gentle", PALETTE_MORNING, 3},
    {"dusk sunset evening twilight nostalg autumn romantic", PALETTE_DUSK, 4},
    {"day noon summer bright sky blue cloud fresh clean", PALETTE_DAY, 2},
    {"misty mist fog calm quiet grey gray pale", PALETTE_MIST, 2},
    {"warm gold golden festive amber candle honey cosy cozy lamp celebrat", PALETTE_WARM, 3},
    {"night midnight moon dark shadow star black firefl", PALETTE_NIGHT, 3},
    {"neon cyber hologra arcade disco synth club laser", PALETTE_NEON, 5},
    {"snow winter ice icy frost cold frozen arctic blizzard", PALETTE_SNOW, 3},
    {"forest wood tree jungle moss green garden meadow leaf", PALETTE_FOREST, 2},
    {"sea ocean wave beach harbor harbour boat ship water lagoon underwater", PALETTE_SEA, 2},
    {"desert sand dune dry canyon mars", PALETTE_DESERT, 2},
    {"fire lava ember burn battle explosion flame inferno rage", PALETTE_FIRE, 4},
    {"space galaxy planet orbit cosmos nebula astronaut rocket", PALETTE_SPACE, 3},
    {"rain storm thunder wet gloom noir sad lonely", PALETTE_STORM, 3},
    {"stage theatre theater curtain spotlight concert audience opera circus", PALETTE_STAGE, 4},
    {"corridor hallway backstage tunnel room indoor kitchen office laborator", PALETTE_INDOORS, 2},
};

static const struct words scenery_words[] = {
    {"hill meadow field garden farm village countryside grass flower", FC_SCENERY_HILLS, 1},
    {"mountain peak alp summit cliff glacier volcano castle", FC_SCENERY_MOUNTAINS, 1},
    {"forest wood tree jungle pine park", FC_SCENERY_FOREST, 1},
    {"city street town skyline building rooftop tower traffic neon cyber urban market cafe station",
     FC_SCENERY_CITY, 1},
    {"sea ocean wave beach harbor harbour boat ship coast lake river island lighthouse sail",
     FC_SCENERY_SEA, 1},
    {"desert sand dune canyon mars camel", FC_SCENERY_DESERT, 1},
    {"stage theatre theater curtain spotlight concert audience opera circus band festival dance",
     FC_SCENERY_STAGE, 1},
    {"corridor hallway backstage tunnel room door indoor kitchen office laborator stairs elevator "
     "library",
     FC_SCENERY_CORRIDOR, 1},
    {"space galaxy planet orbit cosmos nebula astronaut rocket moon star", FC_SCENERY_SPACE, 1},
};

static const struct words weather_words[] = {
    {"snow blizzard winter frost", FC_WEATHER_SNOW, 1},
    {"rain storm drizzle thunder", FC_WEATHER_RAIN, 1},
    {"confetti celebrat party carnival birthday firework", FC_WEATHER_CONFETTI, 1},
    {"fire ember spark flame battle magic firefl lantern", FC_WEATHER_SPARKS, 1},
    {"autumn foliage petal blossom", FC_WEATHER_LEAVES, 1},
};

static const struct words camera_words[] = {
    {"push walk approach enter forward zoom step run rush closer into first-person", FC_CAMERA_PUSH,
     1},
    {"pull leave reveal away retreat wide back", FC_CAMERA_PULL, 1},
    {"tilt rise rising climb ascend above tower lift soar", FC_CAMERA_TILT_UP, 1},
    {"fall falling descend sink down drop", FC_CAMERA_TILT_DOWN, 1},
    {"pan pass travel drive drift follow", FC_CAMERA_PAN_RIGHT, 1},
};

enum { STOCK_PALETTES = 4, STOCK_SCENERIES = 5, OWN_WEIGHT = 4 };

/* splitmix64: good enough to look random, and small. */
float fc_chance(uint32_t seed, uint32_t index)
{
    uint64_t z = ((uint64_t)seed << 32 | index) + 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (float)(z >> 40) / 16777216.0f;
}

static bool starts_word(const char *text, const char *at)
{
    return at == text || !isalnum((unsigned char)at[-1]);
}

/* How often words of @text begin with the @n bytes of @stem, whatever their case. */
static int count_stem(const char *text, const char *stem, size_t n)
{
    int count = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (strncasecmp(at, stem, n) == 0 && starts_word(text, at))
            count++;
    }
    return count;
}

static int score(const char *words, const char *text, const char *prompt)
{
    int sum = 0;

    while (*words != '\0') {
        size_t n = strcspn(words, " ");

        sum += OWN_WEIGHT * count_stem(text, words, n) + count_stem(prompt, words, n);
        words += n + (words[n] == ' ');
    }
    return sum;
}

/* What the row with the highest score means, the first of equals; @otherwise when no word occurs.
 */
static int meaning(const struct words *rows, size_t n, const char *text, const char *prompt,
                   int otherwise)
{
    int best = otherwise, best_score = 0;

    for (size_t i = 0; i < n; i++) {
        int points = rows[i].weight * score(rows[i].stems, text, prompt);

        if (points > best_score) {
            best_score = points;
            best = rows[i].mean;
        }
    }
    return best;
}

#define MEANING(rows, text, prompt, otherwise)                                                     \
    meaning((rows), sizeof(rows) / sizeof *(rows), (text), (prompt), (otherwise))

static int pick(uint32_t seed, uint32_t index, int n)
{
    return (int)(fc_chance(seed, index) * (float)n);
}

/* A few degrees of warmth to either side, so that two evenings are not the same evening. */
static struct fc_color vary(uint32_t rgb, uint32_t seed, uint32_t index)
{
    struct fc_color color = fc_color_of(rgb);
    float shift = (fc_chance(seed, index) - 0.5f) * 0.10f;

    return (struct fc_color){color.r * (1 + shift), color.g, color.b * (1 - shift)};
}

static struct fc_palette palette_of(int i, uint32_t seed)
{
    return (struct fc_palette){
        .sky = vary(palettes[i].sky, seed, 11),
        .middle = vary(palettes[i].middle, seed, 12),
        .horizon = vary(palettes[i].horizon, seed, 13),
        .light = fc_color_of(palettes[i].light),
        .near = vary(palettes[i].near, seed, 14),
        .accent = fc_color_of(palettes[i].accent),
        .light_strength = palettes[i].light_strength,
        .stars = palettes[i].stars,
    };
}

struct fc_mood fc_mood_of(const char *text, const char *prompt, uint32_t seed)
{
    int palette = MEANING(palette_words, text, prompt, pick(seed, 1, STOCK_PALETTES));
    int scenery = MEANING(scenery_words, text, prompt, pick(seed, 2, STOCK_SCENERIES));
    int weather = MEANING(weather_words, text, "", FC_WEATHER_DUST);
    int camera = MEANING(camera_words, text, "", pick(seed, 3, FC_CAMERA__COUNT));

    return (struct fc_mood){
        .palette = palette_of(palette, seed),
        .scenery = (enum fc_scenery)scenery,
        .weather = (enum fc_weather)weather,
        .camera = (enum fc_camera_move)camera,
    };
}
