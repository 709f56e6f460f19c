/** Ids: UUIDs, each kind a struct of its own, so that a user's id cannot be passed for a job's. */
#ifndef FRAMECAST_IDS_H
#define FRAMECAST_IDS_H

#include <stdbool.h>

/** A UUID as text: 8-4-4-4-12 lower-case hexadecimal and NUL. */
struct fc_uuid {
    char text[37];
};

/* X(name): struct fc_<name>_id wraps one UUID */
#define FC_IDS(X) X(user) X(team) X(project) X(job) X(key)
#define FC_ID_STRUCT(name)                                                                         \
    struct fc_##name##_id {                                                                        \
        struct fc_uuid uuid;                                                                       \
    };
FC_IDS(FC_ID_STRUCT)
#undef FC_ID_STRUCT

/** Takes either case, any version; false when @text is no UUID. */
bool fc_uuid_parse(const char *text, struct fc_uuid *uuid);
/** The first 36 characters of @text, which need not end there. */
bool fc_uuid_parse_n(const char *text, struct fc_uuid *uuid);
bool fc_uuid_equal(const struct fc_uuid *a, const struct fc_uuid *b);
bool fc_uuid_is_set(const struct fc_uuid *uuid);
/** 16 random bytes become a version 4 UUID. */
struct fc_uuid fc_uuid_from_random(const unsigned char random[16]);

#endif
