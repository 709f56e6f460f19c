/**
 * Owner URNs: framecast:user:U, framecast:team:T, framecast:T:U; and two forms that name things but
 * never own any.
 */
#ifndef FRAMECAST_AUTH_URN_H
#define FRAMECAST_AUTH_URN_H

#include <stdbool.h>

#include <framecast/arena.h>
#include <framecast/ids.h>

enum fc_urn_kind { FC_URN_USER, FC_URN_TEAM, FC_URN_MEMBERSHIP, FC_URN_ARTIFACT, FC_URN_SYSTEM };

struct fc_urn {
    enum fc_urn_kind kind;
    struct fc_uuid user, team; /* those that the kind has */
    char text[96];             /* normalised to lower case; of an owner only */
};

/** False when @text has none of the forms. */
bool fc_urn_parse(const char *text, struct fc_urn *urn);

bool fc_urn_may_own(const struct fc_urn *urn);

void fc_urn_of_user(const struct fc_uuid *user, struct fc_urn *urn);

#endif
