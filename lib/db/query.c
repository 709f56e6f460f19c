#include "db/query.h"

#include <assert.h>
#include <string.h>

#include <framecast/text.h>

static void put_quoted(struct fc_buffer *list, const char *text)
{
    fc_put_char(list, '"');
    for (size_t n = strcspn(text, "\"\\"); text[n] != '\0'; n = strcspn(text, "\"\\")) {
        fc_put_n(list, text, n);
        fc_put_char(list, '\\');
        fc_put_char(list, text[n]);
        text += n + 1;
    }
    fc_put(list, text);
    fc_put_char(list, '"');
}

struct fc_arg fc_arg_texts(struct fc_arena *arena, const char *const *texts, size_t n)
{
    struct fc_buffer list = fc_buffer_in(arena);

    fc_put_char(&list, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            fc_put_char(&list, ',');
        if (texts[i] == NULL)
            fc_put(&list, "NULL");
        else
            put_quoted(&list, texts[i]);
    }
    fc_put_char(&list, '}');
    return fc_arg_text(list.data);
}

void fc_args_bind(struct fc_arena *arena, struct fc_args args, const char **values)
{
    assert(args.n <= FC_STATEMENT_ARGS_MAX);
    for (int i = 0; i < args.n; i++)
        values[i] = args.at[i].is_number ? fc_printf(arena, "%lld", (long long)args.at[i].number)
                                         : fc_copy(arena, args.at[i].text);
}
