/* validate and estimate: both ask about a storyboard and change nothing. */
#include "client.h"

#include <stdio.h>

#include "api.h"
#include "print.h"
#include "spec_file.h"
#include "terminal.h"

static enum exit_code ask_about(struct client *client, const char *path,
                                const struct spec_file *file, struct api_answer *answer)
{
    static const char *const members[] = {"owner", NULL};

    return api_call(client->api, client->arena,
                    &(struct api_request){.method = "POST",
                                          .path = path,
                                          .changes_nothing = true,
                                          .body = spec_file_request(client, file, members)},
                    answer);
}

static size_t count(const struct fc_json *result, const char *list)
{
    const struct fc_json *array = json_array(result, list);

    return array != NULL ? fc_json_count(array) : 0;
}

static void print_verdict(const struct client *client, const struct spec_file *file,
                          const struct fc_json *result)
{
    size_t n_errors = count(result, "errors"), n_warnings = count(result, "warnings");
    struct fc_buffer b = fc_buffer_in(client->arena);

    spec_file_put_problems(&b, file, result);
    fputs(b.data, stdout);
    fflush(stdout); /* before the sentence on stderr, also where both go to one place */
    if (n_errors == 0)
        tell(client, "%s is valid%s", file->name, n_warnings > 0 ? ", with warnings" : "");
    else
        tell(client, "%s is not valid: %zu error%s", file->name, n_errors,
             n_errors == 1 ? "" : "s");
}

/* framecast validate FILE */
enum exit_code command_validate(struct client *client)
{
    struct spec_file file;
    struct api_answer answer;
    enum exit_code code = spec_file_read(client, client->arguments.word, &file);

    if (code != CLIENT_OK)
        return code;
    code = ask_about(client, "/v1/spec/validate", &file, &answer);
    if (code != CLIENT_OK)
        return api_complain(client->api, &answer, code);
    if (client->arguments.wants_json)
        print_json(answer.json);
    else
        print_verdict(client, &file, answer.json);
    return count(answer.json, "errors") == 0 ? CLIENT_OK : CLIENT_FAILED;
}

static void print_prices(struct fc_arena *arena, const struct fc_json *estimate)
{
    const struct fc_json *scenes = json_array(estimate, "scenes");
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put(&b, "SCENE                 SECONDS  CREDITS\n");
    for (const struct fc_json *scene = scenes != NULL ? fc_json_first(scenes) : NULL; scene != NULL;
         scene = fc_json_next(scene)) {
        const char *id = json_text(scene, "id");

        put_clean_padded(&b, id != NULL ? id : "-", 20);
        fc_putf(&b, "  %7g  %7.0f\n", json_number(scene, "duration", 0),
                json_number(scene, "credits", 0));
    }
    fc_putf(&b, "%-20s  %7g  %7.0f\n", "total",
            json_number(estimate, "estimated_duration_seconds", 0),
            json_number(estimate, "estimated_credits", 0));
    fc_putf(&b, "rendering takes about %s\n",
            text_of_seconds(arena, json_number(estimate, "estimated_generation_time_seconds", 0)));
    fputs(b.data, stdout);
}

/* framecast estimate FILE */
enum exit_code command_estimate(struct client *client)
{
    struct fc_buffer warnings = fc_buffer_in(client->arena);
    struct spec_file file;
    struct api_answer answer;
    enum exit_code code = spec_file_read(client, client->arguments.word, &file);

    if (code != CLIENT_OK)
        return code;
    code = ask_about(client, "/v1/spec/estimate", &file, &answer);
    if (code == CLIENT_REFUSED && spec_file_complain(&file, answer.json))
        return CLIENT_FAILED;
    if (code != CLIENT_OK)
        return api_complain(client->api, &answer, code);
    if (client->arguments.wants_json) {
        print_json(answer.json);
        return CLIENT_OK;
    }
    print_prices(client->arena, answer.json);
    fflush(stdout);
    spec_file_put_problems(&warnings, &file, answer.json);
    fputs(client->arguments.is_quiet ? "" : warnings.data, stderr);
    return CLIENT_OK;
}
