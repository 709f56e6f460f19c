#include "auth/urn.h"

#include <stdio.h>
#include <string.h>

#include <framecast/text.h>

void fc_urn_of_user(const struct fc_uuid *user, struct fc_urn *urn)
{
    *urn = (struct fc_urn){.kind = FC_URN_USER, .user = *user};
    (void)snprintf(urn->text, sizeof urn->text, "framecast:user:%s", user->text);
}

bool fc_urn_may_own(const struct fc_urn *urn)
{
    return urn->kind <= FC_URN_MEMBERSHIP;
}

/* framecast:system:<category>:<name>, both not empty */
static bool parse_system(const char *rest, struct fc_urn *urn)
{
    size_t category = strcspn(rest, ":");

    urn->kind = FC_URN_SYSTEM;
    return category > 0 && rest[category] == ':' && rest[category + 1] != '\0' &&
           strchr(rest + category + 1, ':') == NULL;
}

static bool parse_one(const char *rest, enum fc_urn_kind kind, const char *word, struct fc_uuid *id,
                      struct fc_urn *urn)
{
    urn->kind = kind;
    if (!fc_uuid_parse(rest, id))
        return false;
    (void)snprintf(urn->text, sizeof urn->text, "framecast:%s:%s", word, id->text);
    return true;
}

bool fc_urn_parse(const char *text, struct fc_urn *urn)
{
    struct fc_uuid artifact;
    const char *at = text + 10;

    *urn = (struct fc_urn){0};
    if (!fc_text_starts(text, "framecast:"))
        return false;
    if (fc_text_starts(at, "user:"))
        return parse_one(at + 5, FC_URN_USER, "user", &urn->user, urn);
    if (fc_text_starts(at, "team:"))
        return parse_one(at + 5, FC_URN_TEAM, "team", &urn->team, urn);
    if (fc_text_starts(at, "artifact:"))
        return parse_one(at + 9, FC_URN_ARTIFACT, "artifact", &artifact, urn);
    if (fc_text_starts(at, "system:"))
        return parse_system(at + 7, urn);
    urn->kind = FC_URN_MEMBERSHIP;
    if (strlen(at) != 36 + 1 + 36 || at[36] != ':' || !fc_uuid_parse_n(at, &urn->team) ||
        !fc_uuid_parse(at + 37, &urn->user))
        return false;
    (void)snprintf(urn->text, sizeof urn->text, "framecast:%s:%s", urn->team.text, urn->user.text);
    return true;
}
