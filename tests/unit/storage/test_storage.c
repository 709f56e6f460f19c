#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt/crypt.h"
#include "storage/file.h"
#include "suite.h"

#define BUCKET "framecast-outputs"

static struct fc_arena *arena;
static struct fc_storage *storage;
static struct fc_error error;
static char *dir; /* of the test; the storage is in dir/store */

static const struct fc_object clip = {BUCKET, "user/1/jobs/2/scene_a.mp4"};

static const char *at(const char *path)
{
    return fc_printf(arena, "%s/%s", dir, path);
}

static void set_up(void)
{
    char name[] = "/tmp/framecast-storage-XXXXXX";

    ck_assert_int_eq(fc_crypt_start(&error), FC_OK);
    arena = fc_arena_new();
    ck_assert_ptr_nonnull(mkdtemp(name));
    dir = fc_copy(arena, name);
    const struct fc_file_settings settings = {
        .dir = at("var/store"),
        .secret = "example-jwt-secret-do-not-use",
        .base_url = "http://localhost:3000",
        .workers_base_url = "http://workers.internal",
    };
    ck_assert_msg(fc_file_storage_new(&storage, &settings, &error) == FC_OK, "%s", error.text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    fc_storage_free(storage);
    ck_assert_int_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    fc_arena_free(arena);
}

static const char *local_file(const char *name, const char *text)
{
    const char *path = at(name);
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static const char *content(struct fc_object object)
{
    struct fc_object_info info;
    char *text;
    int fd;

    ck_assert_msg(fc_file_open(storage, object, &fd, &info, &error) == FC_OK, "%s", error.text);
    text = fc_alloc(arena, (size_t)info.size_bytes + 1);
    ck_assert_int_eq(read(fd, text, (size_t)info.size_bytes), info.size_bytes);
    close(fd);
    return text;
}

static fc_status put(struct fc_object object, const char *text, const char *type)
{
    return storage->put_file(storage, object, local_file("local", text), type, &error);
}

static bool exists(struct fc_object object)
{
    struct fc_object_info info;

    return storage->head(storage, object, &info, &error) == FC_OK;
}

static int entries(const char *path)
{
    DIR *open = opendir(path);
    int n = 0;

    ck_assert_ptr_nonnull(open);
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open);
    return n;
}

/* ---- objects ---- */

START_TEST(what_is_put_can_be_read_with_size_type_and_etag)
{
    struct fc_object_info info;
    const char *path;

    ck_assert_msg(put(clip, "moving", "video/mp4") == FC_OK, "%s", error.text);
    ck_assert_str_eq(content(clip), "moving");
    ck_assert_int_eq(storage->head(storage, clip, &info, &error), FC_OK);
    ck_assert_int_eq(info.size_bytes, 6);
    ck_assert_str_eq(info.content_type, "video/mp4");
    ck_assert_int_eq(info.etag[0], '"');
    ck_assert_int_lt(llabs(info.modified.us - fc_time_now().us), 60 * 1000000LL);
    ck_assert_int_eq(storage->fetch_file(storage, arena, clip, dir, &path, &error), FC_OK);
    ck_assert_int_eq(access(path, R_OK), 0);
    ck_assert_int_eq(path[0], '/');
}
END_TEST

START_TEST(a_type_that_the_extension_does_not_tell_is_kept_and_forgotten_again)
{
    struct fc_object_info info;

    ck_assert_int_eq(put(clip, "a", "video/x-special"), FC_OK);
    ck_assert_int_eq(storage->head(storage, clip, &info, &error), FC_OK);
    ck_assert_str_eq(info.content_type, "video/x-special");
    ck_assert_int_eq(storage->delete (storage, clip, &error), FC_OK);
    ck_assert_int_eq(put(clip, "b", "video/mp4"), FC_OK);
    ck_assert_int_eq(storage->head(storage, clip, &info, &error), FC_OK);
    ck_assert_str_eq(info.content_type, "video/mp4");
    ck_assert_int_eq(entries(at("var/store/.types/" BUCKET)), 0);
}
END_TEST

START_TEST(a_second_put_changes_nothing)
{
    struct fc_object_info first, second;

    ck_assert_int_eq(put(clip, "one", "video/mp4"), FC_OK);
    ck_assert_int_eq(storage->head(storage, clip, &first, &error), FC_OK);
    ck_assert_int_eq(put(clip, "two", "video/x-special"), FC_OK);
    ck_assert_int_eq(storage->head(storage, clip, &second, &error), FC_OK);
    ck_assert_str_eq(content(clip), "one");
    ck_assert_str_eq(first.etag, second.etag);
    ck_assert_str_eq(second.content_type, "video/mp4");
    ck_assert_int_eq(entries(at("var/store/.incoming")), 0);
}
END_TEST

START_TEST(whoever_reads_keeps_the_old_object_when_another_takes_its_place)
{
    struct fc_object_info info;
    char text[4] = "";
    int fd;

    ck_assert_int_eq(put(clip, "one", "video/mp4"), FC_OK);
    ck_assert_int_eq(fc_file_open(storage, clip, &fd, &info, &error), FC_OK);
    ck_assert_int_eq(storage->delete (storage, clip, &error), FC_OK);
    ck_assert_int_eq(put(clip, "two", "video/mp4"), FC_OK);
    ck_assert_int_eq(read(fd, text, 3), 3);
    ck_assert_str_eq(text, "one");
    close(fd);
}
END_TEST

START_TEST(a_missing_object_is_not_found_but_deleting_it_is_fine)
{
    struct fc_object_info info;

    ck_assert_int_eq(storage->head(storage, clip, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_eq(storage->delete (storage, clip, &error), FC_OK);
}
END_TEST

START_TEST(deleting_removes_the_folders_that_became_empty)
{
    ck_assert_int_eq(put(clip, "a", "video/x-special"), FC_OK);
    ck_assert_int_eq(storage->delete (storage, clip, &error), FC_OK);
    ck_assert(!exists(clip));
    ck_assert_int_eq(entries(at("var/store/" BUCKET)), 0);
    ck_assert_int_eq(entries(at("var/store/.types/" BUCKET)), 0);
}
END_TEST

START_TEST(deleting_below_a_prefix_spares_what_is_to_be_kept_and_the_neighbours)
{
    static const char *const keep[] = {"user/1/jobs/2/scene_b.mp4"};
    const struct fc_object kept = {BUCKET, keep[0]}, neighbour = {BUCKET, "user/1/jobs/22/x.mp4"},
                           deep = {BUCKET, "user/1/jobs/2/more/final.mp4"},
                           prefix = {BUCKET, "user/1/jobs/2/"};

    ck_assert_int_eq(put(clip, "a", "video/mp4"), FC_OK);
    ck_assert_int_eq(put(kept, "b", "video/mp4"), FC_OK);
    ck_assert_int_eq(put(deep, "c", "video/mp4"), FC_OK);
    ck_assert_int_eq(put(neighbour, "d", "video/mp4"), FC_OK);
    ck_assert_msg(storage->delete_below(storage, prefix, keep, 1, &error) == FC_OK, "%s",
                  error.text);
    ck_assert(!exists(clip) && !exists(deep));
    ck_assert(exists(kept) && exists(neighbour));
    ck_assert_int_eq(storage->delete_below(storage, prefix, NULL, 0, &error), FC_OK);
    ck_assert(!exists(kept) && exists(neighbour));
    ck_assert_int_eq(storage->delete_below(storage, prefix, NULL, 0, &error), FC_OK);
}
END_TEST

/* ---- keys of strangers ---- */

static const struct {
    const char *why, *bucket, *key;
} refused[] = {
    {"climbing out", BUCKET, "../secret"},
    {"climbing out in the middle", BUCKET, "a/../../../etc/passwd"},
    {"climbing out at the end", BUCKET, "a/.."},
    {"the same folder", BUCKET, "a/./b"},
    {"an absolute path", BUCKET, "/etc/passwd"},
    {"an empty segment", BUCKET, "a//b"},
    {"a folder", BUCKET, "a/b/"},
    {"nothing", BUCKET, ""},
    {"no UTF-8", BUCKET, "a/\xff"},
    {"a hidden bucket", ".types", "a"},
    {"the folder of uploads as bucket", ".incoming", "a"},
    {"climbing out by the bucket", "..", "a"},
    {"a bucket of two segments", "a/b", "c"},
    {"no bucket", "", "c"},
};

START_TEST(a_key_that_is_no_plain_path_is_refused_everywhere)
{
    const struct fc_object object = {refused[_i].bucket, refused[_i].key};
    struct fc_object_info info;
    struct fc_upload *upload;
    const char *path;
    int fd;

    ck_assert_msg(!fc_object_ok(object), "%s", refused[_i].why);
    ck_assert_int_eq(put(object, "x", "video/mp4"), FC_E_VALIDATION);
    ck_assert_int_eq(storage->head(storage, object, &info, &error), FC_E_VALIDATION);
    ck_assert_int_eq(storage->delete (storage, object, &error), FC_E_VALIDATION);
    ck_assert_int_eq(storage->fetch_file(storage, arena, object, dir, &path, &error),
                     FC_E_VALIDATION);
    ck_assert_int_eq(fc_file_open(storage, object, &fd, &info, &error), FC_E_VALIDATION);
    ck_assert_int_eq(fc_upload_begin(&upload, storage, object, "a/b", 1, &error), FC_E_VALIDATION);
}
END_TEST

START_TEST(a_key_may_have_five_hundred_characters_and_no_more)
{
    char key[FC_KEY_CHARACTERS_MAX + 2];

    for (int i = 0; i <= FC_KEY_CHARACTERS_MAX; i++)
        key[i] = i % 100 == 50 ? '/' : 'k';
    key[FC_KEY_CHARACTERS_MAX + 1] = '\0';
    ck_assert(!fc_object_ok((struct fc_object){BUCKET, key}));
    key[FC_KEY_CHARACTERS_MAX] = '\0';
    ck_assert_int_eq(put((struct fc_object){BUCKET, key}, "x", "video/mp4"), FC_OK);
}
END_TEST

START_TEST(no_symbolic_link_is_followed_whether_folder_or_file)
{
    const struct fc_object by_folder = {BUCKET, "out/passwd"}, by_file = {BUCKET, "passwd"},
                           below = {BUCKET, "out/"};
    struct fc_object_info info;

    ck_assert_int_eq(put(clip, "a", "video/mp4"), FC_OK);
    local_file("passwd", "secret");
    ck_assert_int_eq(symlink(dir, at("var/store/" BUCKET "/out")), 0);
    ck_assert_int_eq(symlink(at("passwd"), at("var/store/" BUCKET "/passwd")), 0);
    ck_assert_int_eq(storage->head(storage, by_folder, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_eq(storage->head(storage, by_file, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_ne(put(by_folder, "b", "video/mp4"), FC_OK);
    (void)storage->delete_below(storage, below, NULL, 0, &error);
    ck_assert_int_eq(access(at("passwd"), F_OK), 0);
}
END_TEST

START_TEST(a_folder_or_a_pipe_is_no_object)
{
    const struct fc_object folder = {BUCKET, "user/1"}, fifo = {BUCKET, "fifo"},
                           through = {BUCKET, "user/1/jobs/2/scene_a.mp4/x"};
    struct fc_object_info info;

    ck_assert_int_eq(put(clip, "a", "video/mp4"), FC_OK);
    ck_assert_int_eq(mkfifo(at("var/store/" BUCKET "/fifo"), 0600), 0);
    ck_assert_int_eq(storage->head(storage, folder, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_eq(storage->head(storage, fifo, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_eq(storage->head(storage, through, &info, &error), FC_E_NOT_FOUND);
    ck_assert_int_eq(put(folder, "b", "video/mp4"), FC_E_INTERNAL);
    ck_assert_int_eq(put(through, "b", "video/mp4"), FC_E_INTERNAL);
    ck_assert_int_eq(entries(at("var/store/.incoming")), 0);
}
END_TEST

static const struct {
    const char *reference, *bucket, *key; /* NULL: no reference */
} references[] = {
    {"s3://b/k", "b", "k"},
    {"s3://framecast-outputs/user/1/final.mp4", "framecast-outputs", "user/1/final.mp4"},
    {"https://b/k", NULL, NULL},
    {"s3://b", NULL, NULL},
    {"s3://b/", NULL, NULL},
    {"s3:///k", NULL, NULL},
    {"s3://b/../k", NULL, NULL},
    {"", NULL, NULL},
};

START_TEST(references_are_read_and_written)
{
    struct fc_object object;
    bool is_one = fc_object_parse(arena, references[_i].reference, &object);

    ck_assert_int_eq(is_one, references[_i].bucket != NULL);
    if (!is_one)
        return;
    ck_assert_str_eq(object.bucket, references[_i].bucket);
    ck_assert_str_eq(object.key, references[_i].key);
    ck_assert_str_eq(fc_object_reference(arena, object), references[_i].reference);
}
END_TEST

/* ---- many at once ---- */

enum { PUTTERS = 8, PUTS = 40 };

/* Each text is one letter repeated, of a length of its own: a mixture would show. */
static void *put_often(void *letter)
{
    FC_AUTO(arena) *own = fc_arena_new();
    char text[200] = "", c = *(char *)letter;
    const char *path = fc_printf(own, "%s/local-%c", dir, c);
    FILE *file = fopen(path, "w");
    struct fc_error why;

    memset(text, c, 100 + (size_t)(c - 'a') * 10);
    fputs(text, file);
    fclose(file);
    for (int i = 0; i < PUTS; i++) {
        if (storage->put_file(storage, clip, path, "video/mp4", &why) != FC_OK)
            return "put";
        if (i % 4 == 3 && storage->delete (storage, clip, &why) != FC_OK)
            return "delete";
    }
    return NULL;
}

START_TEST(puts_and_deletes_of_one_key_at_once_never_mix)
{
    pthread_t threads[PUTTERS];
    char letters[PUTTERS];

    for (int i = 0; i < PUTTERS; i++) {
        letters[i] = (char)('a' + i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, put_often, &letters[i]), 0);
    }
    for (int i = 0; i < 500; i++) {
        struct fc_object_info info;
        char text[200];
        int fd;

        if (fc_file_open(storage, clip, &fd, &info, &error) != FC_OK)
            continue;
        ck_assert_int_eq(read(fd, text, sizeof text), info.size_bytes);
        ck_assert_int_eq(info.size_bytes, 100 + (text[0] - 'a') * 10);
        for (int64_t k = 1; k < info.size_bytes; k++)
            ck_assert_int_eq(text[k], text[0]);
        close(fd);
    }
    for (int i = 0; i < PUTTERS; i++) {
        void *failure;

        ck_assert_int_eq(pthread_join(threads[i], &failure), 0);
        ck_assert_msg(failure == NULL, "%s", (char *)failure);
    }
    ck_assert_int_eq(entries(at("var/store/.incoming")), 0);
}
END_TEST

/* ---- uploads ---- */

START_TEST(an_upload_replaces_the_object_only_when_it_is_complete)
{
    const struct fc_object object = {BUCKET, "user/1/assets/2/hero.png"};
    struct fc_object_info info;
    struct fc_upload *upload;
    char etag[FC_ETAG_SIZE];

    ck_assert_int_eq(put(object, "old", "image/png"), FC_OK);
    ck_assert_int_eq(fc_upload_begin(&upload, storage, object, "image/webp", 6, &error), FC_OK);
    ck_assert_int_eq(fc_upload_write(upload, "new", 3, &error), FC_OK);
    ck_assert_str_eq(content(object), "old");
    ck_assert_int_eq(fc_upload_write(upload, "er!", 3, &error), FC_OK);
    ck_assert_int_eq(fc_upload_commit(upload, etag, &error), FC_OK);
    fc_upload_free(upload);
    ck_assert_str_eq(content(object), "newer!");
    ck_assert_int_eq(storage->head(storage, object, &info, &error), FC_OK);
    ck_assert_str_eq(info.etag, etag);
    ck_assert_str_eq(info.content_type, "image/webp");
}
END_TEST

START_TEST(an_upload_of_another_length_leaves_nothing)
{
    struct fc_upload *upload;
    char etag[FC_ETAG_SIZE];

    ck_assert_int_eq(fc_upload_begin(&upload, storage, clip, "video/mp4", 4, &error), FC_OK);
    ck_assert_int_eq(fc_upload_write(upload, "abc", 3, &error), FC_OK);
    ck_assert_int_eq(fc_upload_commit(upload, etag, &error), FC_E_VALIDATION);
    ck_assert_int_eq(fc_upload_write(upload, "de", 2, &error), FC_E_VALIDATION);
    fc_upload_free(upload);
    ck_assert(!exists(clip));
    ck_assert_int_eq(entries(at("var/store/.incoming")), 0);
    ck_assert_int_eq(
        fc_upload_begin(&upload, storage, clip, "video/mp4", FC_UPLOAD_BYTES_MAX + 1, &error),
        FC_E_TOO_LARGE);
}
END_TEST

static const char *const keys_in_the_way[] = {
    "user/1/jobs/2/scene_a.mp4/below", /* of an object */
    "user/1/jobs",                     /* of a folder */
};

START_TEST(an_upload_that_finds_no_place_leaves_no_note_of_its_type)
{
    const struct fc_object object = {BUCKET, keys_in_the_way[_i]};
    struct fc_upload *upload;
    char etag[FC_ETAG_SIZE];

    ck_assert_int_eq(put(clip, "there", "video/mp4"), FC_OK);
    ck_assert_int_eq(fc_upload_begin(&upload, storage, object, "video/x-special", 0, &error),
                     FC_OK);
    ck_assert_int_eq(fc_upload_commit(upload, etag, &error), FC_E_INTERNAL);
    fc_upload_free(upload);
    ck_assert_int_eq(entries(at("var/store/.types/" BUCKET)), 0);
    ck_assert_int_eq(entries(at("var/store/.incoming")), 0);
    ck_assert_str_eq(content(clip), "there");
}
END_TEST

START_TEST(a_note_whose_object_never_came_is_in_nobody_s_way)
{
    const struct fc_object below = {BUCKET, "a/b.mp4"};

    ck_assert_int_eq(put((struct fc_object){BUCKET, "a"}, "a", "video/x-special"), FC_OK);
    ck_assert_int_eq(unlink(at("var/store/" BUCKET "/a")), 0); /* as if killed in between */
    ck_assert_msg(put(below, "b", "video/mp4") == FC_OK, "%s", error.text);
    ck_assert_str_eq(content(below), "b");
}
END_TEST

START_TEST(what_a_killed_process_was_receiving_is_swept_away_at_the_next_start)
{
    const struct fc_file_settings settings = {at("var/store"), "s", "", ""};
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct fc_storage *second;

    local_file("var/store/.incoming/old", "half");
    local_file("var/store/.incoming/new", "half");
    ck_assert_int_eq(utimensat(AT_FDCWD, at("var/store/.incoming/old"), old, 0), 0);
    ck_assert_int_eq(fc_file_storage_new(&second, &settings, &error), FC_OK);
    fc_storage_free(second);
    ck_assert_int_eq(access(at("var/store/.incoming/old"), F_OK), -1);
    ck_assert_int_eq(access(at("var/store/.incoming/new"), F_OK), 0);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_said_so)
{
    const struct fc_file_settings settings = {at("passwd/store"), "s", "", ""};
    struct fc_storage *second;

    local_file("passwd", "no folder");
    ck_assert_int_eq(fc_file_storage_new(&second, &settings, &error), FC_E_INTERNAL);
    ck_assert_ptr_nonnull(strstr(error.text, "passwd/store"));
}
END_TEST

/* ---- links ---- */

#define HERO                                                                                       \
    "user/0f2b6d5c-3a41-4d0e-8a77-51c0e9b7d3aa/assets/5b0c7a3e-8c0e-4b55-9d5b-0d7f5a1c2e10/"       \
    "hero.png"
#define EXPIRES 1772358300

static const struct fc_object hero = {BUCKET, HERO};

static struct fc_link link_to_hero(enum fc_link_method method)
{
    return (struct fc_link){
        .method = method,
        .object = hero,
        .expires = EXPIRES,
        .content_type = method == FC_LINK_PUT ? "image/png" : NULL,
        .length = method == FC_LINK_PUT ? 184320 : 0,
    };
}

static const char put_signature[] =
    "fb5c7040d83578d32009667f2bef2715c60e0877da45659edb5a1a8b15173871";
static const char get_signature[] =
    "5393de394f4152d7bf102173b3166ef86c54952238087c4698d1f7fb43d99254";

START_TEST(the_published_signatures_come_out)
{
    const struct fc_link get = link_to_hero(FC_LINK_GET), receive = link_to_hero(FC_LINK_PUT);
    const struct fc_hmac key = fc_link_key("example-jwt-secret-do-not-use");
    char signature[FC_SIGNATURE_SIZE];

    ck_assert_str_eq(fc_link_path(arena, hero), "/v1/blobs/" BUCKET "/" HERO);
    fc_link_sign(arena, &key, &receive, fc_link_path(arena, hero), signature);
    ck_assert_str_eq(signature, put_signature);
    fc_link_sign(arena, &key, &get, fc_link_path(arena, hero), signature);
    ck_assert_str_eq(signature, get_signature);
}
END_TEST

START_TEST(a_link_begins_with_the_address_of_whom_it_is_for)
{
    struct fc_link get = link_to_hero(FC_LINK_GET);
    const struct fc_object odd = {BUCKET, "a b/\xc3\xa9?#%.png"};

    ck_assert_str_eq(storage->link(storage, arena, &get),
                     fc_printf(arena,
                               "http://localhost:3000/v1/blobs/%s/%s?expires=%d&signature=%s",
                               BUCKET, HERO, EXPIRES, get_signature));
    get.for_workers = true;
    ck_assert_str_eq(storage->link(storage, arena, &get),
                     fc_printf(arena,
                               "http://workers.internal/v1/blobs/%s/%s?expires=%d&signature=%s",
                               BUCKET, HERO, EXPIRES, get_signature));
    ck_assert_str_eq(fc_link_path(arena, odd), "/v1/blobs/" BUCKET "/a%20b/%C3%A9%3F%23%25.png");
    ck_assert_ptr_nonnull(
        strstr(fc_storage_link(storage, arena, hero, FC_LINK_HOUR, (struct fc_time){1000000}),
               "?expires=3601&"));
}
END_TEST

static const struct {
    const char *why;
    enum fc_link_method method;
    const char *expires, *signature, *type;
    int64_t length;
    int late_seconds;
    bool opens;
} knocks[] = {
    {"the link as given", FC_LINK_GET, "1772358300", get_signature, NULL, 0, 0, true},
    {"a moment too late", FC_LINK_GET, "1772358300", get_signature, NULL, 0, 1, false},
    {"a later end", FC_LINK_GET, "1772358301", get_signature, NULL, 0, 0, false},
    {"no end", FC_LINK_GET, NULL, get_signature, NULL, 0, 0, false},
    {"an end that is none", FC_LINK_GET, "soon", get_signature, NULL, 0, 0, false},
    {"its end spelled otherwise", FC_LINK_GET, "01772358300", get_signature, NULL, 0, 0, false},
    {"its end with a sign", FC_LINK_GET, "+1772358300", get_signature, NULL, 0, 0, false},
    {"no signature", FC_LINK_GET, "1772358300", NULL, NULL, 0, 0, false},
    {"an empty signature", FC_LINK_GET, "1772358300", "", NULL, 0, 0, false},
    {"reading with one for writing", FC_LINK_GET, "1772358300", put_signature, NULL, 0, 0, false},
    {"writing as agreed", FC_LINK_PUT, "1772358300", put_signature, "image/png", 184320, 0, true},
    {"another type", FC_LINK_PUT, "1772358300", put_signature, "image/jpeg", 184320, 0, false},
    {"another length", FC_LINK_PUT, "1772358300", put_signature, "image/png", 184321, 0, false},
};

START_TEST(a_link_opens_exactly_what_it_was_signed_for)
{
    struct fc_link asked = {
        .method = knocks[_i].method,
        .object = hero,
        .content_type = knocks[_i].type,
        .length = knocks[_i].length,
    };
    const struct fc_time now = {(EXPIRES + knocks[_i].late_seconds) * INT64_C(1000000)};

    ck_assert_msg(fc_file_link_ok(storage, &asked, fc_link_path(arena, hero), knocks[_i].expires,
                                  knocks[_i].signature, now) == knocks[_i].opens,
                  "%s", knocks[_i].why);
}
END_TEST

int main(void)
{
    TCase *claims = tcase_create("claims");

    tcase_add_test(claims, what_is_put_can_be_read_with_size_type_and_etag);
    tcase_add_test(claims, a_type_that_the_extension_does_not_tell_is_kept_and_forgotten_again);
    tcase_add_test(claims, a_second_put_changes_nothing);
    tcase_add_test(claims, whoever_reads_keeps_the_old_object_when_another_takes_its_place);
    tcase_add_test(claims, a_missing_object_is_not_found_but_deleting_it_is_fine);
    tcase_add_test(claims, deleting_removes_the_folders_that_became_empty);
    tcase_add_test(claims, deleting_below_a_prefix_spares_what_is_to_be_kept_and_the_neighbours);
    tcase_add_loop_test(claims, a_key_that_is_no_plain_path_is_refused_everywhere, 0, N(refused));
    tcase_add_test(claims, a_key_may_have_five_hundred_characters_and_no_more);
    tcase_add_test(claims, no_symbolic_link_is_followed_whether_folder_or_file);
    tcase_add_test(claims, a_folder_or_a_pipe_is_no_object);
    tcase_add_loop_test(claims, references_are_read_and_written, 0, N(references));
    tcase_add_test(claims, puts_and_deletes_of_one_key_at_once_never_mix);
    tcase_add_test(claims, an_upload_replaces_the_object_only_when_it_is_complete);
    tcase_add_test(claims, an_upload_of_another_length_leaves_nothing);
    tcase_add_loop_test(claims, an_upload_that_finds_no_place_leaves_no_note_of_its_type, 0,
                        N(keys_in_the_way));
    tcase_add_test(claims, a_note_whose_object_never_came_is_in_nobody_s_way);
    tcase_add_test(claims, what_a_killed_process_was_receiving_is_swept_away_at_the_next_start);
    tcase_add_test(claims, a_folder_that_cannot_be_made_is_said_so);
    tcase_add_test(claims, the_published_signatures_come_out);
    tcase_add_test(claims, a_link_begins_with_the_address_of_whom_it_is_for);
    tcase_add_loop_test(claims, a_link_opens_exactly_what_it_was_signed_for, 0, N(knocks));
    tcase_set_timeout(claims, 60);
    return run_suite("storage", &claims, 1, set_up, tear_down);
}
