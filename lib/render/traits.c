#include "render/traits.h"

#include <ctype.h>
#include <string.h>

#include <framecast/text.h>

#include "render/mood.h"

enum { WORDS_MAX = 220, WORD_BYTES = 24, PARTS_REACH = 3 };

/* The words of a text, lower case, letters only; a comma and its kin are a word of their own. */
struct words {
    char at[WORDS_MAX][WORD_BYTES];
    int n;
    int n_key; /* the first of them are the key's */
};

/* ---- what words mean ---- */

/* Plurals count as well. */
static const struct {
    const char *words;
    enum fc_figure figure;
    int variant; /* -1: any */
} figures[] = {
    {"man woman boy girl hero heroine king queen prince princess captain sailor doctor wizard "
     "witch magician knight child kid baby lady gentleman mother father grandmother grandfather "
     "person human detective teacher pilot astronaut diver dancer singer chef cook baker guard "
     "keeper farmer worker student scientist nurse soldier warrior thief pirate samurai ninja "
     "friend stranger traveller traveler traveller painter musician barista model runner elf",
     FC_FIGURE_PERSON, -1},
    {"crowd audience people family team army band group children villagers passengers guests fans "
     "spectators dancers choir orchestra friends visitors protesters crew",
     FC_FIGURE_GROUP, -1},
    {"robot android droid cyborg machine mech", FC_FIGURE_ROBOT, -1},
    {"cat kitten fox wolf tiger lynx", FC_FIGURE_ANIMAL, FC_EARS_POINTED},
    {"bear mouse lion monkey panda hamster pig squirrel raccoon hedgehog otter beaver seal frog "
     "turtle "
     "fish whale dolphin creature monster",
     FC_FIGURE_ANIMAL, FC_EARS_ROUND},
    {"rabbit hare bunny donkey horse deer unicorn camel llama giraffe zebra kangaroo goat",
     FC_FIGURE_ANIMAL, FC_EARS_LONG},
    {"dog puppy hound elephant cow sheep", FC_FIGURE_ANIMAL, FC_EARS_FLOPPY},
    {"animal pet beast", FC_FIGURE_ANIMAL, -1},
    {"bird owl raven crow eagle parrot penguin sparrow duck chicken seagull gull dragon phoenix",
     FC_FIGURE_BIRD, -1},
    {"house home cottage cabin shop cafe hotel school village room kitchen office station market "
     "barn hut restaurant workshop",
     FC_FIGURE_BUILDING, FC_BUILDING_HOUSE},
    {"tower lighthouse skyscraper skyline city windmill", FC_FIGURE_BUILDING, FC_BUILDING_TOWER},
    {"castle palace fortress temple church ruin gate", FC_FIGURE_BUILDING, FC_BUILDING_CASTLE},
    {"stage theatre theater cinema arena concert hall", FC_FIGURE_BUILDING, FC_BUILDING_STAGE},
    {"car truck bus taxi van train tram bicycle bike motorcycle vehicle", FC_FIGURE_VEHICLE,
     FC_VEHICLE_CAR},
    {"ship boat sailboat yacht ferry vessel submarine raft", FC_FIGURE_VEHICLE, FC_VEHICLE_SHIP},
    {"rocket spaceship spacecraft shuttle plane airplane aircraft", FC_FIGURE_VEHICLE,
     FC_VEHICLE_ROCKET},
    {"tree oak pine willow forest palm", FC_FIGURE_PLANT, FC_PLANT_TREE},
    {"flower rose tulip sunflower plant lily garden", FC_FIGURE_PLANT, FC_PLANT_FLOWER},
    {"gem crystal diamond ring jewel stone amulet necklace sword", FC_FIGURE_THING, FC_THING_GEM},
    {"box chest suitcase package gift crate phone", FC_FIGURE_THING, FC_THING_BOX},
    {"ball orb globe planet moon watch clock coin balloon", FC_FIGURE_THING, FC_THING_ORB},
    {"book letter map diary scroll newspaper", FC_FIGURE_THING, FC_THING_BOOK},
    {"lamp lantern candle torch light", FC_FIGURE_THING, FC_THING_LANTERN},
    {"bottle potion cup vase glass perfume jar mug", FC_FIGURE_THING, FC_THING_BOTTLE},
};

/* Where the first clause of a description ends: before these the last noun says what it is. */
static const char clause_ends[] = ", with in on of at that which who whose where wearing holding";

/* Whatever a description is of, these belong to somebody. */
static const char human_words[] = "hair eyes beard smile smiling face dress coat jacket shirt suit "
                                  "wearing freckles he she her his young old";

/* What some people wear, and the colour that goes with it. */
static const struct {
    const char *words;
    enum fc_headgear headgear;
    uint32_t coat; /* 0: any */
} outfits[] = {
    {"wizard witch magician", FC_HEAD_POINTED, 0x5B3F8C},
    {"king queen prince princess crown", FC_HEAD_CROWN, 0x9C2740},
    {"knight helmet warrior", FC_HEAD_HELMET, 0x9AA3AF},
    {"captain sailor pilot cap keeper guard", FC_HEAD_CAP, 0x2B3F6B},
    {"hat detective gentleman cowboy farmer", FC_HEAD_BRIM, 0},
    {"astronaut diver", FC_HEAD_BUBBLE, 0xECEFF2},
    {"chef cook baker", FC_HEAD_COOK, 0xF4F2EC},
    {"hood hooded thief ninja monk", FC_HEAD_HOOD, 0x3A3F4B},
};

/* Red is the first. */
static const struct {
    const char *name;
    uint32_t rgb;
} colors[] = {
    {"red", 0xD0342C},      {"crimson", 0xA51C30},  {"scarlet", 0xC92A1E},   {"orange", 0xE8792B},
    {"yellow", 0xF2C230},   {"golden", 0xE0A83A},   {"gold", 0xE0A83A},      {"green", 0x3F9A57},
    {"emerald", 0x1E8F63},  {"teal", 0x1C8C8C},     {"turquoise", 0x35B8B0}, {"blue", 0x2F6FC4},
    {"navy", 0x22335C},     {"purple", 0x7A45A8},   {"violet", 0x8257B8},    {"pink", 0xE77FA8},
    {"brown", 0x7B5230},    {"black", 0x26262C},    {"white", 0xF1EFE9},     {"gray", 0x8B9098},
    {"grey", 0x8B9098},     {"silver", 0xB8C0C8},   {"beige", 0xD9C7A3},     {"copper", 0xB5683C},
    {"bronze", 0x9C6B3A},   {"blonde", 0xE3C16F},   {"blond", 0xE3C16F},     {"ginger", 0xC8622A},
    {"brunette", 0x5A3A22}, {"colorful", 0xE4572E}, {"colourful", 0xE4572E},
};

static const uint32_t coats[] = {0xD1495B, 0x2E86AB, 0xE9A23B, 0x5B8E7D, 0x7A5FA0,
                                 0x3C6E8F, 0xC8683F, 0x4F7F3F, 0xB34A7D, 0x3E4C78};
static const uint32_t furs[] = {0x8A5A34, 0xC98A4B, 0x6B6F76, 0xE3D3B8, 0x4A372B, 0xB8642F};
static const uint32_t dark_hair = 0x2A1D17;
static const uint32_t hairs[] = {0x2A1D17, 0x4A2F1D, 0x7A4B26, 0xC08A42, 0x9C3D1E, 0x17161B};
static const uint32_t skins[] = {0xF4D0B1, 0xE6B58D, 0xC98E62, 0xA56B43, 0x7A4A2C};

/* ---- reading ---- */

static void add_word(struct words *words, const char *at, size_t n)
{
    char *word;

    if (n == 0 || words->n == WORDS_MAX)
        return;
    word = words->at[words->n];
    n = n < WORD_BYTES - 1 ? n : WORD_BYTES - 1;
    for (size_t i = 0; i < n; i++)
        word[i] = (char)tolower((unsigned char)at[i]);
    word[n] = '\0';
    words->n++;
}

static void read_words(struct words *words, const char *text)
{
    const char *start = text;

    for (const char *at = text;; at++) {
        bool is_letter = isalpha((unsigned char)*at) || (unsigned char)*at >= 0x80;

        if (is_letter)
            continue;
        add_word(words, start, (size_t)(at - start));
        if (*at == '\0')
            return;
        if (strchr(",;.:(", *at) != NULL)
            add_word(words, ",", 1);
        start = at + 1;
    }
}

/* True when @word, or what it is the plural of, is one of @list. */
static bool is_one_of(const char *word, const char *list)
{
    size_t n = strlen(word);

    for (const char *at = list; *at != '\0';) {
        size_t length = strcspn(at, " ");
        bool is_plural = n == length + 1 && word[n - 1] == 's';

        if ((n == length || is_plural) && strncmp(word, at, length) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static bool has_any(const struct words *words, const char *list)
{
    for (int i = 0; i < words->n; i++) {
        if (is_one_of(words->at[i], list))
            return true;
    }
    return false;
}

/* The row of figures that @word is in, or -1. */
static int figure_row(const char *word)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (is_one_of(word, figures[i].words))
            return (int)i;
    }
    return -1;
}

/* The last noun that is known between two words. */
static int last_row(const struct words *words, int from, int to)
{
    int found = -1;

    for (int i = from; i < to; i++) {
        int row = figure_row(words->at[i]);

        found = row >= 0 ? row : found;
    }
    return found;
}

static void read_figure(const struct words *words, struct fc_traits *traits)
{
    int end = words->n_key, row = last_row(words, 0, words->n_key);

    while (end < words->n && !is_one_of(words->at[end], clause_ends))
        end++;
    if (row < 0)
        row = last_row(words, words->n_key, end);
    if (row < 0 && has_any(words, human_words)) {
        traits->figure = FC_FIGURE_PERSON;
        return;
    }
    if (row < 0)
        row = last_row(words, end, words->n);
    traits->figure = row < 0 ? FC_FIGURE_THING : figures[row].figure;
    traits->variant = row < 0 ? -1 : figures[row].variant;
}

static const uint32_t *color_named(const char *word)
{
    if (strcmp(word, "dark") == 0)
        return &dark_hair;
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
        if (strcmp(word, colors[i].name) == 0)
            return &colors[i].rgb;
    }
    return NULL;
}

/* Of hair and fur people say red and mean this. */
static uint32_t grown(uint32_t rgb)
{
    return rgb == colors[0].rgb ? 0xBF5A2A : rgb;
}

/* Which part a colour is of: that of the noun that follows it closely, else NULL. */
static struct fc_color *part_after(const struct words *words, int i, struct fc_traits *traits)
{
    for (int k = i; k <= i + PARTS_REACH && k < words->n; k++) {
        const char *word = words->at[k];

        if (strcmp(word, ",") == 0)
            return NULL;
        if (is_one_of(word, "hair beard braids braid curls blonde blond ginger brunette haired"))
            return &traits->hair;
        if (is_one_of(word,
                      "hat cap scarf belt tie gloves boots buttons roof door eyes collar sail"))
            return &traits->trim;
    }
    return NULL;
}

static void read_colors(const struct words *words, struct fc_traits *traits)
{
    int n_main = 0;

    for (int i = 0; i < words->n; i++) {
        const uint32_t *rgb = color_named(words->at[i]);
        struct fc_color *part;

        if (rgb == NULL)
            continue;
        part = part_after(words, i, traits);
        if (part != &traits->hair && rgb == &dark_hair)
            continue; /* a dark forest is no black one */
        if (part == NULL)
            part = n_main++ == 0 ? &traits->main : &traits->trim;
        if (part == &traits->hair || traits->figure == FC_FIGURE_ANIMAL)
            *part = fc_color_of(grown(*rgb));
        else
            *part = fc_color_of(*rgb);
    }
}

static void read_clothes(const struct words *words, struct fc_traits *traits)
{
    for (size_t i = 0; i < sizeof outfits / sizeof *outfits; i++) {
        if (traits->headgear != FC_HEAD_BARE || !has_any(words, outfits[i].words))
            continue;
        traits->headgear = outfits[i].headgear;
        if (traits->figure == FC_FIGURE_PERSON && outfits[i].coat != 0)
            traits->main = fc_color_of(outfits[i].coat);
    }
    traits->has_beard |= has_any(words, "beard bearded moustache mustache wizard");
    traits->has_glasses |= has_any(words, "glasses spectacles goggles scientist professor");
    traits->is_child = has_any(words, "child kid baby boy girl children toddler little");
    if (has_any(words, "woman girl heroine queen princess lady mother grandmother witch she her"))
        traits->has_long_hair = !has_any(words, "short");
    else if (has_any(words, "man boy king prince gentleman father grandfather he his"))
        traits->has_long_hair = false;
    if (has_any(words, "dress gown skirt robe queen princess"))
        traits->has_dress = true;
    if (has_any(words, "old elderly grandmother grandfather aged"))
        traits->hair = fc_color_of(0xC9CCD2);
}

/* ---- chance ---- */

static uint32_t pick(uint32_t hash, uint32_t index, uint32_t n)
{
    return (uint32_t)(fc_chance(hash, index) * (float)n);
}

#define PICK(hash, index, table) (table)[pick((hash), (index), sizeof(table) / sizeof *(table))]

static int variant_of(enum fc_figure figure, uint32_t hash)
{
    static const uint32_t counts[FC_FIGURE__COUNT] = {
        [FC_FIGURE_ANIMAL] = FC_EARS__COUNT,     [FC_FIGURE_BUILDING] = FC_BUILDING__COUNT,
        [FC_FIGURE_VEHICLE] = FC_VEHICLE__COUNT, [FC_FIGURE_PLANT] = FC_PLANT__COUNT,
        [FC_FIGURE_THING] = FC_THING__COUNT,
    };

    return (int)pick(hash, 9, counts[figure]);
}

static struct fc_traits by_chance(uint32_t hash)
{
    struct fc_color main = fc_color_of(PICK(hash, 1, coats));
    struct fc_color trim = fc_color_of(PICK(hash, 2, coats));

    return (struct fc_traits){
        .variant = -1,
        .main = main,
        .trim = fc_color_mix(trim, fc_color_of(0xFFFFFF), 0.25f),
        .hair = fc_color_of(PICK(hash, 3, hairs)),
        .skin = fc_color_of(PICK(hash, 4, skins)),
        .has_long_hair = fc_chance(hash, 5) < 0.3f,
        .has_glasses = fc_chance(hash, 6) < 0.15f,
        .hash = hash,
    };
}

struct fc_traits fc_traits_of(const char *key, const char *prompt)
{
    struct words words = {0};
    uint32_t hash = fc_hash(key) * 31 + fc_hash(prompt);
    struct fc_traits traits = by_chance(hash);

    read_words(&words, key);
    words.n_key = words.n;
    read_words(&words, prompt);
    read_figure(&words, &traits);
    if (traits.variant < 0)
        traits.variant = variant_of(traits.figure, hash);
    if (traits.figure == FC_FIGURE_ANIMAL)
        traits.main = fc_color_of(PICK(hash, 1, furs));
    read_clothes(&words, &traits);
    read_colors(&words, &traits);
    return traits;
}
