/* Facts about storyboards that hold for any JSON: snapshots need not have been checked. */
#include <math.h>

#include "storyboard/check.h"

bool fc_spec_is_image(const struct fc_json *spec)
{
    return fc_json_type(spec) != FC_JSON_OBJECT ||
           fc_json_type(fc_json_get(spec, "scenes")) != FC_JSON_ARRAY;
}

int64_t fc_milliseconds(const struct fc_json *seconds)
{
    int64_t ms;

    if (fc_json_type(seconds) != FC_JSON_NUMBER)
        return 0;
    if (!fc_json_scaled(seconds, 3, &ms))
        return fc_json_number(seconds) < 0 ? -FC_MS_MAX : FC_MS_MAX;
    return ms < -FC_MS_MAX ? -FC_MS_MAX : ms > FC_MS_MAX ? FC_MS_MAX : ms;
}

const struct fc_json *fc_timeline_of(const struct fc_json *spec)
{
    const struct fc_json *timeline = fc_json_get(spec, "timeline");

    return fc_json_type(timeline) == FC_JSON_ARRAY && fc_json_count(timeline) > 0 ? timeline : NULL;
}

static void visit_list(const struct fc_json *group, const struct fc_names *scenes,
                       void (*visit)(void *context, struct fc_name *scene), void *context)
{
    const struct fc_json *list = fc_json_type(group) == FC_JSON_OBJECT
                                     ? fc_json_get(group, "scenes")
                                     : NULL;

    if (fc_json_type(list) != FC_JSON_ARRAY)
        return;
    for (const struct fc_json *v = fc_json_first(list); v != NULL; v = fc_json_next(v)) {
        struct fc_name *scene = fc_names_find_value(scenes, v);

        if (scene != NULL)
            visit(context, scene);
    }
}

void fc_timeline_visit(const struct fc_json *timeline, const struct fc_names *scenes,
                       void (*visit)(void *context, struct fc_name *scene), void *context)
{
    if (fc_json_type(timeline) != FC_JSON_ARRAY)
        return;
    for (const struct fc_json *v = fc_json_first(timeline); v != NULL; v = fc_json_next(v)) {
        struct fc_name *scene;

        if (fc_json_type(v) != FC_JSON_OBJECT)
            continue;
        scene = fc_names_find_value(scenes, fc_json_get(v, "scene"));
        if (scene != NULL)
            visit(context, scene);
        visit_list(fc_json_get(v, "flashback"), scenes, visit, context);
        visit_list(fc_json_get(v, "montage"), scenes, visit, context);
    }
}
