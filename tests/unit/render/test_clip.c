#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/text.h>

#include "render/cut.h"
#include "suites.h"
#include "support.h"

static const struct fc_film_format small = {160, 90, 24, FC_RENDER_DRAFT};

static const char *normalised(const struct bench *bench, const char *in, int64_t ms)
{
    const char *out = bench_path(bench, "out.mp4");
    struct fc_error error = {0};

    ck_assert_msg(fc_clip_normalise(&tools, in, out, &small, ms, NULL, &error) == FC_OK, "%s",
                  error.text);
    ck_assert_msg(fc_clip_check(&tools, out, &small, fc_frames_of(ms, small.fps), &error) == FC_OK,
                  "%s", error.text);
    ck_assert_int_ne(access(in, F_OK), 0);
    return out;
}

/* What engines deliver: each becomes a clip of two seconds. */
static const struct {
    const char *why, *name, *arguments;
} deliveries[] = {
    {"no sound, other rate and size", "a.mp4",
     "-f lavfi -i testsrc2=s=320x240:r=16:d=2 -c:v libx264"},
    {"too short, last frame is held", "b.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=1.2 -c:v libx264"},
    {"too long", "c.mp4", "-f lavfi -i testsrc2=s=160x90:r=24:d=3.1 -c:v libx264"},
    {"one frame only", "d.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=0.04 -frames:v 1 -c:v libx264"},
    {"a variable rate", "e.mkv",
     "-f lavfi -i testsrc2=s=160x90:r=50:d=2.5 -vf select='not(mod(n,3))+lt(n,20)' -vsync vfr -c:v "
     "libx264"},
    {"mono sound at 22 kHz, shorter than the pictures", "f.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -f lavfi -i sine=d=0.7:r=22050 -c:v libx264 -c:a aac"},
    {"5.1 sound", "g.mkv",
     "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -f lavfi -i anullsrc=r=44100:cl=5.1 -t 2 -c:v libx264 "
     "-c:a ac3"},
    {"4:4:4 with ten bits", "h.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -pix_fmt yuv444p10le -c:v libx264"},
    {"pixels that are not square", "i.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -vf setsar=4/3 -c:v libx264"},
    {"an odd size", "j.mp4",
     "-f lavfi -i testsrc2=s=161x91:r=24:d=2 -pix_fmt yuv444p -c:v libx264"},
    {"an animated WebP's kin: GIF", "k.gif", "-f lavfi -i testsrc2=s=120x90:r=10:d=2"},
    {"VP9 in WebM that was written to a pipe", "l.webm",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -c:v libvpx-vp9 -deadline realtime -seekable 0"},
    {"times that begin late", "m.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -c:v libx264 -output_ts_offset 3"},
    {"three frames short", "n.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24 -frames:v 45 -c:v libx264"},
    {"two frames long", "o.mp4", "-f lavfi -i testsrc2=s=160x90:r=24 -frames:v 50 -c:v libx264"},
    {"a rate that is no whole number", "p.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=30000/1001:d=2 -c:v libx264"},
    {"a hole in its times", "q.mkv",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=1.5 -vf setpts=PTS+gt(N\\,20)*0.5/TB -vsync vfr -c:v "
     "libx264"},
    {"sound that begins late and goes on longer", "r.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -itsoffset 0.5 -f lavfi -i sine=d=4 -c:v libx264 -c:a "
     "aac"},
    {"cut without encoding: frames before its beginning", "s.mp4",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=3 -c:v libx264 -output_ts_offset -0.7"},
    {"interlaced MPEG-2 in a transport stream", "t.ts",
     "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -c:v mpeg2video -flags +ilme+ildct"},
    {"full-range JPEG pictures in AVI", "u.avi",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -pix_fmt yuvj420p -c:v mjpeg"},
    {"RGB with an alpha channel", "v.mov",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -pix_fmt argb -c:v qtrle"},
    {"lossless RGB", "w.mkv", "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -pix_fmt gbrp -c:v ffv1"},
    {"shades of gray", "x.mp4", "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -vf format=gray -c:v "
                                "libx264"},
    {"one picture", "y.png", "-f lavfi -i testsrc2=s=160x90 -frames:v 1"},
};

START_TEST(whatever_comes_in_goes_out_as_ordered)
{
    BENCH(bench);

    (void)normalised(&bench, make(&bench, deliveries[_i].name, deliveries[_i].arguments), 2000);
}
END_TEST

START_TEST(a_clip_of_our_own_is_only_moved)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Move me");
    struct fc_film_format format = {320, 180, 24, FC_RENDER_DRAFT};
    const char *shot = shoot(&bench, &order), *before = frame_hashes(&bench, shot);
    const char *out = bench_path(&bench, "out.mp4");

    ck_assert_int_eq(fc_clip_normalise(&tools, shot, out, &format, 1000, NULL, NULL), FC_OK);
    ck_assert_str_eq(before, frame_hashes(&bench, out));
}
END_TEST

START_TEST(a_clip_turned_by_its_container_comes_out_upright)
{
    BENCH(bench);
    const char *flat = make(&bench, "flat.mp4",
                            "-f lavfi -i color=red:s=90x160:r=24:d=1 -c:v libx264");
    const char *turned = make(
        &bench, "turned.mp4",
        fc_printf(bench.arena, "-i %s -c copy -metadata:s:v:0 rotate=90", flat));
    const unsigned char *colors;
    size_t n;

    ck_assert(look_at(&bench, turned).is_rotated);
    colors = frame_colors(&bench, normalised(&bench, turned, 1000), &n);
    ck_assert_uint_eq(n, 24);
    ck_assert_int_gt(colors[0], 240); /* red to the edges: 90x160 on its side fills 160x90 */
}
END_TEST

START_TEST(other_proportions_get_black_borders)
{
    BENCH(bench);
    const unsigned char *colors;
    size_t n;

    colors = frame_colors(&bench,
                          normalised(&bench,
                                     make(&bench, "square.mp4",
                                          "-f lavfi -i color=white:s=90x90:r=24:d=1 -c:v libx264"),
                                     1000),
                          &n);
    ck_assert_int_ge(colors[0], 120); /* 90 of 160 columns are white */
    ck_assert_int_le(colors[0], 165);
}
END_TEST

/* Lists that name other files are what a stranger would send to read those. */
static const struct {
    const char *name, *text;
} impostors[] = {
    {"page.mp4", "<html>not found</html>"},
    {"empty.mp4", ""},
    {"list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nvictim.mp4\n#EXT-X-ENDLIST\n"},
    {"list.mp4", "ffconcat version 1.0\nfile victim.mp4\n"},
    {"script.mp4", "[Script Info]\nScriptType: v4.00+\n"},
};

START_TEST(what_is_no_video_is_refused)
{
    BENCH(bench);
    const char *path = bench_path(&bench, impostors[_i].name);
    FILE *file = fopen(path, "we");
    struct fc_error error = {0};

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(impostors[_i].text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    (void)make(&bench, "victim.mp4", "-f lavfi -i testsrc2=s=160x90:r=24:d=1 -c:v libx264");
    ck_assert_int_eq(
        fc_clip_normalise(&tools, path, bench_path(&bench, "out.mp4"), &small, 1000, NULL, &error),
        FC_E_VALIDATION);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_int_ne(access(bench_path(&bench, "out.mp4"), F_OK), 0);
}
END_TEST

static off_t size_of(const char *path)
{
    struct stat about;

    ck_assert_int_eq(stat(path, &about), 0);
    return about.st_size;
}

/* Keeps the first half of a file, and, when @keeps_rest, its second half turned to noise. */
static const char *damaged(const struct bench *bench, const char *path, bool keeps_rest)
{
    char *bytes = fc_alloc(bench->arena, 1 << 20);
    FILE *file = fopen(path, "r+e");
    size_t n;

    ck_assert_ptr_nonnull(file);
    n = fread(bytes, 1, 1 << 20, file);
    for (size_t i = n / 2; i < n; i += 97)
        bytes[i] = (char)~bytes[i];
    rewind(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert(keeps_rest || truncate(path, (off_t)(n / 2)) == 0);
    return path;
}

static const struct {
    const char *why, *arguments;
    bool keeps_rest;
} wrecks[] = {
    {"cut off, its table at the end",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -c:v libx264", false},
    {"cut off, its table at the beginning",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -c:v libx264 -movflags +faststart", false},
    {"noise in its second half",
     "-f lavfi -i testsrc2=s=160x90:r=24:d=2 -c:v libx264 -movflags +faststart", true},
};

START_TEST(a_broken_clip_is_no_clip)
{
    BENCH(bench);
    const char *path = damaged(&bench, make(&bench, "broken.mp4", wrecks[_i].arguments),
                               wrecks[_i].keeps_rest);
    const char *out = bench_path(&bench, "out.mp4");
    struct fc_error error = {0};

    ck_assert_msg(fc_clip_normalise(&tools, path, out, &small, 2000, NULL, &error) != FC_OK, "%s",
                  wrecks[_i].why);
    ck_assert_msg(fc_text_starts(error.text, "The clip cannot be "), "%s", error.text);
    ck_assert_int_ne(access(out, F_OK), 0);
}
END_TEST

/* It does not say how long it is. */
static const char *written_to_a_pipe(const struct bench *bench)
{
    return make(bench, "whole.webm",
                "-f lavfi -i testsrc2=s=32x32:r=24:d=1 -c:v libvpx -deadline realtime -f webm "
                "-seekable 0");
}

/* WebM of which not even the parts say how long they are, as browsers record it. */
static const char *recorded(const struct bench *bench)
{
    static const unsigned char cluster[] = {0x1F, 0x43, 0xB6, 0x75};
    const char *path = written_to_a_pipe(bench);
    unsigned char *bytes = fc_alloc(bench->arena, 1 << 20), *at = bytes;
    FILE *file = fopen(path, "r+e");
    size_t n;

    ck_assert_ptr_nonnull(file);
    n = fread(bytes, 1, 1 << 20, file);
    while ((at = memmem(at, n - (size_t)(at - bytes), cluster, sizeof cluster)) != NULL) {
        at += sizeof cluster;
        ck_assert_int_eq(*at >> 6, 1); /* its size has two bytes */
        *at++ = 0x7F;
        *at++ = 0xFF;
    }
    rewind(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static const char *written_to_a_file(const struct bench *bench)
{
    return make(bench, "whole.mkv", "-f lavfi -i testsrc2=s=32x32:r=24:d=1 -c:v libx264");
}

static const char *with_its_table_first(const struct bench *bench)
{
    return make(bench, "whole.mp4",
                "-f lavfi -i testsrc2=s=32x32:r=24:d=1 -c:v libx264 -movflags +faststart");
}

static const char *with_its_table_last(const struct bench *bench)
{
    return make(bench, "whole.mov", "-f lavfi -i testsrc2=s=32x32:r=24:d=1 -c:v libx264");
}

static const char *in_fragments(const struct bench *bench)
{
    return make(bench, "whole.mp4",
                "-f lavfi -i testsrc2=s=32x32:r=24:d=1 -c:v libx264 -g 6 -movflags "
                "+frag_keyframe+empty_moov");
}

/* Bytes before the first picture, and places between parts, where a cut cannot be seen. */
static const struct {
    const char *(*make)(const struct bench *bench);
    off_t head;
    int n_unseen;
} containers[] = {
    {written_to_a_file, 416, 0},
    {written_to_a_pipe, 416, 0},
    {recorded, 416, 25}, /* each frame is a part */
    {with_its_table_first, 32, 2},
    {with_its_table_last, 32, 1},
    {in_fragments, 32, 10},
};

START_TEST(a_file_that_ends_too_early_is_cut_off)
{
    BENCH(bench);
    const char *path = containers[_i].make(&bench);
    off_t size = size_of(path);
    int n_unseen = 0;

    ck_assert(!fc_file_is_cut(path));
    ck_assert_int_gt(size, 2 * containers[_i].head);
    while (--size > containers[_i].head) {
        ck_assert_int_eq(truncate(path, size), 0);
        n_unseen += !fc_file_is_cut(path);
    }
    ck_assert_int_le(n_unseen, containers[_i].n_unseen);
}
END_TEST

static const int shares[] = {30, 60, 95};

START_TEST(a_clip_that_ends_too_early_is_no_clip)
{
    BENCH(bench);
    const char *path = written_to_a_pipe(&bench), *out = bench_path(&bench, "out.mp4");
    struct fc_error error = {0};
    const off_t size = size_of(path);

    ck_assert_int_eq(truncate(path, size * shares[_i] / 100), 0);
    ck_assert_int_eq(fc_clip_normalise(&tools, path, out, &small, 1000, NULL, &error),
                     FC_E_VALIDATION);
    ck_assert_str_eq(error.text, "The clip cannot be read: it ends too early");
}
END_TEST

START_TEST(a_sound_is_no_clip)
{
    BENCH(bench);
    const char *path = make(&bench, "sound.wav", "-f lavfi -i sine=d=1");
    struct fc_error error = {0};

    ck_assert_int_eq(
        fc_clip_normalise(&tools, path, bench_path(&bench, "out.mp4"), &small, 1000, NULL, &error),
        FC_E_VALIDATION);
    ck_assert_str_eq(error.text, "The clip holds no pictures");
}
END_TEST

static bool at_once(void *context)
{
    (void)context;
    return true;
}

START_TEST(a_canceled_normalisation_leaves_nothing)
{
    BENCH(bench);
    const char *in = make(&bench, "in.mp4",
                          "-f lavfi -i testsrc2=s=640x480:r=24:d=5 -c:v libx264 -preset ultrafast");

    ck_assert_int_eq(fc_clip_normalise(&tools, in, bench_path(&bench, "out.mp4"), &small, 5000,
                                       &(struct fc_watch){.is_canceled = at_once}, NULL),
                     FC_E_UNAVAILABLE);
    ck_assert_int_ne(access(bench_path(&bench, "out.mp4.part"), F_OK), 0);
    ck_assert_int_eq(access(in, F_OK), 0);
}
END_TEST

START_TEST(a_still_is_made_to_fit)
{
    BENCH(bench);
    const char *in = make(&bench, "in.jpg", "-f lavfi -i testsrc2=s=300x300 -frames:v 1");
    const char *out = bench_path(&bench, "out.png");
    struct fc_media media;

    ck_assert_int_eq(fc_still_normalise(&tools, in, out, &small, NULL, NULL), FC_OK);
    media = look_at(&bench, out);
    ck_assert_str_eq(media.video_codec, "png");
    ck_assert_int_eq(media.width, 160);
    ck_assert_int_eq(media.height, 90);
}
END_TEST

/* Both are pictures of the right size, up to where they end. */
static const struct {
    const char *name, *arguments;
} half_stills[] = {
    {"half.jpg", "-f lavfi -i testsrc2=s=160x90 -frames:v 1"},
    {"half.png", "-f lavfi -i testsrc2=s=160x90 -vf noise=alls=90 -frames:v 1"},
};

START_TEST(half_a_still_is_none)
{
    BENCH(bench);
    const char *in = make(&bench, half_stills[_i].name, half_stills[_i].arguments);
    const char *out = bench_path(&bench, "out.png");
    struct fc_error error = {0};

    ck_assert_int_eq(truncate(in, size_of(in) * 3 / 4), 0);
    ck_assert_int_ne(fc_still_normalise(&tools, in, out, &small, NULL, &error), FC_OK);
    ck_assert_int_ne(access(out, F_OK), 0);
}
END_TEST

TCase *clip_case(void)
{
    TCase *tests = tcase_create("clip");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, whatever_comes_in_goes_out_as_ordered, 0,
                        sizeof deliveries / sizeof *deliveries);
    tcase_add_test(tests, a_clip_of_our_own_is_only_moved);
    tcase_add_test(tests, a_clip_turned_by_its_container_comes_out_upright);
    tcase_add_test(tests, other_proportions_get_black_borders);
    tcase_add_loop_test(tests, what_is_no_video_is_refused, 0,
                        sizeof impostors / sizeof *impostors);
    tcase_add_loop_test(tests, a_broken_clip_is_no_clip, 0, sizeof wrecks / sizeof *wrecks);
    tcase_add_loop_test(tests, a_file_that_ends_too_early_is_cut_off, 0,
                        sizeof containers / sizeof *containers);
    tcase_add_loop_test(tests, a_clip_that_ends_too_early_is_no_clip, 0,
                        sizeof shares / sizeof *shares);
    tcase_add_test(tests, a_sound_is_no_clip);
    tcase_add_test(tests, a_canceled_normalisation_leaves_nothing);
    tcase_add_test(tests, a_still_is_made_to_fit);
    tcase_add_loop_test(tests, half_a_still_is_none, 0, sizeof half_stills / sizeof *half_stills);
    return tests;
}
