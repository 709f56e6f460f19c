/**
 * What can come of anything that may fail: one enum for the whole program.
 *
 * Each outcome that a client can see carries its HTTP status, its wire code and the label that
 * starts its message. Only the dispatcher (lib/http) turns a status into an answer.
 */
#ifndef FRAMECAST_STATUS_H
#define FRAMECAST_STATUS_H

#include <stdarg.h>

/* X(name, http status, wire code, label that starts the message, sentence when nothing better is
 * said) */
#define FC_STATUSES(X)                                                                             \
    X(FC_OK, 200, "OK", "", "")                                                                    \
    X(FC_E_VALIDATION, 400, "VALIDATION_ERROR", "Validation error", "The request is not valid")    \
    X(FC_E_NO_AUTHORIZATION, 401, "MISSING_AUTHORIZATION", "",                                     \
      "An Authorization header is needed")                                                         \
    X(FC_E_BAD_AUTHORIZATION, 401, "INVALID_AUTHORIZATION", "",                                    \
      "The Authorization header must hold 'Bearer <token>' or an API key")                         \
    X(FC_E_TOKEN, 401, "INVALID_TOKEN", "", "The token is not valid")                              \
    X(FC_E_NO_EMAIL, 401, "MISSING_EMAIL", "",                                                     \
      "The token of a new user must carry an e-mail address")                                      \
    X(FC_E_API_KEY, 401, "INVALID_API_KEY", "", "The API key is not valid")                        \
    X(FC_E_NO_USER, 401, "USER_NOT_FOUND", "", "The user of this API key no longer exists")        \
    X(FC_E_AUTHENTICATION, 401, "AUTHENTICATION_ERROR", "Authentication error",                    \
      "Authentication failed")                                                                     \
    X(FC_E_CREDITS, 402, "INSUFFICIENT_CREDITS", "Insufficient credits",                           \
      "There are not enough credits")                                                              \
    X(FC_E_TIER, 403, "INSUFFICIENT_TIER", "", "This needs the creator tier")                      \
    X(FC_E_FORBIDDEN, 403, "AUTHORIZATION_ERROR", "Authorization error", "You may not do this")    \
    X(FC_E_NOT_FOUND, 404, "NOT_FOUND", "Not found", "There is nothing here")                      \
    X(FC_E_METHOD, 405, "METHOD_NOT_ALLOWED", "Method not allowed",                                \
      "This path knows other methods")                                                             \
    X(FC_E_CONFLICT, 409, "CONFLICT", "Conflict", "This clashes with what is stored")              \
    X(FC_E_GONE, 410, "GONE", "Gone", "This is no longer held")                                    \
    X(FC_E_TOO_LARGE, 413, "PAYLOAD_TOO_LARGE", "Payload too large",                               \
      "The body is over its limit")                                                                \
    X(FC_E_MEDIA_TYPE, 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type",                    \
      "The Content-Type of this body is not read here")                                            \
    X(FC_E_RANGE, 416, "RANGE_NOT_SATISFIABLE", "Range not satisfiable",                           \
      "The range lies outside the file")                                                           \
    X(FC_E_RATE, 429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded", "try again later")             \
    X(FC_E_INTERNAL, 500, "INTERNAL_ERROR", "", "Something failed on our side")                    \
    X(FC_E_DATABASE, 500, "DATABASE_ERROR", "", "The database failed")                             \
    X(FC_E_AUTH, 500, "AUTH_ERROR", "", "The API key could not be looked up")                      \
    X(FC_E_PROVISION, 500, "USER_PROVISION_FAILED", "", "The account could not be made")           \
    X(FC_E_UNAVAILABLE, 503, "SERVICE_UNAVAILABLE", "Service unavailable",                         \
      "Please try again in a moment")

#define FC_STATUS_NAME(name, http, code, label, sentence) name,
typedef enum fc_status { FC_STATUSES(FC_STATUS_NAME) FC_STATUS__COUNT } fc_status;
#undef FC_STATUS_NAME

struct fc_status_row {
    const char *name;     /* "FC_E_NOT_FOUND", for logs */
    int http;             /* 200..599 */
    const char *code;     /* stable word for programs */
    const char *label;    /* starts the message, "" when the message has none */
    const char *sentence; /* when nothing better is said */
};

const struct fc_status_row *fc_status_row(fc_status status);

/** What went wrong, in words for the log or for a person; kept by the caller, filled by fc_fail. */
struct fc_error {
    fc_status status;
    char text[768];
};

/**
 * Writes the sentence into @error (which may be NULL) and gives back @status, so that it ends a
 * function.
 */
__attribute__((format(printf, 3, 4))) fc_status fc_fail(struct fc_error *error, fc_status status,
                                                        const char *format, ...);

#endif
