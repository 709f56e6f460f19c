/* What operators do: there is no endpoint that makes users, credits or tokens. */
#include <stdio.h>
#include <string.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "auth/jwt.h"
#include "auth/keys.h"
#include "framecastd.h"

/* The options of all admin commands; the table below says which of them a command knows. */
struct options {
    const char *email, *tier, *credits, *user, *team, *name, *scopes, *ttl;
    const char *number; /* the one word without a name */
    bool json;
};

struct admin {
    struct fc_arena *arena;
    const struct fc_settings *settings;
    struct fc_db *db;
    struct options given;
};

static int failed(const char *why)
{
    (void)fprintf(stderr, "framecastd: %s\n", why);
    return EXIT_FAILED;
}

static int wrong(const char *why)
{
    (void)fprintf(stderr, "framecastd: %s\n", why);
    return EXIT_USAGE;
}

/* A number of credits, possibly negative for taking them back. */
static bool credits_read(const char *text, int64_t *credits)
{
    return text != NULL && fc_int_parse(text, credits) && *credits >= -INT32_MAX &&
           *credits <= INT32_MAX;
}

static int run(struct admin *admin, enum fc_query query, struct fc_args args, struct fc_rows *rows,
               const char *none)
{
    struct fc_error error;

    if (fc_db_run(admin->db, admin->arena, query, args, rows, &error) != FC_OK)
        return failed(error.text);
    return rows->n > 0 ? EXIT_OK : failed(none);
}

/* The user that --user names, by id or e-mail. */
static int find_user(struct admin *admin, struct fc_uuid *id, const char **email)
{
    struct fc_rows rows;
    int code;

    if (admin->given.user == NULL)
        return wrong("--user ID|EMAIL is needed");
    code = run(admin, FC_Q_ADMIN_USER_FIND, FC_ARGS(fc_arg_text(admin->given.user)), &rows,
               "there is no such user");
    if (code != EXIT_OK)
        return code;
    (void)fc_uuid_parse(fc_rows_text(&rows, 0, 0), id);
    *email = fc_rows_text(&rows, 0, 1);
    return EXIT_OK;
}

static int user_create(struct admin *admin)
{
    const char *tier = admin->given.tier != NULL ? admin->given.tier : "starter";
    struct fc_rows rows;
    int64_t credits = 0;
    int code;

    if (admin->given.email == NULL || !fc_email_ok(admin->given.email))
        return wrong("--email needs an e-mail address");
    if (strcmp(tier, "starter") != 0 && strcmp(tier, "creator") != 0)
        return wrong("--tier is starter or creator");
    if (admin->given.credits != NULL &&
        (!credits_read(admin->given.credits, &credits) || credits < 0))
        return wrong("--credits needs a whole number");
    code = run(admin, FC_Q_ADMIN_USER_CREATE,
               FC_ARGS(fc_arg_text(admin->given.email), fc_arg_text(tier), fc_arg_int(credits)),
               &rows, "nothing was made");
    if (code == EXIT_OK)
        (void)printf("%s\n", fc_rows_text(&rows, 0, 0));
    return code;
}

static int credits_grant(struct admin *admin)
{
    struct fc_uuid id;
    const char *email;
    struct fc_rows rows;
    int64_t credits;
    int code;

    if (!credits_read(admin->given.number, &credits))
        return wrong("say how many credits: framecastd admin credits grant --user ID|EMAIL 100");
    if (admin->given.team != NULL && admin->given.user != NULL)
        return wrong("credits go to a user or to a team, not to both");
    if (admin->given.team != NULL) {
        if (!fc_uuid_parse(admin->given.team, &id))
            return wrong("--team needs a team's id");
        code = run(admin, FC_Q_ADMIN_TEAM_GRANT, FC_ARGS(fc_arg_uuid(&id), fc_arg_int(credits)),
                   &rows, "there is no such team");
    } else {
        code = find_user(admin, &id, &email);
        if (code == EXIT_OK)
            code = run(admin, FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_uuid(&id), fc_arg_int(credits)),
                       &rows, "there is no such user");
    }
    if (code == EXIT_OK)
        (void)printf("%s\n", fc_rows_text(&rows, 0, 0));
    return code;
}

/* "a,b" as a JSON array; NULL when one of them is unknown. */
static const char *scopes_read(struct fc_arena *arena, const char *given)
{
    struct fc_buffer list = fc_buffer_in(arena);
    char *rest = fc_copy(arena, given != NULL ? given : "*"), *scope;

    while ((scope = strsep(&rest, ",")) != NULL) {
        if (!fc_scope_known(scope))
            return NULL;
        fc_put(&list, list.n > 0 ? "," : "[");
        fc_put_json(&list, scope);
    }
    fc_put(&list, "]");
    return list.data;
}

static int key_create(struct admin *admin)
{
    const char *scopes = scopes_read(admin->arena, admin->given.scopes), *email;
    struct fc_new_key key = fc_key_make();
    struct fc_rows rows;
    struct fc_uuid user;
    int code;

    if (scopes == NULL)
        return wrong("--scopes names a scope that does not exist");
    code = find_user(admin, &user, &email);
    if (code == EXIT_OK)
        code = run(admin, FC_Q_ADMIN_KEY_CREATE,
                   FC_ARGS(fc_arg_uuid(&user),
                           fc_arg_text(admin->given.name != NULL ? admin->given.name : "Default"),
                           fc_arg_text(key.hash), fc_arg_text(key.fingerprint),
                           fc_arg_text(scopes)),
                   &rows, "nothing was made");
    if (code == EXIT_OK)
        (void)printf("%s\n", key.raw);
    return code;
}

static int token_print(struct admin *admin)
{
    const struct fc_settings *settings = admin->settings;
    struct fc_jwt_rules rules = fc_jwt_rules_of(settings->jwt_secret, settings->jwt_issuer,
                                                settings->jwt_audience);
    int64_t ttl = INT64_C(24) * 3600;
    struct fc_uuid user;
    const char *email;
    int code = find_user(admin, &user, &email);

    if (code != EXIT_OK)
        return code;
    if (admin->given.ttl != NULL &&
        (!fc_int_parse(admin->given.ttl, &ttl) || ttl < 1 || ttl > INT32_MAX))
        return wrong("--ttl needs a number of seconds");
    (void)printf("%s\n",
                 fc_jwt_make(admin->arena, &rules, &user, email, fc_time_now().us / 1000000, ttl));
    fc_crypt_wipe(&rules.key, sizeof rules.key);
    return EXIT_OK;
}

static int check(struct admin *admin)
{
    return check_database(admin->arena, admin->settings, admin->db, admin->given.json);
}

static const struct {
    const char *noun, *verb;
    int (*run)(struct admin *admin);
    const char *takes; /* options; N: a word without a name */
    const char *usage;
} commands[] = {
    {"user", "create", user_create, "--email --tier --credits",
     "user create --email E [--tier starter|creator] [--credits N]    prints the id"},
    {"credits", "grant", credits_grant, "--user --team N",
     "credits grant --user ID|EMAIL | --team ID N                      prints the balance"},
    {"key", "create", key_create, "--user --name --scopes",
     "key create --user ID|EMAIL [--name N] [--scopes a,b]             prints the key, once"},
    {"token", NULL, token_print, "--user --ttl",
     "token --user ID|EMAIL [--ttl SECONDS]                            prints a JWT"},
    {"check", NULL, check, "--json",
     "check [--json]                                                   what must always hold"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const char **option_at(struct options *options, const char *name)
{
    const struct {
        const char *name;
        const char **at;
    } known[] = {{"--email", &options->email},     {"--tier", &options->tier},
                 {"--credits", &options->credits}, {"--user", &options->user},
                 {"--team", &options->team},       {"--name", &options->name},
                 {"--scopes", &options->scopes},   {"--ttl", &options->ttl}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].at;
    return NULL;
}

/* Whether @word is one of @list, which spaces part. */
static bool is_listed(const char *list, const char *word)
{
    const size_t n = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static bool options_read(struct options *options, const char *takes, int n, char *const *args)
{
    for (int i = 0; i < n; i++) {
        const char **at = option_at(options, args[i]);

        if (!is_listed(takes, fc_text_starts(args[i], "--") ? args[i] : "N"))
            return false;
        if (strcmp(args[i], "--json") == 0)
            options->json = true;
        else if (at != NULL && ++i < n)
            *at = args[i];
        else if (at == NULL && options->number == NULL)
            options->number = args[i];
        else
            return false;
    }
    return true;
}

static int usage(void)
{
    (void)fprintf(stderr, "usage:\n");
    for (int i = 0; i < N_COMMANDS; i++)
        (void)fprintf(stderr, "  framecastd admin %s\n", commands[i].usage);
    return EXIT_USAGE;
}

int command_admin(const struct command *command)
{
    FC_AUTO(db) *db = fc_db_new(command->settings->database_url, "framecastd admin");
    struct admin admin = {command->arena, command->settings, db, {0}};

    for (int i = 0; i < N_COMMANDS; i++) {
        int words = commands[i].verb != NULL ? 2 : 1;

        if (command->n_args < words || strcmp(command->args[0], commands[i].noun) != 0 ||
            (words == 2 && strcmp(command->args[1], commands[i].verb) != 0))
            continue;
        if (!options_read(&admin.given, commands[i].takes, command->n_args - words,
                          command->args + words))
            return usage();
        return commands[i].run(&admin);
    }
    return usage();
}
