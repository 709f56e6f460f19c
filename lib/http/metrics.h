/** Figures about the server's requests, as Prometheus' text format 0.0.4. */
#ifndef FRAMECAST_HTTP_METRICS_H
#define FRAMECAST_HTTP_METRICS_H

#include <framecast/text.h>

struct fc_server;

void fc_metrics_put(struct fc_buffer *b, struct fc_server *server);

#endif
