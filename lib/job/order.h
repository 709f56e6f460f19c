/** An order: what a client wants rendered, as it arrives in a request. Internal to lib/job. */
#ifndef FRAMECAST_JOB_ORDER_H
#define FRAMECAST_JOB_ORDER_H

#include "auth/urn.h"
#include "job/job.h"

struct fc_order {
    const struct fc_json *spec;    /* NULL or null when missing */
    const struct fc_json *options; /* NULL when absent */
    const char *owner;             /* as given, NULL: the caller's own */
    const char *key;               /* idempotency key, or NULL */
    struct fc_opt_int max_credits;
    struct fc_urn urn; /* of the owner, after fc_order_owner */
    /* after fc_order_check */
    struct fc_check *check;
    struct fc_options chosen;
    const char *assets; /* JSON: what the database must confirm */
    bool is_valid;      /* but for assets */
    struct fc_estimate estimate;
};

/** A body that carries a storyboard, as far as the dispatcher looks at it. */
extern const struct fc_shape fc_order_shape;

/**
 * Reads the body: an envelope when it has a member `spec`, else the storyboard itself. Members that
 * @takes does not name are ignored. The idempotency key comes from the body or the header.
 *
 * FC_E_VALIDATION  a member of the wrong type, or the two keys differ
 */
enum fc_order_member { FC_ORDER_OWNER = 1, FC_ORDER_MAX_CREDITS = 2, FC_ORDER_KEY = 4 };
fc_status fc_order_read(struct fc_request *rq, unsigned takes, struct fc_order *order);

/**
 * The owner's URN; the caller's own when none is given. FC_E_VALIDATION malformed, FC_E_FORBIDDEN a
 * form that never owns.
 */
fc_status fc_order_owner(struct fc_request *rq, struct fc_order *order);

/** Checks spec and options, and prices them when they are valid but for assets. */
void fc_order_check(struct fc_request *rq, struct fc_order *order);

/** The last part of the check, with what the database knows of the assets (JSON text). */
void fc_order_take_facts(struct fc_request *rq, struct fc_order *order, const char *facts);

/** 400 with the whole validation result. */
fc_status fc_order_refuse_invalid(struct fc_request *rq, struct fc_order *order);

/** The estimate as JSON text. */
const char *fc_order_estimate_text(struct fc_request *rq, const struct fc_order *order);

/** @details (an object) with one more member `estimate`. */
const char *fc_order_with_estimate(struct fc_request *rq, const struct fc_order *order,
                                   const char *details);

#endif
