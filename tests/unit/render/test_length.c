/* The length of films, right to the frame, whatever the storyboard: held over storyboards made up
 * by chance. FC_TEST_STORIES plans (400) and FC_TEST_FILMS films (12) are made. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/shot.h"
#include "render/stitch.h"
#include "stories.h"
#include "suites.h"
#include "support.h"

enum { W = 64, H = 36, AAC_FRAME = 1024 };

static const int rates[] = {24, 30, 60};

/* Tenths of milliseconds; with few different ones, few clips are needed. The longest goes on as it
 * is behind a transition. */
static const int64_t clip_lengths[] = {10000, 10134, 11996, 33335, 0};

static const struct story_kind any_story = {.scenes_max = 12, .shots_max = 60};
static const struct story_kind small_story = {
    .scenes_max = 4, .shots_max = 3, .lengths = clip_lengths};

/* Clips for all films, made once. */
static struct bench shared;

static void open_shared(void)
{
    shared = bench_open();
}

static void close_shared(void)
{
    bench_close(&shared);
}

static size_t count_from(const char *variable, size_t otherwise)
{
    const char *text = getenv(variable);
    int64_t n;

    return text != NULL && fc_int_parse(text, &n) && n >= 0 ? (size_t)n : otherwise;
}

static struct fc_plan plan_of(const struct bench *bench, const struct story *story)
{
    const struct fc_json *spec;
    struct fc_plan plan = {0};
    struct fc_error error = {0};

    ck_assert_msg(fc_json_parse(bench->arena, story->text, strlen(story->text), &spec, &error) ==
                      FC_OK,
                  "%s", error.text);
    ck_assert_msg(fc_plan_make(bench->arena, spec, &plan, &error) == FC_OK, "%s in %s", error.text,
                  story->text);
    return plan;
}

/* ---- plans ---- */

static void holds_together(const struct story *story, const struct fc_plan *plan)
{
    int64_t at = 0;

    ck_assert_uint_eq(plan->n_shots, story->n_shots);
    for (size_t i = 0; i < plan->n_shots; i++) {
        const struct fc_shot *shot = &plan->shots[i];
        int64_t before = i > 0 ? plan->shots[i - 1].duration_ms : 0;

        ck_assert_int_eq(shot->start_ms, at);
        ck_assert_int_eq(shot->duration_ms, story->lengths_ms[i]);
        ck_assert_int_le(2 * shot->in.duration_ms, shot->duration_ms);
        ck_assert_int_le(2 * shot->in.duration_ms, before);
        at += shot->duration_ms;
    }
    ck_assert_int_eq(plan->duration_ms, story->length_ms);
    ck_assert_int_eq(at, story->length_ms);
}

START_TEST(a_plan_lasts_as_long_as_its_scenes)
{
    for (size_t i = 0, n = count_from("FC_TEST_STORIES", 400); i < n; i++) {
        BENCH(bench);
        struct story story = story_of(bench.arena, &any_story, i);
        struct fc_plan plan = plan_of(&bench, &story);

        holds_together(&story, &plan);
    }
}
END_TEST

/* The frames that the graph of a shot lets through, by its last word on them. */
static int64_t frames_of_graph(const struct fc_command *command)
{
    static const char word[] = "trim=end_frame=";
    const char *found = NULL;

    for (size_t i = 0; i + 1 < command->n; i++) {
        if (strcmp(command->argv[i], "-filter_complex") != 0)
            continue;
        for (const char *at = command->argv[i + 1]; (at = strstr(at, word)) != NULL; at++)
            found = at;
    }
    ck_assert_ptr_nonnull(found);
    return strtoll(found + sizeof word - 1, NULL, 10);
}

static size_t inputs_of(const struct fc_command *command)
{
    size_t n = 0;

    for (size_t i = 0; i < command->n; i++)
        n += strcmp(command->argv[i], "-i") == 0;
    return n;
}

static int64_t frames_planned(const struct bench *bench, const struct fc_plan *plan,
                              const struct fc_film_format *format)
{
    int64_t sum = 0;

    for (size_t i = 0; i < plan->n_shots; i++) {
        const struct fc_shot *shot = &plan->shots[i];
        struct fc_shot_job job = {
            .shot = shot,
            .format = format,
            .clip = "clip.mp4",
            .before = i > 0 ? "before.mp4" : NULL,
            .n_frames = fc_frames_of(shot->start_ms + shot->duration_ms, format->fps) -
                        fc_frames_of(shot->start_ms, format->fps),
            .clip_frames = fc_frames_of(shot->duration_ms, format->fps)};
        struct fc_command command = fc_shot_command(bench->arena, &tools, &job);

        ck_assert_uint_le(inputs_of(&command), 2); /* or memory would grow with the film */
        ck_assert_int_lt(fc_shot_transition_frames(&job), job.n_frames);
        ck_assert_int_le(llabs(job.n_frames - job.clip_frames), 1);
        sum += frames_of_graph(&command);
    }
    return sum;
}

START_TEST(the_frames_of_the_shots_are_the_frames_of_the_film)
{
    for (size_t i = 0, n = count_from("FC_TEST_STORIES", 400); i < n; i++) {
        BENCH(bench);
        struct fc_film_format format = {W, H, rates[i % 3], FC_RENDER_DRAFT};
        struct story story = story_of(bench.arena, &any_story, i);
        struct fc_plan plan = plan_of(&bench, &story);

        ck_assert_int_eq(frames_planned(&bench, &plan, &format),
                         fc_frames_of(story.length_ms, format.fps));
    }
}
END_TEST

/* ---- films ---- */

/* What a scene of @ms is given for a clip: already in the form that the stitcher takes. */
static const char *clip_of(const struct bench *bench, const struct fc_film_format *format,
                           int64_t ms)
{
    const char *name = fc_printf(bench->arena, "%d-%d.mp4", format->fps, (int)ms);
    const char *path = bench_path(&shared, name);

    return access(path, R_OK) == 0 ? path
                                   : make_clip(&shared, name, format, "testsrc2=s=64x36:r=60", NULL,
                                               fc_frames_of(ms, format->fps));
}

static struct fc_film film_of(const struct bench *bench, const struct fc_plan *plan,
                              const struct fc_film_format *format)
{
    const char **clips = FC_NEW_ARRAY(bench->arena, const char *, plan->n_scenes);
    struct fc_film_order order = {
        .plan = plan, .format = *format, .clips = clips, .is_mute = true, .work_dir = bench->dir};
    struct fc_error error = {0};
    struct fc_film film;

    for (size_t i = 0; i < plan->n_scenes; i++)
        clips[i] = clip_of(bench, format, plan->scenes[i].duration_ms);
    ck_assert_msg(fc_film_stitch(bench->arena, &tools, &order, NULL, &film, &error) == FC_OK, "%s",
                  error.text);
    return film;
}

/* What a stream is made of, in ticks of its own clock. */
struct tally {
    int64_t n_packets;
    int64_t end;  /* of the last to be presented, from the film's beginning */
    bool is_even; /* presented one by one, each as long as the others, from 0 on */
};

static int by_time(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* "<stream>|<time>|<length>", one packet a line. */
static const char *packets_of(const struct bench *bench, const char *path)
{
    struct fc_command command = fc_command_new(bench->arena, tools.ffprobe);
    struct fc_error error = {0};
    struct fc_span text;

    fc_command_add_all(&command, "-v", "error", "-show_entries", "packet=stream_index,pts,duration",
                       "-of", "compact=p=0:nk=1", path, NULL);
    ck_assert_msg(fc_process_run(bench->arena,
                                 &(struct fc_process_plan){.argv = command.argv,
                                                           .output_max = 1 << 20,
                                                           .timeout_ms = 60000},
                                 &text, &error) == FC_OK,
                  "%s", error.text);
    return text.at;
}

static int64_t number(const char **line)
{
    char *after;
    int64_t n = strtoll(*line, &after, 10);

    ck_assert_ptr_ne(after, *line);
    *line = after + strspn(after, "|\n");
    return n;
}

static struct tally tally_of(const struct bench *bench, const char *packets, int64_t stream)
{
    int64_t *times = FC_NEW_ARRAY(bench->arena, int64_t, strlen(packets));
    struct tally tally = {.is_even = true};

    for (const char *line = packets; *line != '\0';) {
        int64_t index = number(&line), time = number(&line), length = number(&line);

        if (index != stream)
            continue;
        times[tally.n_packets++] = time;
        tally.end = time + length > tally.end ? time + length : tally.end;
    }
    qsort(times, (size_t)tally.n_packets, sizeof *times, by_time);
    for (int64_t i = 0; i < tally.n_packets; i++)
        tally.is_even &= times[i] == i * (tally.end / tally.n_packets);
    return tally;
}

START_TEST(a_film_has_every_planned_frame_and_no_other)
{
    BENCH(bench);
    struct fc_film_format format = {W, H, rates[_i % 3], FC_RENDER_DRAFT};
    struct story story = story_of(bench.arena, &small_story, 1000 + (uint64_t)_i);
    struct fc_plan plan = plan_of(&bench, &story);
    struct fc_film film = film_of(&bench, &plan, &format);
    int64_t n_frames = fc_frames_of(story.length_ms, format.fps);
    const char *packets = packets_of(&bench, film.video_path);
    struct tally pictures = tally_of(&bench, packets, 0), sound = tally_of(&bench, packets, 1);

    ck_assert_msg(pictures.n_packets == n_frames, "%lld frames instead of %lld: %s",
                  (long long)pictures.n_packets, (long long)n_frames, story.text);
    ck_assert_msg(pictures.is_even, "frames at uneven times: %s", story.text);
    ck_assert_int_le(llabs(sound.end - n_frames * FC_AUDIO_RATE / format.fps), AAC_FRAME);
}
END_TEST

TCase *length_case(void)
{
    TCase *tests = tcase_create("length");

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, open_shared, close_shared);
    tcase_add_test(tests, a_plan_lasts_as_long_as_its_scenes);
    tcase_add_test(tests, the_frames_of_the_shots_are_the_frames_of_the_film);
    tcase_add_loop_test(tests, a_film_has_every_planned_frame_and_no_other, 0,
                        (int)count_from("FC_TEST_FILMS", 12));
    return tests;
}
