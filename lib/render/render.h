/**
 * Renderers: a scene order goes in, a clip (or a still) comes out.
 *
 * A renderer is one table of functions. None of them waits for the picture: submit starts the work,
 * poll tells how far it is and returns at once, so that one thread can look after many scenes:
 *
 *     renderer->submit(settings, &order, &error);          // order.ref is stored before and after
 *     while (renderer->poll(settings, &order).state == FC_TAKE_RUNNING) ... look after other scenes
 * ... renderer->fetch(settings, &order, "scene_intro.mp4", &error);
 *
 * After a crash a new process polls the stored reference: a renderer that works inside the process
 * answers FC_TAKE_UNKNOWN and the scene is submitted again; one that works elsewhere still knows
 * it. All functions may be called from several threads at once, but for one reference from one
 * thread at a time.
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/ids.h>
#include <framecast/status.h>

/** What renderers need of the settings. Constant after start; all texts outlive every take. */
struct fc_render_settings {
    const char *ffmpeg;  /* program, a name or a path */
    const char *ffprobe; /* the same */
    const char *espeak;  /* the same, speaks dialogue; it may be missing. NULL: nobody does */
};

enum fc_render_quality {
    FC_RENDER_DRAFT,
    FC_RENDER_STANDARD,
    FC_RENDER_HIGH,
    FC_RENDER_QUALITY__COUNT
};
enum fc_render_kind { FC_RENDER_CLIP, FC_RENDER_STILL };

/** A symbol that the scene's text mentions: a figure that looks the same in every scene. */
struct fc_render_symbol {
    const char *key;        /* as in the storyboard, 1..64 characters */
    const char *name;       /* the key with blanks, for people */
    const char *prompt;     /* description, 1..1000 characters */
    const char *image_path; /* a local file that may be shown for it, or NULL */
};

struct fc_render_reference {
    const char *path; /* a local image file */
    double weight;    /* 0..1 */
};

enum { FC_RENDER_REF_SIZE = 128 };

/**
 * Everything about one scene. The caller owns all of it; a renderer copies what it needs beyond a
 * call. All texts are UTF-8. poll, fetch and cancel look at ref, job_id and scene_id only.
 */
struct fc_scene_order {
    struct fc_job_id job_id;
    const char *scene_id; /* [A-Za-z0-9_-]{1,64}; "image" for the still of an image job */
    int position;         /* in the spec's scenes, from 0 */
    int n_scenes;         /* of the spec, at least 1 */
    int attempt;          /* from 1 */

    /* Names this attempt. The caller fills it with a reference of its own that is unique for job,
     * scene and attempt; submit may replace it by the provider's id, and the caller then stores
     * that one. */
    char ref[FC_RENDER_REF_SIZE];

    enum fc_render_kind kind;
    const char *title; /* of the storyboard */
    const char
        *text; /* the scene's own prompt as it was written, @key and all; at most 2000 characters */
    const char *prompt;   /* the effective prompt */
    const char *negative; /* the effective negative prompt, may be empty */

    int64_t duration_ms; /* 1000..30000; 0 for a still */
    int width, height;   /* pixels, even, as the job's resolution says */
    int fps;             /* 24, 30 or 60 */
    enum fc_render_quality quality;
    uint32_t seed; /* of this scene */

    const struct fc_render_symbol *symbols;
    size_t n_symbols;
    const struct fc_render_reference *references;
    size_t n_references;

    bool is_captioned; /* dialogue will be set over its lower part: fc_captions_height */

    /* Where the scene first plays in the film, for a progress line; film_total_ms 0: no line. */
    int64_t film_start_ms;
    int64_t film_total_ms;

    const char
        *work_dir; /* an existing folder for this job's half-made files; the caller removes it */
};

enum fc_take_state {
    FC_TAKE_UNKNOWN, /* this renderer has never heard of the reference, or has lost it: submit again
                      */
    FC_TAKE_RUNNING, /* accepted; waiting or at work */
    FC_TAKE_DONE,    /* can be fetched */
    FC_TAKE_FAILED,
};

/** How an attempt stands. code, message, may_repeat and is_users_fault mean something for
 * FC_TAKE_FAILED only. */
struct fc_take_report {
    enum fc_take_state state;
    double percent;      /* 0..100, never goes back */
    bool may_repeat;     /* another attempt can help */
    bool is_users_fault; /* the input itself cannot be rendered (failure type validation) */
    bool is_timeout;     /* a deadline passed (failure type timeout) */
    char code[40];       /* stable word, e.g. "encoder_failed" */
    char message[768];   /* for people */
};

struct fc_renderer {
    const char *name;  /* value of RENDER_PROVIDER and of render_scenes.provider */
    const char *model; /* for output.metadata.model_used */
    bool is_local;     /* its takes live in this process and die with it */
    bool is_mute;      /* its clips have no sound: the dialogue is spoken over them */

    /**
     * Starts a take and returns; a reference that is already at work is left at work (FC_OK).
     *
     * FC_E_VALIDATION   the order itself cannot be rendered; repeating is useless
     * FC_E_UNAVAILABLE  not now (no room, the provider does not answer); try again later
     */
    fc_status (*submit)(const struct fc_render_settings *settings, struct fc_scene_order *order,
                        struct fc_error *error);

    struct fc_take_report (*poll)(const struct fc_render_settings *settings,
                                  const struct fc_scene_order *order);

    /**
     * Puts the finished file at @path (same file system as the work folder) and forgets the take.
     * The file may have any size, rate and length; fc_clip_normalise makes it fit.
     *
     * FC_E_NOT_FOUND    unknown or not done
     * FC_E_UNAVAILABLE  could not be fetched now; the take is still known
     */
    fc_status (*fetch)(const struct fc_render_settings *settings,
                       const struct fc_scene_order *order, const char *path,
                       struct fc_error *error);

    /** Stops the take, removes its half-made files and forgets it; unknown references are fine. */
    void (*cancel)(const struct fc_render_settings *settings, const struct fc_scene_order *order);
};

/** NULL when no renderer of that name works inside this program ("external" is none). */
const struct fc_renderer *fc_renderer_by_name(const char *name);

extern const struct fc_renderer fc_renderer_animatic;

#endif
