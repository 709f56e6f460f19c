/** Notifications (LISTEN) on a loop: they shorten waiting, nothing depends on their coming. */
#ifndef FRAMECAST_DB_LISTEN_H
#define FRAMECAST_DB_LISTEN_H

#include <framecast/loop.h>

struct fc_listener;

struct fc_listener_config {
    const char *url;
    const char *const *channels; /* closed by NULL; plain lower-case names */
    void (*on_notify)(void *context, const char *channel, const char *payload);
    void (*on_up)(void *context);   /* listening (again): what happened before was missed */
    void (*on_down)(void *context); /* not listening any more; may be NULL */
    void *context;
};

fc_status fc_listener_open(struct fc_listener **listener, struct fc_loop *loop,
                           const struct fc_listener_config *config, struct fc_error *error);
void fc_listener_free(struct fc_listener *listener);
FC_AUTO_DEFINE(listener)

#endif
