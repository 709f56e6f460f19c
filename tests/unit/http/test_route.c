#include <string.h>

#include "suites.h"

static const struct fc_route jobs[] = {
    {.method = FC_GET, .path = "/v1/jobs"},
    {.method = FC_POST, .path = "/v1/jobs"},
    {.method = FC_GET, .path = "/v1/jobs/{id}"},
    {.method = FC_DELETE, .path = "/v1/jobs/{id}"},
    {.method = FC_GET, .path = "/v1/jobs/{id}/events"},
    {.method = FC_GET, .path = "/v1/jobs/estimate"},
    {.method = FC_POST, .path = "/v1/jobs/{id}/scenes/{scene_id}"},
    {0},
};
static const struct fc_route media[] = {
    {.method = FC_GET, .path = "/media/{bucket}/{key...}"},
    {.method = FC_PUT, .path = "/media/{bucket}/{key...}"},
    {.method = FC_GET, .path = "/link", .flags = FC_NO_HEAD},
    {.method = FC_GET, .path = "/"},
    {0},
};
static const struct fc_route *const tables[] = {jobs, media, NULL};

static const struct {
    enum fc_method method;
    const char *path, *route; /* route NULL: there is no such path */
    const char *params[2];
} found[] = {
    {FC_GET, "/v1/jobs", "/v1/jobs", {0}},
    {FC_HEAD, "/v1/jobs", "/v1/jobs", {0}},
    {FC_GET, "/v1/jobs/5", "/v1/jobs/{id}", {"5"}},
    {FC_GET, "/v1/jobs/estimate", "/v1/jobs/estimate", {0}},
    {FC_GET, "/v1/jobs/estimates", "/v1/jobs/{id}", {"estimates"}},
    {FC_GET, "/v1/jobs/estim%61te", "/v1/jobs/estimate", {0}},
    {FC_GET, "/v1/jobs/estimate/events", "/v1/jobs/{id}/events", {"estimate"}},
    {FC_POST, "/v1/jobs/5/scenes/a%20b", "/v1/jobs/{id}/scenes/{scene_id}", {"5", "a b"}},
    {FC_GET, "/v1/jobs/a%2Fb", "/v1/jobs/{id}", {"a/b"}},
    {FC_GET, "/v1/jobs/a%2Fevents", "/v1/jobs/{id}", {"a/events"}},
    {FC_GET, "/v1/jobs/a+b", "/v1/jobs/{id}", {"a+b"}},
    {FC_GET, "/v1/jobs/%C3%A4", "/v1/jobs/{id}", {"\xC3\xA4"}},
    {FC_GET, "/media/b/k", "/media/{bucket}/{key...}", {"b", "k"}},
    {FC_PUT, "/media/b/k/l/m.mp4", "/media/{bucket}/{key...}", {"b", "k/l/m.mp4"}},
    {FC_GET, "/media/b/k%2Fl//m%20n/", "/media/{bucket}/{key...}", {"b", "k/l//m n/"}},
    {FC_GET,
     "/media/b/1/2/3/4/5/6/7/8/9/10/11/12/13/14",
     "/media/{bucket}/{key...}",
     {"b", "1/2/3/4/5/6/7/8/9/10/11/12/13/14"}},
    {FC_GET, "/", "/", {0}},
    {FC_GET, "", NULL, {0}},
    {FC_GET, "*", NULL, {0}},
    {FC_GET, "/v1", NULL, {0}},
    {FC_GET, "/v1/jobs/", NULL, {0}},
    {FC_GET, "/v1//jobs", NULL, {0}},
    {FC_GET, "//v1/jobs", NULL, {0}},
    {FC_GET, "/v1/JOBS", NULL, {0}},
    {FC_GET, "/v1/jobs/5/events/", NULL, {0}},
    {FC_GET, "/v1/jobs//events", NULL, {0}},
    {FC_GET, "/v1%2Fjobs", NULL, {0}},
    {FC_GET, "/v1/jobs/%", NULL, {0}},
    {FC_GET, "/v1/jobs/%zz", NULL, {0}},
    {FC_GET, "/v1/jobs/%00", NULL, {0}},
    {FC_GET, "/v1/jobs/%FF", NULL, {0}},
    {FC_GET, "/media/b/1/2/3/4/5/6/7/8/9/10/11/12/13/%FF", NULL, {0}},
    {FC_GET, "/media/b", NULL, {0}},
    {FC_GET, "/media/b/", NULL, {0}},
    {FC_GET, "/media//k", NULL, {0}},
    {FC_GET, "/v1/jobs/1/2/3/4/5/6/7/8/9/10/11/12/13", NULL, {0}},
};

START_TEST(a_path_finds_its_route_and_its_parameters)
{
    struct fc_paths paths = fc_paths_compile(arena, tables);

    for (int i = 0; i < N(found); i++) {
        struct fc_exchange *x = exchange(found[i].path);
        const struct fc_path *path = NULL;
        const char *allow = NULL;
        fc_status status;

        x->rq.method = found[i].method;
        status = fc_route_find(&paths, &x->rq, &path, &allow);
        ck_assert_msg(status == (found[i].route != NULL ? FC_OK : FC_E_NOT_FOUND), "%s",
                      found[i].path);
        if (status != FC_OK)
            continue;
        ck_assert_str_eq(path->route->path, found[i].route);
        ck_assert(path->route->method == found[i].method || found[i].method == FC_HEAD);
        for (int p = 0; p < 2; p++)
            ck_assert_msg(fc_text_equal(x->rq.params[p], found[i].params[p]), "%s: %d",
                          found[i].path, p);
    }
}
END_TEST

static const struct {
    enum fc_method method;
    const char *path, *allow;
} refused[] = {
    {FC_PUT, "/v1/jobs", "GET, POST"},
    {FC_METHOD_OTHER, "/v1/jobs", "GET, POST"},
    {FC_POST, "/v1/jobs/5", "GET, DELETE"},
    {FC_DELETE, "/v1/jobs/estimate", "GET"},
    {FC_HEAD, "/v1/jobs/5/scenes/6", "POST"},
    {FC_PATCH, "/media/b/k/l", "GET, PUT"},
    {FC_HEAD, "/link", "GET"},
};

START_TEST(a_path_without_the_method_names_those_it_has)
{
    struct fc_paths paths = fc_paths_compile(arena, tables);

    for (int i = 0; i < N(refused); i++) {
        struct fc_exchange *x = exchange(refused[i].path);
        const struct fc_path *path = NULL;
        const char *allow = NULL;

        x->rq.method = refused[i].method;
        ck_assert_int_eq(fc_route_find(&paths, &x->rq, &path, &allow), FC_E_METHOD);
        ck_assert_str_eq(allow, refused[i].allow);
        ck_assert_ptr_nonnull(path); /* for the metrics */
    }
}
END_TEST

START_TEST(each_row_has_a_place_of_its_own_in_the_metrics)
{
    struct fc_paths paths = fc_paths_compile(arena, tables);

    ck_assert_int_eq(paths.n, N(jobs) + N(media) - 2);
    for (int i = 0; i < paths.n; i++)
        ck_assert_int_eq(paths.at[i].index, i);
}
END_TEST

START_TEST(methods_are_written_in_capitals)
{
    ck_assert_int_eq(fc_method_parse("GET"), FC_GET);
    ck_assert_int_eq(fc_method_parse("HEAD"), FC_HEAD);
    ck_assert_int_eq(fc_method_parse("get"), FC_METHOD_OTHER);
    ck_assert_int_eq(fc_method_parse("BREW"), FC_METHOD_OTHER);
    ck_assert_str_eq(fc_method_name(FC_PATCH), "PATCH");
    ck_assert_str_eq(fc_method_name(FC_METHOD_OTHER), "OTHER");
}
END_TEST

TCase *route_case(void)
{
    TCase *claims = tcase_create("route");

    tcase_add_test(claims, a_path_finds_its_route_and_its_parameters);
    tcase_add_test(claims, a_path_without_the_method_names_those_it_has);
    tcase_add_test(claims, each_row_has_a_place_of_its_own_in_the_metrics);
    tcase_add_test(claims, methods_are_written_in_capitals);
    return claims;
}
