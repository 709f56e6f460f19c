#include "db/query.h"

#include <assert.h>

#include <framecast/text.h>

struct fc_arg fc_arg_texts(struct fc_arena *arena, const char *const *texts, size_t n)
{
    struct fc_buffer list = fc_buffer_in(arena);

    fc_put_char(&list, '{');
    for (size_t i = 0; i < n; i++) {
        fc_put(&list, i > 0 ? ",\"" : "\"");
        for (const char *at = texts[i]; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                fc_put_char(&list, '\\');
            fc_put_char(&list, *at);
        }
        fc_put_char(&list, '"');
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
