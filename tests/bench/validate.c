/*
 * usage: bench_validate check SPEC FACTS     the server's check of the storyboard in the file SPEC,
 * parsing included
 *        bench_validate parse SPEC           the yardstick: cJSON's parsing of the same text
 *
 * Prints the microseconds of one call, mean of a batch. FACTS holds what the database would say of
 * the assets (fc_check_assets). The two are processes of their own because the server's JSON module
 * gives cJSON another allocator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <framecast/time.h>

#include "storyboard/storyboard.h"

enum { BATCH = 200, BYTES_MAX = 1 << 20 };

static void die(const char *why)
{
    (void)fprintf(stderr, "bench_validate: %s\n", why);
    exit(EXIT_FAILURE);
}

static const struct fc_json *facts;

static void validate(const char *text, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_check *check = fc_check_new(arena);
    struct fc_buffer result = fc_buffer_in(arena);
    const struct fc_json *spec;

    if (fc_json_parse(arena, text, n, &spec, NULL) != FC_OK)
        die("the file holds no JSON");
    fc_check_spec(check, spec);
    fc_check_assets(check, facts);
    if (!fc_check_valid(check))
        die(fc_check_first(check, arena));
    fc_check_put_result(check, &result);
}

static void parse(const char *text, size_t n)
{
    cJSON *tree = cJSON_ParseWithLength(text, n);

    if (tree == NULL)
        die("cJSON cannot read the file");
    cJSON_Delete(tree);
}

/* Microseconds of one call, mean of a batch. */
static double time_of(void (*work)(const char *text, size_t n), const char *text, size_t n)
{
    int64_t began_us = fc_monotonic_us();

    for (int i = 0; i < BATCH; i++)
        work(text, n);
    return (double)(fc_monotonic_us() - began_us) / BATCH;
}

static size_t read_file(const char *path, char *text)
{
    FILE *file = fopen(path, "r");
    size_t n;

    if (file == NULL)
        die("a file cannot be read");
    n = fread(text, 1, BYTES_MAX - 1, file);
    (void)fclose(file);
    return n;
}

int main(int argc, char **argv)
{
    static char text[BYTES_MAX], facts_text[BYTES_MAX];
    FC_AUTO(arena) *arena = fc_arena_new();
    bool is_check = argc == 4 && strcmp(argv[1], "check") == 0;
    void (*work)(const char *, size_t) = is_check ? validate : parse;
    size_t n;

    fc_arenas_keep_memory(); /* as the server does; the yardstick has it too */
    if (!is_check && (argc != 3 || strcmp(argv[1], "parse") != 0))
        die("usage: bench_validate check SPEC FACTS | parse SPEC");
    n = read_file(argv[2], text);
    if (is_check &&
        fc_json_parse(arena, facts_text, read_file(argv[3], facts_text), &facts, NULL) != FC_OK)
        die("the facts are no JSON");
    (void)time_of(work, text, n); /* caches and allocator warm up */
    (void)printf("%.2f\n", time_of(work, text, n));
    return EXIT_SUCCESS;
}
