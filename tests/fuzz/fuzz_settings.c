/* Any environment ("NAME=value" lines): it is taken, or each thing that is wrong with it is told;
 * no secret is ever printed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/settings.h>

static const char secret[] = "JWT-secret-of-the-fuzzer";

static void expect_unprinted(const struct fc_settings *settings)
{
    char *printed = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&printed, &n);

    assert(out != NULL);
    fc_settings_print(out, settings);
    assert(fclose(out) == 0 && strstr(printed, secret) == NULL);
    free(printed);
}

static void set_all(struct fc_arena *arena, const char *text)
{
    assert(clearenv() == 0);
    for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
        char *line, *sign;

        n = strcspn(text, "\n");
        line = fc_copy_n(arena, text, n);
        sign = strchr(line, '=');
        if (sign == NULL || sign == line)
            continue;
        *sign = '\0';
        assert(setenv(line, sign + 1, 1) == 0);
    }
    assert(setenv("JWT_SECRET", secret, 1) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer problems = fc_buffer_in(arena);
    const char *text = fc_copy_n(arena, (const char *)bytes, n);
    struct fc_settings settings;
    fc_status st;

    if (strstr(text, secret) != NULL)
        return 0; /* the fuzzer has seen it in expect_unprinted, and said it elsewhere */
    set_all(arena, text);
    st = fc_settings_read(arena, &settings, &problems);
    assert((st == FC_OK) == (problems.n == 0) && (st == FC_OK || st == FC_E_VALIDATION));
    if (st != FC_OK)
        return 0;
    assert(settings.port > 0 && settings.port < 65536 && settings.database_url != NULL);
    assert(settings.api_base_url[strlen(settings.api_base_url) - 1] != '/');
    expect_unprinted(&settings);
    return 0;
}
