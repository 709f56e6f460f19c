/*
 * Where a request ends, and for whom it is. Whatever a proxy before this server could read in
 * another way is refused, and the connection closed: what follows may be meant as a body, and would
 * be taken for the next request.
 */
#include <string.h>

#include "http/internal.h"

/* What the head says, gathered in one pass over its headers. */
struct framing {
    const char *length, *encoding; /* NULL: not given */
    int n_lengths, n_encodings, n_hosts;
    bool has_wrong_name;
};

/* The characters of a header's name (RFC 9110, section 5.6.2). */
static const bool is_token[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['!'] = true,  ['#'] = true,
    ['$'] = true,         ['%'] = true,         ['&'] = true,         ['\''] = true, ['*'] = true,
    ['+'] = true,         ['-'] = true,         ['.'] = true,         ['^'] = true,  ['_'] = true,
    ['`'] = true,         ['|'] = true,         ['~'] = true,
};

static bool is_name(const char *text)
{
    const char *at = text;

    while (is_token[(unsigned char)*at])
        at++;
    return at > text && *at == '\0';
}

static enum MHD_Result gather(void *cls, enum MHD_ValueKind kind, const char *key,
                              const char *value)
{
    struct framing *framing = cls;

    (void)kind;
    framing->has_wrong_name = framing->has_wrong_name || !is_name(key);
    if (fc_text_equal_nocase(key, "Content-Length")) {
        framing->length = value;
        framing->n_lengths++;
    } else if (fc_text_equal_nocase(key, "Transfer-Encoding")) {
        framing->encoding = value;
        framing->n_encodings++;
    } else if (fc_text_equal_nocase(key, "Host")) {
        framing->n_hosts++;
    }
    return MHD_YES;
}

static const char *wrong(const struct framing *framing)
{
    if (framing->has_wrong_name)
        return "a header has a name that is none";
    if (framing->n_hosts > 1)
        return "the header Host may be given once";
    if (framing->n_lengths > 0 && framing->n_encodings > 0)
        return "the headers Transfer-Encoding and Content-Length exclude each other";
    if (framing->n_encodings > 1 ||
        (framing->encoding != NULL && !fc_text_equal_nocase(framing->encoding, "chunked")))
        return "the header Transfer-Encoding may only be 'chunked'";
    if (framing->n_lengths > 1 ||
        (framing->length != NULL && framing->length[strspn(framing->length, "0123456789")] != '\0'))
        return "the header Content-Length must be one number";
    return NULL;
}

fc_status fc_framing_check(struct fc_exchange *x, int64_t *length)
{
    struct framing framing = {0};
    const char *why;

    *length = 0;
    (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, gather, &framing);
    why = wrong(&framing);
    if (why != NULL)
        return fc_refuse(&x->rq, FC_E_VALIDATION, "%s", why);
    if (framing.length != NULL && !fc_int_parse(framing.length, length))
        *length = INT64_MAX;
    return FC_OK;
}
