#include <stdio.h>
#include <string.h>

#include "crypt/crypt.h"
#include "framecastd.h"

static const struct {
    const char *name;
    int (*run)(const struct command *command);
    const char *arguments, *meaning;
} commands[] = {
    {"serve", command_serve, "", "answer requests and render jobs (the default)"},
    {"migrate", command_migrate, "[up | status]",
     "bring the database to this version's schema, or compare the two"},
    {"admin", command_admin, "user | credits | key | token | check",
     "make users, credits, keys and tokens; hold the data against the rules"},
    {"settings", command_settings, "", "print every setting with its value and meaning"},
    {"routes", command_routes, "", "print every route, a line each"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int usage(FILE *out, int code)
{
    (void)fprintf(out, "usage: framecastd [command]\n\n");
    for (int i = 0; i < N_COMMANDS; i++)
        (void)fprintf(out, "  %-9s %-37s %s\n", commands[i].name, commands[i].arguments,
                      commands[i].meaning);
    (void)fprintf(out, "\nSettings come from the environment; .env.example explains them.\n");
    return code;
}

static int run(int i, int n_args, char *const *args)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer problems = fc_buffer_in(arena);
    struct fc_settings settings;
    struct command command = {arena, &settings, n_args, args};
    fc_status st = fc_settings_read(arena, &settings, &problems);

    if (st != FC_OK && commands[i].run != command_routes && commands[i].run != command_settings) {
        (void)fprintf(stderr,
                      "framecastd: the environment is not complete:\n%s"
                      "'framecastd settings' and .env.example explain each variable.\n",
                      problems.data);
        return EXIT_USAGE;
    }
    return commands[i].run(&command);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "serve";
    struct fc_error error;

    if (fc_crypt_start(&error) != FC_OK) {
        (void)fprintf(stderr, "framecastd: %s\n", error.text);
        return EXIT_FAILED;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return usage(stdout, EXIT_OK);
    if (strcmp(name, "--settings") == 0)
        name = "settings";
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return run(i, argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));
    (void)fprintf(stderr, "framecastd: unknown command '%s'\n\n", name);
    return usage(stderr, EXIT_USAGE);
}
