#include "render/shot.h"

#include <framecast/text.h>

#include "render/transition.h"

/* ---- lengths ---- */

int64_t fc_shot_transition_frames(const struct fc_shot_job *job)
{
    int64_t frames;

    if (job->shot->in.type == FC_TRANSITION_CUT || job->before == NULL)
        return 0;
    frames = fc_frames_of(job->shot->in.duration_ms, job->format->fps);
    return frames < job->n_frames ? frames : job->n_frames - 1;
}

/* ---- treatments ---- */

/* A share of the frame's height, as a radius of blur. */
static double blur_sigma(const struct fc_film_format *format, double blur)
{
    int shorter = format->width < format->height ? format->width : format->height;

    return blur * shorter / 2400.0;
}

static void put_treatment(struct fc_buffer *graph, const struct fc_film_format *format,
                          const struct fc_treatment *treatment)
{
    if (treatment->desaturate > 0)
        fc_putf(graph, ",hue=s=%.4f", 1 - treatment->desaturate);
    if (treatment->blur > 0)
        fc_putf(graph, ",gblur=sigma=%.3f:steps=2", blur_sigma(format, treatment->blur));
    if (treatment->grain > 0)
        fc_putf(graph, ",noise=c0s=%d:c0f=t:c0_seed=11", 4 + (int)(treatment->grain * 44));
    if (treatment->vignette)
        fc_put(graph, ",vignette=angle=PI/4.2");
}

static bool has_treatment(const struct fc_treatment *treatment)
{
    return treatment->desaturate > 0 || treatment->blur > 0 || treatment->grain > 0 ||
           treatment->vignette;
}

bool fc_shot_is_plain(const struct fc_shot_job *job)
{
    return !has_treatment(&job->shot->treatment) && job->captions == NULL &&
           job->n_frames == job->clip_frames;
}

/* ---- the graph ---- */

/* The clip at exactly the shot's length: the last frame is held where the clip is a frame short. */
static void put_clip(struct fc_buffer *graph, const struct fc_shot_job *job)
{
    fc_putf(graph,
            "[0:v:0]setpts=PTS-STARTPTS,fps=%d,tpad=stop_mode=clone:stop=-1,trim=end_frame=%lld",
            job->format->fps, (long long)job->n_frames);
    put_treatment(graph, job->format, &job->shot->treatment);
    fc_put(graph, ",format=yuv420p,setsar=1,settb=1/90000");
}

/* The last frame of the shot before is held for as long as the transition lasts, while the shot
 * runs from its beginning. */
static void put_transition(struct fc_buffer *graph, const struct fc_shot_job *job, int64_t frames)
{
    struct fc_overlap overlap = {&job->shot->in, job->format, frames};

    fc_putf(
        graph,
        "[in];[1:v:0]setpts=PTS-STARTPTS,fps=%d,tpad=stop_mode=clone:stop=-1,trim=end_frame=%lld",
        job->format->fps, (long long)frames + 1);
    fc_effects_put(graph, &overlap);
    fc_put(graph, ",format=yuv420p,setsar=1,settb=1/90000[held];");
    fc_transition_put(graph, &overlap);
}

/* Half a frame early, so that rounding cannot miss it. */
static void add_last_frame(struct fc_command *command, const struct fc_shot_job *job)
{
    double frame = job->before_frame > 0 ? (double)job->before_frame - 0.5 : 0;

    fc_command_add(command, "-ss");
    fc_command_addf(command, "%.6f", frame / job->format->fps);
    fc_command_add_all(command, "-i", fc_local_path(command->arena, job->before), NULL);
}

struct fc_command fc_shot_command(struct fc_arena *arena, const struct fc_render_settings *settings,
                                  const struct fc_shot_job *job)
{
    struct fc_command command = fc_command_ffmpeg(arena, settings);
    struct fc_buffer graph = fc_buffer_in(arena);
    int64_t frames = fc_shot_transition_frames(job);

    fc_command_add_all(&command, "-i", fc_local_path(arena, job->clip), NULL);
    put_clip(&graph, job);
    if (frames > 0) {
        add_last_frame(&command, job);
        put_transition(&graph, job, frames);
    }
    if (job->captions != NULL)
        fc_putf(&graph, ",ass=filename=%s", fc_filter_path(arena, job->captions));
    fc_putf(&graph, ",trim=end_frame=%lld[v]", (long long)job->n_frames);
    fc_command_add_all(&command, "-filter_complex", graph.data, "-map", "[v]", "-an", NULL);
    fc_command_add_h264_grain(&command, job->format, job->shot->treatment.grain);
    fc_command_add_all(&command, "-f", "mp4", NULL);
    return command;
}
