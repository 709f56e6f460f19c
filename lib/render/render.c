#include "render/render.h"

#include <framecast/text.h>

/* A further renderer is one file and one row. */
static const struct fc_renderer *const renderers[] = {
    &fc_renderer_animatic,
};

const struct fc_renderer *fc_renderer_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof renderers / sizeof *renderers; i++) {
        if (fc_text_equal(renderers[i]->name, name))
            return renderers[i];
    }
    return NULL;
}
