/**
 * What a symbol looks like as a figure, read from its key and its description: what it is, its
 * colours, what it wears. What no word says is drawn from a hash of both, so that the same symbol
 * is the same figure wherever it comes up. Pure.
 */
#ifndef RENDER_TRAITS_H
#define RENDER_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "render/canvas.h"

enum fc_figure {
    FC_FIGURE_PERSON,
    FC_FIGURE_GROUP,
    FC_FIGURE_ROBOT,
    FC_FIGURE_ANIMAL,
    FC_FIGURE_BIRD,
    FC_FIGURE_BUILDING,
    FC_FIGURE_VEHICLE,
    FC_FIGURE_PLANT,
    FC_FIGURE_THING,
    FC_FIGURE__COUNT
};

enum fc_ears { FC_EARS_POINTED, FC_EARS_ROUND, FC_EARS_LONG, FC_EARS_FLOPPY, FC_EARS__COUNT };
enum fc_building {
    FC_BUILDING_HOUSE,
    FC_BUILDING_TOWER,
    FC_BUILDING_CASTLE,
    FC_BUILDING_STAGE,
    FC_BUILDING__COUNT
};
enum fc_vehicle { FC_VEHICLE_CAR, FC_VEHICLE_SHIP, FC_VEHICLE_ROCKET, FC_VEHICLE__COUNT };
enum fc_plant { FC_PLANT_TREE, FC_PLANT_FLOWER, FC_PLANT__COUNT };
enum fc_thing {
    FC_THING_GEM,
    FC_THING_BOX,
    FC_THING_ORB,
    FC_THING_BOOK,
    FC_THING_LANTERN,
    FC_THING_BOTTLE,
    FC_THING__COUNT
};

enum fc_headgear {
    FC_HEAD_BARE,
    FC_HEAD_CAP,
    FC_HEAD_BRIM,
    FC_HEAD_POINTED,
    FC_HEAD_CROWN,
    FC_HEAD_HELMET,
    FC_HEAD_BUBBLE,
    FC_HEAD_COOK,
    FC_HEAD_HOOD,
    FC_HEAD__COUNT
};

struct fc_traits {
    enum fc_figure figure;
    int variant; /* of the figure: ears, building, vehicle, plant or thing */
    enum fc_headgear headgear;
    struct fc_color main, trim; /* coat or body, and what goes with it */
    struct fc_color hair, skin;
    bool has_beard, has_glasses, has_long_hair, has_dress, is_child;
    uint32_t hash;
};

struct fc_traits fc_traits_of(const char *key, const char *prompt);

#endif
