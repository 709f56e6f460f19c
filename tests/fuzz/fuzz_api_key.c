/* Any bytes as a key, as a stored hash, as an owner: nothing but a key's own hash fits it. */
#include <assert.h>
#include <string.h>

#include <framecast/text.h>

#include "auth/keys.h"
#include "auth/urn.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct fc_new_key key;
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *text = fc_copy_n(arena, (const char *)bytes, n);
    struct fc_urn urn, again;

    if (key.raw[0] == '\0')
        key = fc_key_make();
    assert(!fc_key_matches(key.raw, text) || fc_text_equal_nocase(text, key.hash));
    assert(!fc_key_matches(text, key.hash) || strcmp(text, key.raw) == 0);
    (void)fc_scope_known(text);
    if (fc_urn_parse(text, &urn) && fc_urn_may_own(&urn))
        assert(fc_urn_parse(urn.text, &again) && again.kind == urn.kind &&
               strcmp(again.text, urn.text) == 0);
    return 0;
}
