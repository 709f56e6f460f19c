/** API calls by owner, counted in memory and written in batches: best effort. Any thread. */
#ifndef FRAMECAST_AUTH_USAGE_H
#define FRAMECAST_AUTH_USAGE_H

#include "db/db.h"

struct fc_usage;

struct fc_usage *fc_usage_new(void);
void fc_usage_free(struct fc_usage *usage);
void fc_usage_count(struct fc_usage *usage, const char *owner);
/** Writes what was counted; on failure it is counted again later. */
fc_status fc_usage_flush(struct fc_usage *usage, struct fc_db *db, struct fc_error *error);

#endif
