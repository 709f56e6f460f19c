#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/files.h>
#include <framecast/text.h>

#include "core/suites.h"

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

START_TEST(folders_are_made_with_those_above_them_and_again_without_harm)
{
    char dir[] = "/tmp/framecast-files-XXXXXX";
    const char *deep, *above;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    above = fc_printf(arena, "%s/a", dir);
    deep = fc_printf(arena, "%s//b", above);
    for (int i = 0; i < 2; i++) {
        ck_assert(fc_folders_make(deep));
        ck_assert(is_folder(deep));
    }
    ck_assert(fc_folders_make(fc_printf(arena, "%s/c/", dir)));
    ck_assert_int_eq(rmdir(fc_printf(arena, "%s/c", dir)), 0);
    ck_assert_int_eq(rmdir(deep), 0);
    ck_assert_int_eq(rmdir(above), 0);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(a_folder_below_a_file_cannot_be_made)
{
    char file[] = "/tmp/framecast-files-XXXXXX";
    int fd = mkstemp(file);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(!fc_folders_make(fc_printf(arena, "%s/a/b", file)));
    ck_assert_int_eq(errno, ENOTDIR);
    ck_assert(!fc_folders_make(""));
    ck_assert_int_eq(unlink(file), 0);
}
END_TEST

TCase *files_case(void)
{
    TCase *claims = tcase_create("files");

    tcase_add_test(claims, folders_are_made_with_those_above_them_and_again_without_harm);
    tcase_add_test(claims, a_folder_below_a_file_cannot_be_made);
    return claims;
}
