/* People, groups, robots, animals and birds. */
#include "render/figure.h"
#include "render/mood.h"

/* A shape on both sides. */
static void pair(struct fc_sketch *s, float x, float y, float rx, float ry, struct fc_color color)
{
    fc_sketch_ellipse(s, -x, y, rx, ry, color);
    fc_sketch_ellipse(s, x, y, rx, ry, color);
}

static void eyes(struct fc_sketch *s, float x, float y, float size)
{
    pair(s, x, y, size * 0.75f, size, fc_color_of(0x1B1B22));
    pair(s, x, y - size * 0.35f, size * 0.25f, size * 0.30f, fc_color_of(0xFFFFFF));
}

/* ---- people ---- */

static void draw_legs(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color trousers = fc_darker(t->main, 0.55f), shoes = fc_color_of(0x2A2420);

    for (int side = -1; side <= 1; side += 2) {
        float x = 0.07f * (float)side;

        fc_sketch_limb(s, (struct fc_point){x, 0.74f}, 0.050f, (struct fc_point){x * 1.05f, 0.94f},
                       0.040f, trousers);
        fc_sketch_ellipse(s, x * 1.25f, 0.970f, 0.062f, 0.030f, shoes);
    }
}

static void draw_coat(struct fc_sketch *s, const struct fc_traits *t)
{
    float hem = t->has_dress ? 0.235f : 0.165f, bottom = t->has_dress ? 0.90f : 0.80f;
    struct fc_point corners[] = {{-0.105f, 0.47f}, {0.105f, 0.47f}, {hem, bottom}, {-hem, bottom}};

    for (int side = -1; side <= 1; side += 2) {
        float x = 0.135f * (float)side;

        fc_sketch_ellipse(s, x * 1.62f, 0.715f, 0.036f, 0.038f, t->skin);
        fc_sketch_limb(s, (struct fc_point){x, 0.49f}, 0.050f, (struct fc_point){x * 1.58f, 0.675f},
                       0.042f, fc_darker(t->main, 0.10f));
    }
    fc_sketch_polygon(s, corners, 4, 0.035f, t->main);
}

/* Something of the second colour: a belt, a scarf, buttons or a sash. */
static void draw_trim(struct fc_sketch *s, const struct fc_traits *t)
{
    switch (t->hash >> 8 & 3) {
    case 0:
        fc_sketch_box(s, 0, 0.655f, 0.165f, 0.018f, 0.01f, t->trim);
        fc_sketch_box(s, 0, 0.655f, 0.026f, 0.026f, 0.006f, fc_lighter(t->trim, 0.5f));
        break;
    case 1:
        fc_sketch_limb(s, (struct fc_point){-0.10f, 0.465f}, 0.034f,
                       (struct fc_point){0.10f, 0.465f}, 0.034f, t->trim);
        fc_sketch_limb(s, (struct fc_point){0.06f, 0.48f}, 0.030f, (struct fc_point){0.08f, 0.62f},
                       0.034f, t->trim);
        break;
    case 2:
        for (int i = 0; i < 3; i++)
            fc_sketch_ellipse(s, 0, 0.53f + 0.075f * (float)i, 0.016f, 0.016f, t->trim);
        break;
    default:
        fc_sketch_limb(s, (struct fc_point){-0.12f, 0.47f}, 0.020f, (struct fc_point){0.14f, 0.76f},
                       0.020f, t->trim);
    }
}

static void draw_hair_behind(struct fc_sketch *s, const struct fc_traits *t)
{
    if (t->has_long_hair)
        fc_sketch_box(s, 0, 0.345f, 0.180f, 0.190f, 0.16f, fc_darker(t->hair, 0.12f));
    else
        fc_sketch_ellipse(s, 0, 0.245f, 0.168f, 0.160f, t->hair);
}

static void draw_face(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color mouth = fc_color_mix(t->skin, fc_color_of(0x8A2F2F), 0.6f);

    pair(s, 0.142f, 0.290f, 0.024f, 0.032f, t->skin);
    fc_sketch_ellipse(s, 0, 0.275f, 0.140f, 0.158f, t->skin);
    if (t->has_beard)
        fc_sketch_ellipse(s, 0, 0.375f, 0.118f, 0.085f, t->hair);
    pair(s, 0.080f, 0.325f, 0.026f, 0.017f, fc_color_mix(t->skin, fc_color_of(0xE0605A), 0.28f));
    if (t->has_glasses) {
        pair(s, 0.056f, 0.280f, 0.046f, 0.046f, fc_color_of(0x2A2A33));
        pair(s, 0.056f, 0.280f, 0.036f, 0.036f, fc_lighter(t->skin, 0.45f));
    }
    eyes(s, 0.056f, 0.282f, 0.022f);
    fc_sketch_limb(s, (struct fc_point){-0.030f, 0.350f}, 0.007f, (struct fc_point){0, 0.358f},
                   0.008f, mouth);
    fc_sketch_limb(s, (struct fc_point){0.030f, 0.350f}, 0.007f, (struct fc_point){0, 0.358f},
                   0.008f, mouth);
}

static void draw_fringe(struct fc_sketch *s, const struct fc_traits *t)
{
    float parting = (float)(t->hash >> 12 & 3) * 0.04f - 0.06f;
    struct fc_point corners[] = {{-0.135f, 0.235f}, {-0.110f, 0.150f}, {0.000f, 0.120f},
                                 {0.110f, 0.150f},  {0.135f, 0.235f},  {parting + 0.03f, 0.178f}};

    fc_sketch_polygon(s, corners, 6, 0.022f, t->hair);
    if ((t->hash >> 14 & 3) == 0 && t->has_long_hair)
        fc_sketch_ellipse(s, 0, 0.085f, 0.062f, 0.055f, t->hair); /* a bun */
}

static void draw_headgear(struct fc_sketch *s, const struct fc_traits *t)
{
    static const struct fc_point cone[] = {{-0.13f, 0.17f}, {0.02f, -0.02f}, {0.13f, 0.17f}};
    static const struct fc_point crown[] = {{-0.12f, 0.165f}, {-0.13f, 0.055f}, {-0.06f, 0.110f},
                                            {0.00f, 0.035f},  {0.06f, 0.110f},  {0.13f, 0.055f},
                                            {0.12f, 0.165f}};
    struct fc_color gold = fc_color_of(0xF0BE3C), cloth = fc_darker(t->trim, 0.12f);

    switch (t->headgear) {
    case FC_HEAD_CAP:
        fc_sketch_ellipse(s, 0, 0.140f, 0.160f, 0.075f, cloth);
        fc_sketch_box(s, 0, 0.185f, 0.140f, 0.024f, 0.01f, fc_darker(cloth, 0.45f));
        fc_sketch_ellipse(s, 0, 0.185f, 0.022f, 0.022f, gold);
        break;
    case FC_HEAD_BRIM:
        fc_sketch_box(s, 0, 0.115f, 0.110f, 0.070f, 0.04f, cloth);
        fc_sketch_ellipse(s, 0, 0.178f, 0.230f, 0.034f, fc_darker(cloth, 0.2f));
        break;
    case FC_HEAD_POINTED:
        fc_sketch_polygon(s, cone, 3, 0.015f, cloth);
        fc_sketch_ellipse(s, 0, 0.180f, 0.225f, 0.036f, fc_darker(cloth, 0.2f));
        break;
    case FC_HEAD_CROWN:
        fc_sketch_polygon(s, crown, 7, 0.008f, gold);
        fc_sketch_ellipse(s, 0, 0.140f, 0.018f, 0.018f, t->trim);
        break;
    case FC_HEAD_HELMET:
        fc_sketch_ellipse(s, 0, 0.190f, 0.175f, 0.125f, fc_color_of(0xA7AFBA));
        fc_sketch_box(s, 0, 0.250f, 0.018f, 0.075f, 0.01f, fc_color_of(0x8A929E));
        break;
    case FC_HEAD_COOK:
        pair(s, 0.075f, 0.085f, 0.085f, 0.070f, fc_color_of(0xF6F4EF));
        fc_sketch_box(s, 0, 0.155f, 0.125f, 0.040f, 0.015f, fc_color_of(0xFBFAF6));
        break;
    default:
        break;
    }
}

static void draw_person(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color hood = fc_darker(t->main, 0.18f);

    if (t->headgear == FC_HEAD_BUBBLE)
        fc_sketch_ellipse(s, 0, 0.265f, 0.215f, 0.215f, fc_color_of(0xDDE6EE));
    else if (t->headgear == FC_HEAD_HOOD)
        fc_sketch_box(s, 0, 0.300f, 0.200f, 0.200f, 0.17f, hood);
    else
        draw_hair_behind(s, t);
    draw_legs(s, t);
    fc_sketch_box(s, 0, 0.430f, 0.042f, 0.050f, 0.02f, fc_darker(t->skin, 0.12f));
    draw_coat(s, t);
    draw_trim(s, t);
    draw_face(s, t);
    draw_fringe(s, t);
    draw_headgear(s, t);
}

/* Smaller, with its feet at the same height, moved to a side. */
static void draw_person_at(struct fc_sketch *s, const struct fc_traits *t, float x, float feet,
                           float size)
{
    struct fc_sketch moved = *s;

    moved.x = s->x + x * s->unit;
    moved.y = s->y + (feet - size) * s->unit;
    moved.unit = s->unit * size;
    draw_person(&moved, t);
}

static void draw_one(struct fc_sketch *s, const struct fc_traits *t)
{
    draw_person_at(s, t, 0, 1, t->is_child ? 0.80f : 1);
}

/* Two behind, three in front, no two alike. */
static void draw_group(struct fc_sketch *s, const struct fc_traits *t)
{
    static const struct {
        float x, feet, size;
    } places[] = {{-0.16f, 0.90f, 0.66f},
                  {0.16f, 0.90f, 0.66f},
                  {-0.27f, 0.99f, 0.66f},
                  {0.27f, 0.99f, 0.66f},
                  {0.00f, 1.00f, 0.70f}};
    static const uint32_t clothes[] = {0xD1495B, 0x2E86AB, 0xE9A23B, 0x5B8E7D, 0x7A5FA0, 0xE4572E};
    static const uint32_t hairs[] = {0x2A1D17, 0x7A4B26, 0xC08A42, 0xC9CCD2, 0x9C3D1E};
    static const uint32_t skins[] = {0xF4D0B1, 0xC98E62, 0x7A4A2C, 0xE6B58D, 0xA56B43};

    for (uint32_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct fc_traits one = *t;
        uint32_t shift = t->hash % 5 + i;

        one.hash = t->hash * 31 + i * 7919;
        one.main = fc_color_mix(fc_color_of(clothes[shift % 6]), t->main, i == 4 ? 1 : 0.12f);
        one.hair = fc_color_of(hairs[shift % 5]);
        one.skin = fc_color_of(skins[(shift * 2) % 5]);
        one.has_long_hair = fc_chance(one.hash, 5) < 0.45f;
        one.has_glasses = fc_chance(one.hash, 6) < 0.25f;
        one.has_beard = !one.has_long_hair && fc_chance(one.hash, 7) < 0.3f;
        draw_person_at(s, &one, places[i].x, places[i].feet, places[i].size);
    }
}

/* ---- others ---- */

static void draw_robot(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color metal = fc_color_mix(t->main, fc_color_of(0xC3CBD6), 0.55f);
    struct fc_color glow = fc_lighter(t->trim, 0.35f);

    for (int side = -1; side <= 1; side += 2) {
        float x = (float)side;

        fc_sketch_limb(s, (struct fc_point){x * 0.20f, 0.52f}, 0.034f,
                       (struct fc_point){x * 0.27f, 0.72f}, 0.040f, fc_darker(metal, 0.25f));
        fc_sketch_box(s, x * 0.09f, 0.88f, 0.045f, 0.09f, 0.02f, fc_darker(metal, 0.3f));
        fc_sketch_box(s, x * 0.10f, 0.970f, 0.075f, 0.030f, 0.02f, fc_darker(metal, 0.5f));
    }
    fc_sketch_box(s, 0, 0.62f, 0.185f, 0.185f, 0.05f, metal);
    fc_sketch_box(s, 0, 0.60f, 0.110f, 0.075f, 0.02f, fc_darker(metal, 0.55f));
    for (int i = -1; i <= 1; i++)
        fc_sketch_ellipse(s, 0.06f * (float)i, 0.60f, 0.018f, 0.018f, i == 0 ? t->trim : glow);
    fc_sketch_limb(s, (struct fc_point){0, 0.16f}, 0.010f, (struct fc_point){0, 0.05f}, 0.010f,
                   fc_darker(metal, 0.3f));
    fc_sketch_ellipse(s, 0, 0.045f, 0.032f, 0.032f, t->trim);
    fc_sketch_box(s, 0, 0.285f, 0.170f, 0.130f, 0.05f, metal);
    fc_sketch_box(s, 0, 0.275f, 0.135f, 0.072f, 0.035f, fc_color_of(0x20242E));
    pair(s, 0.060f, 0.275f, 0.030f, 0.034f, glow);
}

static void draw_ears(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color inner = fc_color_mix(t->main, fc_color_of(0xF2B8B0), 0.6f);

    for (int side = -1; side <= 1; side += 2) {
        float x = (float)side;
        struct fc_point outer[] = {{x * 0.18f, 0.28f}, {x * 0.19f, 0.06f}, {x * 0.04f, 0.19f}};
        struct fc_point lining[] = {{x * 0.155f, 0.235f}, {x * 0.16f, 0.125f}, {x * 0.085f, 0.19f}};

        switch (t->variant) {
        case FC_EARS_POINTED:
            fc_sketch_polygon(s, outer, 3, 0.02f, t->main);
            fc_sketch_polygon(s, lining, 3, 0.01f, inner);
            break;
        case FC_EARS_ROUND:
            fc_sketch_ellipse(s, x * 0.155f, 0.200f, 0.080f, 0.080f, t->main);
            fc_sketch_ellipse(s, x * 0.155f, 0.205f, 0.045f, 0.045f, inner);
            break;
        case FC_EARS_LONG:
            fc_sketch_ellipse(s, x * 0.085f, 0.130f, 0.052f, 0.150f, t->main);
            fc_sketch_ellipse(s, x * 0.085f, 0.135f, 0.026f, 0.110f, inner);
            break;
        default:
            fc_sketch_limb(s, (struct fc_point){x * 0.15f, 0.27f}, 0.050f,
                           (struct fc_point){x * 0.225f, 0.47f}, 0.062f, fc_darker(t->main, 0.3f));
        }
    }
}

static void draw_animal(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color pale = fc_lighter(t->main, 0.55f), nose = fc_color_of(0x2B2024);

    if (t->variant == FC_EARS_LONG)
        fc_sketch_ellipse(s, 0.19f, 0.88f, 0.070f, 0.065f, pale);
    else
        fc_sketch_limb(s, (struct fc_point){0.14f, 0.90f}, 0.050f, (struct fc_point){0.31f, 0.66f},
                       0.038f, fc_darker(t->main, 0.12f));
    fc_sketch_ellipse(s, 0, 0.76f, 0.205f, 0.235f, t->main);
    fc_sketch_ellipse(s, 0, 0.74f, 0.115f, 0.160f, pale);
    pair(s, 0.105f, 0.960f, 0.075f, 0.038f, t->main);
    if (t->variant != FC_EARS_FLOPPY)
        draw_ears(s, t);
    fc_sketch_ellipse(s, 0, 0.375f, 0.215f, 0.185f, t->main);
    if (t->variant == FC_EARS_FLOPPY)
        draw_ears(s, t);
    fc_sketch_ellipse(s, 0, 0.440f, 0.098f, 0.078f, pale);
    fc_sketch_ellipse(s, 0, 0.410f, 0.034f, 0.024f, nose);
    eyes(s, 0.095f, 0.345f, 0.028f);
    fc_sketch_box(s, 0, 0.565f, 0.115f, 0.018f, 0.018f, t->trim); /* a collar */
}

static void draw_bird(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color beak = fc_color_of(0xF0A030), pale = fc_lighter(t->main, 0.5f);
    struct fc_point tail[] = {{-0.10f, 0.72f}, {-0.36f, 0.90f}, {-0.08f, 0.88f}};
    struct fc_point bill[] = {{0.16f, 0.33f}, {0.32f, 0.39f}, {0.16f, 0.43f}};

    for (int side = -1; side <= 1; side += 2)
        fc_sketch_limb(s, (struct fc_point){0.05f * (float)side + 0.02f, 0.86f}, 0.014f,
                       (struct fc_point){0.06f * (float)side + 0.02f, 0.98f}, 0.018f, beak);
    fc_sketch_polygon(s, tail, 3, 0.015f, fc_darker(t->main, 0.25f));
    fc_sketch_ellipse(s, 0, 0.66f, 0.215f, 0.245f, t->main);
    fc_sketch_ellipse(s, 0.075f, 0.69f, 0.120f, 0.170f, pale);
    fc_sketch_ellipse(s, -0.085f, 0.66f, 0.105f, 0.165f, fc_darker(t->main, 0.2f));
    fc_sketch_polygon(s, bill, 3, 0.012f, beak);
    fc_sketch_ellipse(s, 0.04f, 0.34f, 0.175f, 0.165f, t->main);
    fc_sketch_ellipse(s, 0.100f, 0.32f, 0.058f, 0.058f, fc_color_of(0xFFFFFF));
    fc_sketch_ellipse(s, 0.112f, 0.325f, 0.026f, 0.030f, fc_color_of(0x1B1B22));
}

static void (*const beings[FC_FIGURE__COUNT])(struct fc_sketch *s, const struct fc_traits *t) = {
    [FC_FIGURE_PERSON] = draw_one,  [FC_FIGURE_GROUP] = draw_group,
    [FC_FIGURE_ROBOT] = draw_robot, [FC_FIGURE_ANIMAL] = draw_animal,
    [FC_FIGURE_BIRD] = draw_bird,
};

void fc_figure_draw(struct fc_sketch *s, const struct fc_traits *traits)
{
    if (beings[traits->figure] != NULL)
        beings[traits->figure](s, traits);
    else
        fc_figure_draw_object(s, traits);
}
