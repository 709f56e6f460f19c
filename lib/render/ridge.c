#include "render/ridge.h"

#include <math.h>

#include "render/mood.h"

#define TURN 6.2831853f

static float phase(uint32_t seed, uint32_t i)
{
    return fc_chance(seed, i) * TURN;
}

/* A random number that belongs to a cell of the layer, negative cells included. */
static float cell_chance(uint32_t seed, int cell, uint32_t what)
{
    return fc_chance(seed * 31 + what, (uint32_t)(cell + 100000));
}

static float flat(uint32_t seed, float u, float seconds)
{
    (void)seed, (void)u, (void)seconds;
    return 0;
}

static float hills(uint32_t seed, float u, float seconds)
{
    (void)seconds;
    return 0.5f + 0.26f * sinf(u * 2.3f + phase(seed, 1)) +
           0.16f * sinf(u * 5.1f + phase(seed, 2)) + 0.06f * sinf(u * 11.7f + phase(seed, 3));
}

/* Straight lines between random heights, at a distance of 1/@rate. */
static float jags(uint32_t seed, float u, float rate, uint32_t what)
{
    float at = u * rate, share = at - floorf(at);
    int cell = (int)floorf(at);

    return cell_chance(seed, cell, what) * (1 - share) + cell_chance(seed, cell + 1, what) * share;
}

static float peaks(uint32_t seed, float u, float seconds)
{
    (void)seconds;
    return 0.60f * jags(seed, u, 3.1f, 1) + 0.26f * jags(seed, u, 9.7f, 2) +
           0.10f * jags(seed, u, 27.0f, 3) + 0.04f * jags(seed, u, 80.0f, 4);
}

/* A fir: a triangle whose sides are sawn. */
static float tree(uint32_t seed, int cell, float at)
{
    float middle = (float)cell + 0.2f + 0.6f * cell_chance(seed, cell, 1);
    float tall = 0.45f + 0.55f * cell_chance(seed, cell, 2);
    float side = fabsf(at - middle) / (0.62f + 0.3f * tall);
    float up = 1 - side;

    if (up <= 0)
        return 0;
    return tall * (up - 0.05f * (up * 7 - floorf(up * 7)));
}

static float trees(uint32_t seed, float u, float seconds)
{
    float at = u * 13.0f, tallest = 0;
    int cell = (int)floorf(at);

    for (int i = cell - 1; i <= cell + 1; i++)
        tallest = fmaxf(tallest, tree(seed, i, at));
    return 0.25f * hills(seed, u, seconds) + 0.75f * tallest;
}

static float roofs(uint32_t seed, float u, float seconds)
{
    float at = u * 9.0f, share = at - floorf(at);
    int cell = (int)floorf(at);
    float tall = 0.25f + 0.75f * powf(cell_chance(seed, cell, 1), 1.4f);
    float wide = 0.80f + 0.2f * cell_chance(seed, cell, 2);
    float mast = 0.2f + 0.5f * cell_chance(seed, cell, 3);

    (void)seconds;
    if (share > wide)
        return tall * 0.55f; /* a lower wing */
    if (tall > 0.72f && fabsf(share - mast) < 0.02f)
        return tall + 0.16f;
    if (tall > 0.5f && fabsf(share - wide / 2) < wide * 0.28f)
        return tall + 0.05f; /* a set-back top floor */
    return tall;
}

static float dunes(uint32_t seed, float u, float seconds)
{
    float a = u * 1.3f + phase(seed, 1), b = u * 3.1f + phase(seed, 2);

    (void)seconds;
    return 0.75f * (1 - fabsf(sinf(a + 0.5f * sinf(a)))) + 0.25f * (1 - fabsf(sinf(b)));
}

/* Head, shoulders, and now and then a raised hand. */
static float person(uint32_t seed, int cell, float at)
{
    float middle = (float)cell + 0.25f + 0.5f * cell_chance(seed, cell, 1);
    float tall = 0.62f + 0.25f * cell_chance(seed, cell, 2);
    float away = at - middle, head = 0.25f * 0.25f - away * away;
    float height = 0;

    if (fabsf(away) < 0.62f)
        height = tall * 0.60f * sqrtf(1 - away * away / (0.62f * 0.62f));
    if (head > 0)
        height = fmaxf(height, tall * 0.78f + 0.9f * sqrtf(head));
    if (cell_chance(seed, cell, 3) > 0.6f && fabsf(away - 0.42f) < 0.07f)
        height = tall + 0.22f;
    return height;
}

static float crowd(uint32_t seed, float u, float seconds)
{
    float at = u * 10.0f, tallest = 0;
    int cell = (int)floorf(at);

    (void)seconds;
    for (int i = cell - 1; i <= cell + 1; i++)
        tallest = fmaxf(tallest, person(seed, i, at));
    return tallest;
}

static float waves(uint32_t seed, float u, float seconds)
{
    return 0.5f + 0.28f * sinf(u * 6.3f + phase(seed, 1) + seconds * 1.1f) +
           0.14f * sinf(u * 14.9f + phase(seed, 2) - seconds * 1.7f) +
           0.08f * sinf(u * 31.0f + phase(seed, 3) + seconds * 2.6f);
}

static float (*const heights[FC_RIDGE__COUNT])(uint32_t seed, float u, float seconds) = {
    [FC_RIDGE_NONE] = flat,   [FC_RIDGE_FLAT] = flat,   [FC_RIDGE_HILLS] = hills,
    [FC_RIDGE_PEAKS] = peaks, [FC_RIDGE_TREES] = trees, [FC_RIDGE_ROOFS] = roofs,
    [FC_RIDGE_DUNES] = dunes, [FC_RIDGE_CROWD] = crowd, [FC_RIDGE_WAVES] = waves,
};

float fc_ridge_height(enum fc_ridge ridge, uint32_t seed, float u, float seconds)
{
    return heights[ridge](seed, u, seconds);
}
