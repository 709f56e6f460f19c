/* Finding members by name: a hash table for wide objects, and one member for each name. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "json/node.h"

/* Objects with more members than this get a table; smaller ones are searched one by one. */
enum { NARROW = 8 };

/* ---- the hash ---- */

/*
 * Names are strangers' bytes, so nobody may foresee which of them meet in a table: the hash is a
 * polynomial over the field of 2^61 - 1, at a point that is drawn when the process first needs it.
 */
static const uint64_t prime = (UINT64_C(1) << 61) - 1;
static uint64_t point;

static void draw_point(void)
{
    if (getrandom(&point, sizeof point, 0) != (ssize_t)sizeof point)
        abort(); /* the kernel has had randomness since long before this process */
    point %= prime;
}

static uint64_t times_point(uint64_t a)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * point;
    uint64_t sum = (uint64_t)(product & prime) + (uint64_t)(product >> 61);

    return sum >= prime ? sum - prime : sum;
}

/* Seven bytes at a time, which is less than the prime. */
static uint64_t hash(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint64_t sum = 1;

    (void)pthread_once(&once, draw_point);
    for (size_t n = strlen(name), part; n > 0; n -= part, name += part) {
        uint64_t bytes = 0;

        part = n < 7 ? n : 7;
        memcpy(&bytes, name, part);
        sum = times_point(sum) + bytes;
        if (sum >= prime)
            sum -= prime;
    }
    return times_point(sum);
}

/* ---- the table ---- */

/* Nodes of one text lie in one array, so that a member is known by its distance from the object;
 * the tag saves the look at almost every member that is not the one. */
struct fc_json_slot {
    uint32_t tag, distance; /* distance 0: free */
};

static uint32_t tag_of(uint64_t hashed)
{
    return (uint32_t)(hashed >> 29);
}

/* The slot of @name: where it is, or the free one where it would be. */
static struct fc_json_slot *slot_of(const struct fc_json *object, const char *name, uint64_t hashed)
{
    size_t last = object->n_slots - 1, at = (size_t)hashed & last;
    struct fc_json_slot *slot;

    for (; (slot = &object->slots[at])->distance != 0; at = (at + 1) & last)
        if (slot->tag == tag_of(hashed) && strcmp(object[slot->distance].name, name) == 0)
            break;
    return slot;
}

static size_t slots_for(size_t n_members)
{
    size_t n = 16;

    while (n < 2 * n_members)
        n *= 2;
    return n;
}

static bool has_doubles(const struct fc_json *object)
{
    for (const struct fc_json *a = object->first; a != NULL; a = a->next)
        for (const struct fc_json *b = a->next; b != NULL; b = b->next)
            if (strcmp(a->name, b->name) == 0)
                return true;
    return false;
}

/* Takes the members that a later one of the same name replaces out of the list. */
static void drop_replaced(struct fc_json *object)
{
    struct fc_json **link = &object->first;

    object->count = 0;
    while (*link != NULL) {
        if ((*link)->is_replaced) {
            *link = (*link)->next;
        } else {
            object->count++;
            link = &(*link)->next;
        }
    }
}

void fc_json_index(struct fc_arena *arena, struct fc_json *object)
{
    if (object->count <= NARROW && !has_doubles(object))
        return;
    object->n_slots = slots_for(object->count);
    object->slots = FC_NEW_ARRAY(arena, struct fc_json_slot, object->n_slots);
    for (struct fc_json *member = object->first; member != NULL; member = member->next) {
        uint64_t hashed = hash(member->name);
        struct fc_json_slot *slot = slot_of(object, member->name, hashed);

        if (slot->distance != 0)
            object[slot->distance].is_replaced = true;
        *slot = (struct fc_json_slot){tag_of(hashed), (uint32_t)(member - object)};
    }
    drop_replaced(object);
}

const struct fc_json *fc_json_get(const struct fc_json *object, const char *name)
{
    const struct fc_json *member;
    uint32_t distance;

    assert(fc_json_type(object) == FC_JSON_OBJECT);
    if (object->slots != NULL) {
        distance = slot_of(object, name, hash(name))->distance;
        return distance != 0 ? &object[distance] : NULL;
    }
    for (member = object->first; member != NULL && strcmp(member->name, name) != 0;)
        member = member->next;
    return member;
}
