#include "db/refusal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <framecast/log.h>
#include <framecast/text.h>

static const struct fc_refusal by_name[] = {
    /* outcomes of statements */
    {"not_found", FC_E_NOT_FOUND, "There is nothing with this id"},
    {"owner_not_usable", FC_E_FORBIDDEN, "You may not use this owner"},
    {"owner_not_visible", FC_E_FORBIDDEN, "You may not see what this owner has"},
    {"viewer_may_not", FC_E_FORBIDDEN, "Viewers of a team may not do this"},
    {"scope_not_for_starters", FC_E_FORBIDDEN, "This scope needs the creator tier"},
    {"concurrency_limit", FC_E_CONFLICT,
     "Too many jobs of this owner are active; wait for one to end or cancel one"},
    {"project_has_active_job", FC_E_CONFLICT, "The project is being rendered"},
    {"project_state", FC_E_CONFLICT, "The project's state does not allow this"},
    {"job_is_terminal", FC_E_CONFLICT, "The job has already ended"},
    {"job_not_retryable", FC_E_CONFLICT, "Only failed and canceled jobs can be retried"},
    {"illegal_transition", FC_E_CONFLICT, "The job's state does not allow this event"},
    {"idempotency_key_in_use", FC_E_CONFLICT,
     "This idempotency key belongs to a job that you cannot see any more"},
    {"insufficient_credits", FC_E_CREDITS, "The balance is lower than the price of this job"},
    {"max_credits_exceeded", FC_E_CREDITS, "The job costs more than max_credits"},
    {"job_has_project", FC_E_VALIDATION, "A project's job cannot be deleted or treated by itself"},
    {"job_not_terminal", FC_E_VALIDATION, "The job has not ended yet"},
    {"unknown_scene", FC_E_VALIDATION, "The job has no such scene"},
    {"scopes_empty", FC_E_VALIDATION, "A key needs at least one scope"},
    {"scope_unknown", FC_E_VALIDATION, "There is no such scope"},
    {"key_revoked", FC_E_CONFLICT, "The key is revoked"},
    /* constraints */
    {"users_email_key", FC_E_CONFLICT, "This e-mail address belongs to another account"},
    {"idx_users_email_lower", FC_E_CONFLICT, "This e-mail address belongs to another account"},
    {"valid_email", FC_E_VALIDATION, "This is no e-mail address"},
    {"jobs_concurrency_limit", FC_E_CONFLICT, "Too many jobs of this owner are active"},
    {"idx_jobs_one_active_per_project", FC_E_CONFLICT, "The project is being rendered"},
};

#define FC_SCHEMA_MISSING "The database lacks this version's schema: see framecastd migrate"

static const struct fc_refusal by_class[] = {
    /* SQLSTATE or its first two characters (PostgreSQL's Appendix A) */
    {"57014", FC_E_UNAVAILABLE, "The database took too long"},
    {"55P03", FC_E_UNAVAILABLE, "The database took too long"},
    {"40", FC_E_UNAVAILABLE, "Too many requests change the same thing"},
    {"08", FC_E_UNAVAILABLE, "The database is away"},
    {"57", FC_E_UNAVAILABLE, "The database is away"},
    {"53", FC_E_UNAVAILABLE, "The database is out of resources"},
    {"58", FC_E_UNAVAILABLE, "The database's disk fails"},
    {"25006", FC_E_UNAVAILABLE, "The database takes no changes"},
    /* a failover to an empty or an older database; our own statements are prepared by a test */
    {"42P01", FC_E_UNAVAILABLE, FC_SCHEMA_MISSING},
    {"42703", FC_E_UNAVAILABLE, FC_SCHEMA_MISSING},
    {"42704", FC_E_UNAVAILABLE, FC_SCHEMA_MISSING},
    {"42883", FC_E_UNAVAILABLE, FC_SCHEMA_MISSING},
    {"3F", FC_E_UNAVAILABLE, FC_SCHEMA_MISSING},
    /* time and again: its preparation fails for the one that asks for it first, as above */
    {"26000", FC_E_UNAVAILABLE, "The database has not prepared the statement"},
    {"22", FC_E_VALIDATION, "The database cannot hold this value"},
    {"23", FC_E_CONFLICT, "This clashes with what is stored"},
};

static const struct fc_refusal database_failed = {"database", FC_E_DATABASE, "The database failed"};

const struct fc_refusal *fc_refusal_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++)
        if (strcmp(by_name[i].name, name) == 0)
            return &by_name[i];
    return NULL;
}

const struct fc_refusal *fc_refusal_by_error(const char *sqlstate, const char *constraint)
{
    const struct fc_refusal *known = constraint != NULL ? fc_refusal_by_name(constraint) : NULL;

    if (known != NULL)
        return known;
    for (size_t i = 0; sqlstate != NULL && i < sizeof by_class / sizeof *by_class; i++)
        if (strncmp(by_class[i].name, sqlstate, strlen(by_class[i].name)) == 0)
            return &by_class[i];
    return &database_failed;
}

void fc_db_hear(void *nothing, const char *said)
{
    char line[256];

    (void)nothing;
    (void)snprintf(line, sizeof line, "%s", said);
    line[strcspn(line, "\n")] = '\0';
    fc_log(FC_LOG_INFO, "the database says", FC_KV("says", line));
}
