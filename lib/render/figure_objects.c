/* Buildings, vehicles, plants and things. */
#include "render/figure.h"

static struct fc_color lamp(void)
{
    return fc_color_of(0xFFE6A0);
}

#define POLYGON(s, round, color, ...)                                                              \
    fc_sketch_polygon(                                                                             \
        (s), (const struct fc_point[]){__VA_ARGS__},                                               \
        (int)(sizeof((const struct fc_point[]){__VA_ARGS__}) / sizeof(struct fc_point)), (round),  \
        (color))

/* ---- buildings ---- */

static void draw_house(struct fc_sketch *s, const struct fc_traits *t)
{
    fc_sketch_box(s, 0.17f, 0.30f, 0.040f, 0.110f, 0.005f, fc_darker(t->trim, 0.35f));
    fc_sketch_box(s, 0, 0.74f, 0.290f, 0.240f, 0.01f, fc_lighter(t->main, 0.35f));
    POLYGON(s, 0.015f, t->trim, {-0.36f, 0.52f}, {0, 0.20f}, {0.36f, 0.52f});
    fc_sketch_box(s, 0, 0.855f, 0.065f, 0.125f, 0.02f, fc_darker(t->trim, 0.3f));
    fc_sketch_box(s, -0.17f, 0.68f, 0.055f, 0.060f, 0.01f, lamp());
    fc_sketch_box(s, 0.17f, 0.68f, 0.055f, 0.060f, 0.01f, lamp());
}

static void draw_tower(struct fc_sketch *s, const struct fc_traits *t)
{
    POLYGON(s, 0.01f, fc_lighter(t->main, 0.6f), {-0.115f, 0.27f}, {0.115f, 0.27f}, {0.175f, 0.97f},
            {-0.175f, 0.97f});
    POLYGON(s, 0.004f, t->main, {-0.128f, 0.42f}, {0.128f, 0.42f}, {0.141f, 0.57f},
            {-0.141f, 0.57f});
    POLYGON(s, 0.004f, t->main, {-0.154f, 0.72f}, {0.154f, 0.72f}, {0.167f, 0.87f},
            {-0.167f, 0.87f});
    fc_sketch_box(s, 0, 0.255f, 0.160f, 0.022f, 0.01f, fc_darker(t->main, 0.4f));
    fc_sketch_box(s, 0, 0.180f, 0.095f, 0.060f, 0.01f, lamp());
    POLYGON(s, 0.015f, t->trim, {-0.13f, 0.12f}, {0, 0.01f}, {0.13f, 0.12f});
    fc_sketch_box(s, 0, 0.930f, 0.050f, 0.060f, 0.03f, fc_darker(t->main, 0.6f));
}

static void draw_castle(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color stone = fc_color_mix(t->main, fc_color_of(0xC9C3B8), 0.65f);

    fc_sketch_box(s, 0, 0.73f, 0.260f, 0.250f, 0.005f, stone);
    for (int i = -2; i <= 2; i++)
        fc_sketch_box(s, 0.115f * (float)i, 0.455f, 0.038f, 0.040f, 0.004f, stone);
    for (int side = -1; side <= 1; side += 2) {
        float x = 0.29f * (float)side;

        fc_sketch_box(s, x, 0.660f, 0.095f, 0.320f, 0.005f, fc_darker(stone, 0.12f));
        POLYGON(s, 0.012f, t->trim, {x - 0.115f, 0.33f}, {x, 0.10f}, {x + 0.115f, 0.33f});
        fc_sketch_box(s, x, 0.500f, 0.025f, 0.050f, 0.02f, lamp());
    }
    fc_sketch_box(s, 0, 0.885f, 0.090f, 0.120f, 0.08f, fc_darker(stone, 0.65f));
    fc_sketch_limb(s, (struct fc_point){0, 0.42f}, 0.008f, (struct fc_point){0, 0.17f}, 0.008f,
                   fc_darker(stone, 0.5f));
    POLYGON(s, 0.006f, t->trim, {0.01f, 0.17f}, {0.14f, 0.215f}, {0.01f, 0.265f});
}

static void draw_stage(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color curtain = t->main, wood = fc_color_of(0x9A6A3C);

    fc_sketch_box(s, 0, 0.52f, 0.370f, 0.340f, 0.02f, fc_darker(curtain, 0.72f));
    POLYGON(s, 0.01f, fc_color_mix(fc_darker(curtain, 0.6f), lamp(), 0.55f), {-0.04f, 0.2f},
            {0.04f, 0.2f}, {0.20f, 0.84f}, {-0.20f, 0.84f});
    for (int side = -1; side <= 1; side += 2) {
        for (int fold = 0; fold < 3; fold++) {
            float x = (0.345f - 0.062f * (float)fold) * (float)side;

            fc_sketch_limb(s, (struct fc_point){x, 0.22f}, 0.045f,
                           (struct fc_point){x * 1.02f, 0.80f}, 0.034f,
                           fc_darker(curtain, 0.12f * (float)fold));
        }
    }
    for (int i = -2; i <= 2; i++)
        fc_sketch_ellipse(s, 0.150f * (float)i, 0.215f, 0.090f, 0.075f, fc_darker(curtain, 0.08f));
    fc_sketch_box(s, 0, 0.160f, 0.385f, 0.040f, 0.015f, fc_color_of(0xE0A83A));
    fc_sketch_box(s, 0, 0.905f, 0.400f, 0.070f, 0.01f, wood);
    fc_sketch_box(s, 0, 0.850f, 0.400f, 0.018f, 0.01f, fc_lighter(wood, 0.3f));
}

/* ---- vehicles ---- */

static void draw_car(struct fc_sketch *s, const struct fc_traits *t)
{
    POLYGON(s, 0.04f, t->main, {-0.20f, 0.68f}, {-0.13f, 0.53f}, {0.12f, 0.53f}, {0.21f, 0.68f});
    POLYGON(s, 0.01f, fc_color_of(0xBFE0EE), {-0.15f, 0.67f}, {-0.10f, 0.56f}, {-0.02f, 0.56f},
            {-0.02f, 0.67f});
    POLYGON(s, 0.01f, fc_color_of(0xBFE0EE), {0.03f, 0.67f}, {0.03f, 0.56f}, {0.10f, 0.56f},
            {0.16f, 0.67f});
    fc_sketch_box(s, 0, 0.785f, 0.390f, 0.105f, 0.07f, t->main);
    fc_sketch_box(s, 0, 0.815f, 0.385f, 0.018f, 0.01f, t->trim);
    fc_sketch_ellipse(s, 0.355f, 0.755f, 0.026f, 0.030f, lamp());
    for (int side = -1; side <= 1; side += 2) {
        fc_sketch_ellipse(s, 0.21f * (float)side, 0.895f, 0.092f, 0.092f, fc_color_of(0x24242B));
        fc_sketch_ellipse(s, 0.21f * (float)side, 0.895f, 0.042f, 0.042f, fc_color_of(0xC3CBD6));
    }
}

static void draw_ship(struct fc_sketch *s, const struct fc_traits *t)
{
    fc_sketch_limb(s, (struct fc_point){-0.01f, 0.74f}, 0.014f, (struct fc_point){-0.01f, 0.06f},
                   0.011f, fc_color_of(0x6E4A2C));
    POLYGON(s, 0.008f, fc_color_of(0xF3EDE0), {0.02f, 0.12f}, {0.32f, 0.66f}, {0.02f, 0.66f});
    POLYGON(s, 0.008f, t->trim, {-0.04f, 0.20f}, {-0.04f, 0.66f}, {-0.26f, 0.66f});
    POLYGON(s, 0.02f, t->main, {-0.36f, 0.75f}, {0.37f, 0.75f}, {0.26f, 0.93f}, {-0.26f, 0.93f});
    fc_sketch_box(s, 0, 0.790f, 0.330f, 0.014f, 0.01f, fc_lighter(t->main, 0.6f));
    for (int i = -1; i <= 1; i++)
        fc_sketch_ellipse(s, 0.12f * (float)i, 0.855f, 0.024f, 0.024f, lamp());
    for (int i = -2; i <= 2; i++)
        fc_sketch_ellipse(s, 0.17f * (float)i, 0.965f, 0.095f, 0.030f, fc_color_of(0x3E7FA8));
}

static void draw_rocket(struct fc_sketch *s, const struct fc_traits *t)
{
    POLYGON(s, 0.02f, fc_color_of(0xF2A33C), {-0.08f, 0.84f}, {0.08f, 0.84f}, {0, 0.99f});
    for (int side = -1; side <= 1; side += 2) {
        float x = (float)side;

        POLYGON(s, 0.015f, t->trim, {x * 0.12f, 0.58f}, {x * 0.29f, 0.84f}, {x * 0.10f, 0.80f});
    }
    fc_sketch_ellipse(s, 0, 0.47f, 0.165f, 0.400f,
                      fc_color_mix(t->main, fc_color_of(0xF0F2F5), 0.7f));
    POLYGON(s, 0.02f, t->main, {-0.095f, 0.175f}, {0, 0.045f}, {0.095f, 0.175f});
    fc_sketch_ellipse(s, 0, 0.400f, 0.078f, 0.078f, fc_darker(t->main, 0.45f));
    fc_sketch_ellipse(s, 0, 0.400f, 0.055f, 0.055f, fc_color_of(0xA8DDF0));
    fc_sketch_box(s, 0, 0.640f, 0.140f, 0.020f, 0.01f, t->trim);
}

/* ---- plants ---- */

static void draw_tree(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color leaves = fc_color_mix(t->main, fc_color_of(0x3F8A4C), 0.6f);

    fc_sketch_limb(s, (struct fc_point){0, 0.55f}, 0.040f, (struct fc_point){0, 0.97f}, 0.060f,
                   fc_color_of(0x7A5230));
    fc_sketch_ellipse(s, -0.165f, 0.440f, 0.180f, 0.165f, fc_darker(leaves, 0.18f));
    fc_sketch_ellipse(s, 0.165f, 0.430f, 0.180f, 0.170f, fc_darker(leaves, 0.10f));
    fc_sketch_ellipse(s, 0, 0.280f, 0.220f, 0.220f, leaves);
    for (int i = 0; i < 5; i++)
        fc_sketch_ellipse(s, -0.20f + 0.10f * (float)i, 0.30f + 0.09f * (float)(i * i % 3), 0.022f,
                          0.022f, t->trim);
}

static void draw_flower(struct fc_sketch *s, const struct fc_traits *t)
{
    static const struct fc_point petals[] = {{0.155f, 0.30f},    {0.0775f, 0.434f},
                                             {-0.0775f, 0.434f}, {-0.155f, 0.30f},
                                             {-0.0775f, 0.166f}, {0.0775f, 0.166f}};
    struct fc_color green = fc_color_of(0x4C9A52);

    fc_sketch_limb(s, (struct fc_point){0, 0.40f}, 0.018f, (struct fc_point){0, 0.97f}, 0.024f,
                   green);
    fc_sketch_ellipse(s, -0.120f, 0.760f, 0.115f, 0.050f, green);
    fc_sketch_ellipse(s, 0.120f, 0.670f, 0.115f, 0.050f, fc_darker(green, 0.12f));
    for (size_t i = 0; i < sizeof petals / sizeof *petals; i++)
        fc_sketch_ellipse(s, petals[i].x, petals[i].y, 0.105f, 0.105f, t->main);
    fc_sketch_ellipse(s, 0, 0.300f, 0.090f, 0.090f, fc_color_of(0xF3C53C));
}

/* ---- things ---- */

static void draw_gem(struct fc_sketch *s, const struct fc_traits *t)
{
    POLYGON(s, 0.015f, t->main, {-0.20f, 0.34f}, {0.20f, 0.34f}, {0.33f, 0.52f}, {0, 0.93f},
            {-0.33f, 0.52f});
    POLYGON(s, 0.004f, fc_lighter(t->main, 0.45f), {-0.20f, 0.34f}, {0.20f, 0.34f}, {0.12f, 0.52f},
            {-0.12f, 0.52f});
    POLYGON(s, 0.004f, fc_lighter(t->main, 0.20f), {-0.12f, 0.53f}, {0.12f, 0.53f}, {0, 0.90f});
    POLYGON(s, 0.004f, fc_darker(t->main, 0.20f), {0.14f, 0.53f}, {0.32f, 0.53f}, {0.02f, 0.90f});
}

static void draw_box(struct fc_sketch *s, const struct fc_traits *t)
{
    fc_sketch_box(s, 0, 0.745f, 0.310f, 0.225f, 0.02f, t->main);
    fc_sketch_box(s, 0, 0.520f, 0.335f, 0.065f, 0.025f, fc_darker(t->main, 0.18f));
    fc_sketch_box(s, 0, 0.720f, 0.050f, 0.255f, 0.005f, t->trim);
    fc_sketch_ellipse(s, -0.085f, 0.415f, 0.085f, 0.052f, t->trim);
    fc_sketch_ellipse(s, 0.085f, 0.415f, 0.085f, 0.052f, fc_darker(t->trim, 0.12f));
}

static void draw_orb(struct fc_sketch *s, const struct fc_traits *t)
{
    POLYGON(s, 0.015f, fc_darker(t->trim, 0.35f), {-0.16f, 0.97f}, {-0.10f, 0.82f}, {0.10f, 0.82f},
            {0.16f, 0.97f});
    fc_sketch_ellipse(s, 0, 0.520f, 0.310f, 0.310f, t->main);
    fc_sketch_ellipse(s, 0.030f, 0.540f, 0.250f, 0.245f, fc_darker(t->main, 0.12f));
    fc_sketch_ellipse(s, -0.110f, 0.400f, 0.085f, 0.065f, fc_lighter(t->main, 0.65f));
}

static void draw_book(struct fc_sketch *s, const struct fc_traits *t)
{
    fc_sketch_box(s, 0.012f, 0.640f, 0.275f, 0.335f, 0.02f, fc_darker(t->main, 0.35f));
    fc_sketch_box(s, 0.020f, 0.635f, 0.260f, 0.320f, 0.01f, fc_color_of(0xF3ECDA));
    fc_sketch_box(s, -0.012f, 0.620f, 0.270f, 0.330f, 0.02f, t->main);
    fc_sketch_box(s, -0.250f, 0.620f, 0.028f, 0.330f, 0.01f, fc_darker(t->main, 0.28f));
    fc_sketch_box(s, 0.020f, 0.520f, 0.150f, 0.020f, 0.01f, t->trim);
    fc_sketch_box(s, 0.020f, 0.590f, 0.105f, 0.014f, 0.01f, t->trim);
}

static void draw_lantern(struct fc_sketch *s, const struct fc_traits *t)
{
    struct fc_color iron = fc_darker(t->main, 0.45f);

    fc_sketch_limb(s, (struct fc_point){0, 0.06f}, 0.016f, (struct fc_point){0, 0.26f}, 0.016f,
                   iron);
    POLYGON(s, 0.02f, iron, {-0.20f, 0.37f}, {0, 0.22f}, {0.20f, 0.37f});
    fc_sketch_box(s, 0, 0.635f, 0.180f, 0.250f, 0.06f, lamp());
    fc_sketch_ellipse(s, 0, 0.660f, 0.070f, 0.120f, fc_color_of(0xFFFBE8));
    for (int i = -1; i <= 1; i++)
        fc_sketch_box(s, 0.165f * (float)i, 0.635f, 0.012f, 0.250f, 0.01f, iron);
    fc_sketch_box(s, 0, 0.925f, 0.220f, 0.045f, 0.02f, iron);
}

static void draw_bottle(struct fc_sketch *s, const struct fc_traits *t)
{
    fc_sketch_box(s, 0, 0.165f, 0.062f, 0.055f, 0.02f, fc_color_of(0xB98A55));
    fc_sketch_box(s, 0, 0.300f, 0.075f, 0.120f, 0.02f, fc_lighter(t->main, 0.40f));
    fc_sketch_box(s, 0, 0.690f, 0.220f, 0.290f, 0.14f, fc_lighter(t->main, 0.25f));
    fc_sketch_box(s, 0, 0.775f, 0.195f, 0.185f, 0.12f, t->main);
    fc_sketch_box(s, 0, 0.690f, 0.150f, 0.095f, 0.015f, fc_color_of(0xF3ECDA));
    fc_sketch_box(s, 0, 0.690f, 0.090f, 0.018f, 0.01f, t->trim);
    fc_sketch_ellipse(s, -0.145f, 0.560f, 0.024f, 0.080f, fc_color_of(0xFFFFFF));
}

/* ---- all of them ---- */

typedef void draw(struct fc_sketch *s, const struct fc_traits *t);

static draw *const buildings[FC_BUILDING__COUNT] = {
    [FC_BUILDING_HOUSE] = draw_house,
    [FC_BUILDING_TOWER] = draw_tower,
    [FC_BUILDING_CASTLE] = draw_castle,
    [FC_BUILDING_STAGE] = draw_stage,
};
static draw *const vehicles[FC_VEHICLE__COUNT] = {
    [FC_VEHICLE_CAR] = draw_car,
    [FC_VEHICLE_SHIP] = draw_ship,
    [FC_VEHICLE_ROCKET] = draw_rocket,
};
static draw *const plants[FC_PLANT__COUNT] = {
    [FC_PLANT_TREE] = draw_tree,
    [FC_PLANT_FLOWER] = draw_flower,
};
static draw *const things[FC_THING__COUNT] = {
    [FC_THING_GEM] = draw_gem,   [FC_THING_BOX] = draw_box,         [FC_THING_ORB] = draw_orb,
    [FC_THING_BOOK] = draw_book, [FC_THING_LANTERN] = draw_lantern, [FC_THING_BOTTLE] = draw_bottle,
};

static draw *const *const objects[FC_FIGURE__COUNT] = {
    [FC_FIGURE_BUILDING] = buildings,
    [FC_FIGURE_VEHICLE] = vehicles,
    [FC_FIGURE_PLANT] = plants,
    [FC_FIGURE_THING] = things,
};

void fc_figure_draw_object(struct fc_sketch *s, const struct fc_traits *traits)
{
    objects[traits->figure][traits->variant](s, traits);
}
