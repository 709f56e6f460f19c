#include <framecast/ids.h>

#include <string.h>

#include <framecast/text.h>

static bool is_hyphen_place(int i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool fc_uuid_parse_n(const char *text, struct fc_uuid *uuid)
{
    struct fc_uuid parsed;

    for (int i = 0; i < 36; i++) {
        char c = text[i];

        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (is_hyphen_place(i) ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        parsed.text[i] = c;
    }
    parsed.text[36] = '\0';
    *uuid = parsed;
    return true;
}

bool fc_uuid_parse(const char *text, struct fc_uuid *uuid)
{
    return strlen(text) == 36 && fc_uuid_parse_n(text, uuid);
}

bool fc_uuid_equal(const struct fc_uuid *a, const struct fc_uuid *b)
{
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}

bool fc_uuid_is_set(const struct fc_uuid *uuid)
{
    return uuid->text[0] != '\0';
}

struct fc_uuid fc_uuid_from_random(const unsigned char random[16])
{
    static const struct {
        int byte, n, at;
    } groups[] = {{0, 4, 0}, {4, 2, 9}, {6, 2, 14}, {8, 2, 19}, {10, 6, 24}};
    unsigned char bytes[16];
    struct fc_uuid uuid;

    memcpy(bytes, random, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        fc_hex(bytes + groups[i].byte, (size_t)groups[i].n, uuid.text + groups[i].at);
        if (groups[i].at > 0)
            uuid.text[groups[i].at - 1] = '-';
    }
    return uuid;
}
