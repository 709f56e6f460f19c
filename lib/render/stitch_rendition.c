/* Renditions: the film once more in another size or shape, from the same clips. */
#include "render/stitch_parts.h"

/* Behind a picture that does not fill its frame lies the same picture, out of focus and dark. It is
 * blurred while it is small, which costs next to nothing. */
enum { GROUND_SHRINK = 24 };

static const char *crop_graph(struct fc_arena *arena, const struct fc_film_format *format)
{
    return fc_printf(arena,
                     "[0:v:0]scale=w=%d:h=%d:force_original_aspect_ratio=increase:"
                     "flags=bicubic+accurate_rnd,crop=w=%d:h=%d,setsar=1[v]",
                     format->width, format->height, format->width, format->height);
}

static const char *pad_graph(struct fc_arena *arena, const struct fc_film_format *format)
{
    int width = format->width / GROUND_SHRINK / 2 * 2,
        height = format->height / GROUND_SHRINK / 2 * 2;

    return fc_printf(arena,
                     "[0:v:0]split[a][b];"
                     "[a]scale=w=%d:h=%d:force_original_aspect_ratio=increase:flags=area,"
                     "crop=w=%d:h=%d,gblur=sigma=1.5,scale=w=%d:h=%d:flags=bicubic,"
                     "lutyuv=y='16+(val-16)*0.45':u='128+(val-128)*0.45':"
                     "v='128+(val-128)*0.45',setsar=1[ground];"
                     "[b]scale=w=%d:h=%d:force_original_aspect_ratio=decrease:"
                     "flags=bicubic+accurate_rnd,setsar=1[picture];"
                     "[ground][picture]overlay=x=(W-w)/2:y=(H-h)/2,format=yuv420p[v]",
                     width, height, width, height, format->width, format->height, format->width,
                     format->height);
}

static const char *(*const graphs[FC_FIT__COUNT])(struct fc_arena *,
                                                  const struct fc_film_format *) = {
    [FC_FIT_PAD] = pad_graph,
    [FC_FIT_CROP] = crop_graph,
};

static fc_status fit_clip(const struct fc_stitch *s, const struct fc_reel *reel, enum fc_fit fit,
                          size_t scene, struct fc_share share, const char **path)
{
    const struct fc_plan_scene *played = &s->order->plan->scenes[scene];
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    fc_status st;

    *path = fc_stitch_file(s, fc_printf(s->arena, "%sclip-%04zu.mp4", reel->name, scene));
    fc_command_add_all(&command, "-i", fc_local_path(s->arena, s->order->clips[scene]),
                       "-filter_complex", graphs[fit](s->arena, &reel->format), "-map", "[v]",
                       "-an", NULL);
    fc_command_add_h264(&command, &reel->format);
    fc_command_add_all(&command, "-f", "mp4", fc_local_path(s->arena, *path), NULL);
    st = fc_stitch_run(s, command, fc_frames_of(played->duration_ms, reel->format.fps), share);
    return st == FC_OK ? FC_OK : fc_stitch_blame(s, st, s->order->clips[scene], scene);
}

fc_status fc_stitch_fit(const struct fc_stitch *s, struct fc_reel *reel, enum fc_fit fit,
                        struct fc_share share)
{
    const struct fc_plan *plan = s->order->plan;
    const char **clips = FC_NEW_ARRAY(s->arena, const char *, plan->n_scenes);
    fc_status st = FC_OK;

    for (size_t i = 0; i < plan->n_scenes && st == FC_OK; i++) {
        struct fc_share own = fc_share_part(share, (double)i / (double)plan->n_scenes,
                                            (double)(i + 1) / (double)plan->n_scenes);

        if (plan->scenes[i].is_played)
            st = fit_clip(s, reel, fit, i, own, &clips[i]);
    }
    reel->clips = clips;
    return st;
}
