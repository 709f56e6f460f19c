#include "render/shot.h"

#include <string.h>

#include <framecast/text.h>

/* ---- transitions ---- */

/* A transition of so many frames, for the filters that go with it. */
struct overlap {
    const struct fc_film_format *format;
    int64_t frames;
    double seconds;
    int strength; /* pixels */
};

/* Over the mixed picture. */
static void put_haze(struct fc_buffer *graph, const struct overlap *overlap)
{
    fc_putf(graph, ",gblur=sigma=%d:steps=2:enable='lt(t,%.4f)'", overlap->strength,
            overlap->seconds);
}

static void put_noise(struct fc_buffer *graph, const struct overlap *overlap)
{
    fc_putf(graph, ",chromashift=cbh=-%d:crh=%d:edge=wrap:enable='lt(t,%.4f)'", overlap->strength,
            overlap->strength, overlap->seconds);
    fc_putf(graph, ",noise=alls=36:allf=t:all_seed=7:enable='lt(t,%.4f)'", overlap->seconds);
}

/* On the held frame: it comes nearer while it gives way. */
static void put_zoom(struct fc_buffer *graph, const struct overlap *overlap)
{
    fc_putf(
        graph,
        ",zoompan=z='1+2*pow(on/%lld,2)':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1:s=%dx%d:fps=%d",
        (long long)overlap->frames, overlap->format->width, overlap->format->height,
        overlap->format->fps);
}

static const struct {
    const char *xfade; /* ffmpeg's name */
    void (*put_held)(struct fc_buffer *graph, const struct overlap *overlap);
    void (*put_over)(struct fc_buffer *graph, const struct overlap *overlap);
} looks[FC_TRANSITION__COUNT] = {
    [FC_TRANSITION_CUT] = {"fade", NULL, NULL},
    [FC_TRANSITION_FADE] = {"fadeblack", NULL, NULL}, /* down to black and up again */
    [FC_TRANSITION_DISSOLVE] = {"fade", NULL, NULL},  /* one through the other */
    [FC_TRANSITION_WIPE] = {"wipeleft", NULL, NULL},
    [FC_TRANSITION_BLUR] = {"fade", NULL, put_haze},
    [FC_TRANSITION_ZOOM] = {"fade", put_zoom, NULL},
    [FC_TRANSITION_FLASH] = {"fadewhite", NULL, NULL},
    [FC_TRANSITION_GLITCH] = {"pixelize", NULL, put_noise},
    [FC_TRANSITION_CUSTOM] = {"smoothleft", NULL, NULL},
};

/* Words of `params` (direction, shape) and names of `effects` that choose another look. */
static const struct {
    enum fc_transition_type type;
    const char *word;
    const char *xfade;
} variants[] = {
    {FC_TRANSITION_WIPE, "left", "wipeleft"},
    {FC_TRANSITION_WIPE, "right", "wiperight"},
    {FC_TRANSITION_WIPE, "up", "wipeup"},
    {FC_TRANSITION_WIPE, "down", "wipedown"},
    {FC_TRANSITION_WIPE, "circle", "circleopen"},
    {FC_TRANSITION_WIPE, "radial", "radial"},
    {FC_TRANSITION_WIPE, "diagonal", "wipetl"},
    {FC_TRANSITION_FADE, "white", "fadewhite"},
    {FC_TRANSITION_FADE, "gray", "fadegrays"},
    {FC_TRANSITION_CUSTOM, "slide", "slideleft"},
    {FC_TRANSITION_CUSTOM, "circle", "circleopen"},
    {FC_TRANSITION_CUSTOM, "iris", "circleopen"},
    {FC_TRANSITION_CUSTOM, "radial", "radial"},
    {FC_TRANSITION_CUSTOM, "zoom", "zoomin"},
    {FC_TRANSITION_CUSTOM, "scale", "zoomin"},
    {FC_TRANSITION_CUSTOM, "pixelate", "pixelize"},
    {FC_TRANSITION_CUSTOM, "squeeze", "squeezeh"},
    {FC_TRANSITION_CUSTOM, "blur", "hblur"},
    {FC_TRANSITION_CUSTOM, "flash", "fadewhite"},
    {FC_TRANSITION_CUSTOM, "brightness", "fadewhite"},
    {FC_TRANSITION_CUSTOM, "opacity", "fade"},
    {FC_TRANSITION_CUSTOM, "dissolve", "dissolve"},
};

static bool says(const struct fc_transition *transition, const char *word)
{
    static const char *const members[] = {"direction", "shape", "color", "style"};

    for (size_t i = 0; i < transition->n_effects; i++) {
        if (fc_text_equal_nocase(transition->effects[i].name, word))
            return true;
    }
    for (size_t i = 0; transition->params != NULL && i < sizeof members / sizeof *members; i++) {
        const struct fc_json *value = fc_json_have(transition->params, members[i]);

        if (value != NULL && fc_json_type(value) == FC_JSON_STRING &&
            fc_text_equal_nocase(fc_json_string(value), word))
            return true;
    }
    return false;
}

static const char *xfade_of(const struct fc_transition *transition)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if (variants[i].type == transition->type && says(transition, variants[i].word))
            return variants[i].xfade;
    }
    return looks[transition->type].xfade;
}

int64_t fc_shot_transition_frames(const struct fc_shot_job *job)
{
    int64_t frames;

    if (job->shot->in.type == FC_TRANSITION_CUT || job->held == NULL)
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
        fc_putf(graph, ",noise=alls=%d:allf=t:all_seed=11", 4 + (int)(treatment->grain * 44));
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
    return fc_shot_transition_frames(job) == 0 && !has_treatment(&job->shot->treatment) &&
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

/* The held frame stands for as long as the transition lasts, while the shot runs from its
 * beginning. */
static void put_transition(struct fc_buffer *graph, const struct fc_shot_job *job, int64_t frames)
{
    const struct fc_film_format *format = job->format;
    enum fc_transition_type type = job->shot->in.type;
    int shorter = format->width < format->height ? format->width : format->height;
    struct overlap overlap = {format, frames, (double)frames / format->fps, shorter / 54};

    fc_putf(graph, "[in];[1:v:0]fps=%d,tpad=stop_mode=clone:stop=-1,trim=end_frame=%lld",
            format->fps, (long long)frames + 1);
    if (looks[type].put_held != NULL)
        looks[type].put_held(graph, &overlap);
    fc_putf(graph,
            ",format=yuv420p,setsar=1,settb=1/90000[held];"
            "[held][in]xfade=transition=%s:duration=%.6f:offset=0",
            xfade_of(&job->shot->in), overlap.seconds);
    if (looks[type].put_over != NULL)
        looks[type].put_over(graph, &overlap);
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
        fc_command_add_all(&command, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-framerate", NULL);
        fc_command_addf(&command, "%d", job->format->fps);
        fc_command_add(&command, "-video_size");
        fc_command_addf(&command, "%dx%d", job->format->width, job->format->height);
        fc_command_add_all(&command, "-i", fc_local_path(arena, job->held), NULL);
        put_transition(&graph, job, frames);
    }
    fc_putf(&graph, ",trim=end_frame=%lld[v]", (long long)job->n_frames);
    fc_command_add_all(&command, "-filter_complex", graph.data, "-map", "[v]", "-an", NULL);
    fc_command_add_h264(&command, job->format);
    fc_command_add_all(&command, "-f", "mp4", NULL);
    return command;
}
