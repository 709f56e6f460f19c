#include "render/weather.h"

#include <math.h>

/* Sizes and speeds are in heights of the frame (per second), for a flake at the middle distance. */
static const struct {
    uint32_t n;
    float size, fall, drift, sway;
    float blur; /* soft edge as a share of the size */
    float opacity;
} kinds[FC_WEATHER__COUNT] = {
    [FC_WEATHER_DUST] = {46, 0.0026f, -0.012f, 0.008f, 0.012f, 1.2f, 0.50f},
    [FC_WEATHER_SNOW] = {190, 0.0040f, 0.085f, 0.015f, 0.020f, 0.9f, 0.85f},
    [FC_WEATHER_RAIN] = {150, 0.0012f, 1.300f, -0.060f, 0, 0, 0.32f},
    [FC_WEATHER_CONFETTI] = {140, 0.0085f, 0.150f, 0.010f, 0.030f, 0, 0.95f},
    [FC_WEATHER_SPARKS] = {90, 0.0026f, -0.150f, 0.020f, 0.030f, 1.0f, 0.90f},
    [FC_WEATHER_LEAVES] = {46, 0.0070f, 0.075f, 0.050f, 0.050f, 0.3f, 0.85f},
};

static const uint32_t paper[] = {0xFF5D73, 0xFFD166, 0x4FD1C5, 0x8E7CFF, 0xFFFFFF, 0x6FCF6A};
static const uint32_t foliage[] = {0xD98E32, 0xB5542A, 0xE3B448, 0x9A3B26};

struct flake {
    float x, y, size, turn; /* pixels; turn 0..1 of a full turn */
    float opacity;
    uint32_t i;
};

/* @value into 0..@length, however far it has gone. */
static float wrap(float value, float length)
{
    return value - length * floorf(value / length);
}

static struct flake flake_at(enum fc_weather weather, uint32_t seed, uint32_t i, float width,
                             float height, float camera_x, float seconds)
{
    float near = 0.45f + 1.1f * fc_chance(seed, 3000 + i); /* nearer ones are larger and faster */
    float border = height * 0.04f;
    float sway = sinf(seconds * (0.8f + fc_chance(seed, 3200 + i)) + (float)i) *
                 kinds[weather].sway;
    float x = fc_chance(seed, 3400 + i) * (width + 2 * border) - camera_x * width * near +
              height * near * (kinds[weather].drift * seconds + sway);
    float y = fc_chance(seed, 3600 + i) * (height + 2 * border) +
              height * near * kinds[weather].fall * seconds;

    return (struct flake){
        .x = wrap(x, width + 2 * border) - border,
        .y = wrap(y, height + 2 * border) - border,
        .size = fmaxf(kinds[weather].size * height * near, 0.7f),
        .turn = wrap(seconds * (0.5f + near) + fc_chance(seed, 3800 + i), 1),
        .opacity = kinds[weather].opacity * (0.45f + 0.5f * fminf(near, 1.1f)),
        .i = i,
    };
}

static void paint_spot(const struct fc_mood *mood, struct fc_canvas *canvas, const struct flake *f)
{
    float twinkle = mood->weather == FC_WEATHER_SNOW ? 1 : 0.6f + 0.4f * sinf(f->turn * 6.2831853f);

    fc_canvas_disc(canvas, f->x, f->y, f->size, f->size * kinds[mood->weather].blur,
                   mood->palette.light, f->opacity * twinkle);
}

static void paint_streak(const struct fc_mood *mood, struct fc_canvas *canvas,
                         const struct flake *f)
{
    fc_canvas_rect(canvas, f->x, f->y - f->size * 26, f->x + f->size, f->y, mood->palette.light,
                   f->opacity);
}

/* A scrap that tumbles: its height is what one sees of it. */
static void paint_scrap(const struct fc_mood *mood, struct fc_canvas *canvas, const struct flake *f)
{
    float half = f->size * 0.5f * (0.2f + fabsf(cosf(f->turn * 6.2831853f)));
    uint32_t rgb = mood->weather == FC_WEATHER_CONFETTI
                       ? paper[f->i % (sizeof paper / sizeof *paper)]
                       : foliage[f->i % (sizeof foliage / sizeof *foliage)];

    fc_canvas_rect(canvas, f->x - f->size * 0.5f, f->y - half, f->x + f->size * 0.5f, f->y + half,
                   fc_color_of(rgb), f->opacity);
}

static void (*const painters[FC_WEATHER__COUNT])(const struct fc_mood *, struct fc_canvas *,
                                                 const struct flake *) = {
    [FC_WEATHER_DUST] = paint_spot,   [FC_WEATHER_SNOW] = paint_spot,
    [FC_WEATHER_RAIN] = paint_streak, [FC_WEATHER_CONFETTI] = paint_scrap,
    [FC_WEATHER_SPARKS] = paint_spot, [FC_WEATHER_LEAVES] = paint_scrap,
};

void fc_weather_paint(const struct fc_mood *mood, float share, uint32_t seed,
                      struct fc_canvas *canvas, float camera_x, float seconds)
{
    uint32_t n = (uint32_t)((float)kinds[mood->weather].n * share);

    for (uint32_t i = 0; i < n; i++) {
        struct flake flake = flake_at(mood->weather, seed, i, (float)canvas->width,
                                      (float)canvas->height, camera_x, seconds);

        painters[mood->weather](mood, canvas, &flake);
    }
}
