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
    unsigned char bytes[16];
    char hex[33];
    struct fc_uuid uuid;
    char *out = uuid.text;

    memcpy(bytes, random, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    fc_hex(bytes, sizeof bytes, hex);
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *out++ = '-';
        *out++ = hex[i];
    }
    *out = '\0';
    return uuid;
}
