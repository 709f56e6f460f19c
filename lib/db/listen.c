#include "db/listen.h"

#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

#include "db/link.h"

struct fc_listener {
    struct fc_link link;
    struct fc_timer tick;
    struct fc_listener_config config;
    char *url;
    bool is_listening;
};

static struct fc_listener *listener_of(struct fc_link *link)
{
    return (struct fc_listener *)((char *)link - offsetof(struct fc_listener, link));
}

static void on_up(struct fc_link *link)
{
    struct fc_listener *listener = listener_of(link);
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer sql = fc_buffer_in(arena);

    for (const char *const *channel = listener->config.channels; *channel != NULL; channel++)
        fc_putf(&sql, "LISTEN %s;", *channel);
    if (PQsendQuery(link->pg, sql.data) != 1 || PQflush(link->pg) < 0)
        fc_link_drop(link, PQerrorMessage(link->pg));
}

static void on_down(struct fc_link *link, bool was_up, const char *why)
{
    struct fc_listener *listener = listener_of(link);
    bool was_listening = listener->is_listening;

    (void)was_up;
    (void)why; /* the pipes of the same loop say it */
    listener->is_listening = false;
    if (was_listening && listener->config.on_down != NULL)
        listener->config.on_down(listener->config.context);
}

/* False when a LISTEN was refused, as a standby does: then somewhere else may be better. */
static bool take_results(struct fc_link *link)
{
    PGresult *result;
    bool is_good = true;

    while (is_good && !PQisBusy(link->pg) && (result = PQgetResult(link->pg)) != NULL) {
        is_good = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    return is_good;
}

static void on_ready(struct fc_link *link, uint32_t events)
{
    struct fc_listener *listener = listener_of(link);
    PGnotify *notify;

    (void)events;
    if (PQflush(link->pg) < 0 || PQconsumeInput(link->pg) != 1 || !take_results(link)) {
        fc_link_drop(link, PQerrorMessage(link->pg));
        return;
    }
    if (!listener->is_listening && !PQisBusy(link->pg)) {
        listener->is_listening = true;
        listener->config.on_up(listener->config.context);
    }
    while ((notify = PQnotifies(link->pg)) != NULL) {
        listener->config.on_notify(listener->config.context, notify->relname, notify->extra);
        PQfreemem(notify);
    }
}

static const struct fc_link_role role = {on_up, on_down, on_ready};

static void on_tick(struct fc_timer *timer)
{
    struct fc_listener *listener = (struct fc_listener *)((char *)timer -
                                                          offsetof(struct fc_listener, tick));

    fc_link_tick(&listener->link);
    if (fc_link_may_connect(&listener->link))
        fc_link_connect(&listener->link);
}

fc_status fc_listener_open(struct fc_listener **listener, struct fc_loop *loop,
                           const struct fc_listener_config *config, struct fc_error *error)
{
    struct fc_listener *made = calloc(1, sizeof *made);

    if (made == NULL || (made->url = strdup(config->url)) == NULL) {
        free(made);
        return fc_fail(error, FC_E_INTERNAL, "no memory for a listener");
    }
    made->config = *config;
    fc_link_init(&made->link, &role, loop, made->url, "framecastd listen");
    made->tick = (struct fc_timer){.run = on_tick, .every_ms = 1000};
    fc_loop_timer_start(loop, &made->tick, 0);
    *listener = made;
    return FC_OK;
}

void fc_listener_free(struct fc_listener *listener)
{
    if (listener == NULL)
        return;
    fc_loop_timer_stop(listener->link.loop, &listener->tick);
    fc_link_close(&listener->link);
    free(listener->url);
    free(listener);
}
