#include <framecast/status.h>

#include <assert.h>
#include <stdio.h>

static const struct fc_status_row rows[] = {
#define FC_STATUS_ROW(name, http, code, label, sentence) {#name, http, code, label, sentence},
    FC_STATUSES(FC_STATUS_ROW)
#undef FC_STATUS_ROW
};

const struct fc_status_row *fc_status_row(fc_status status)
{
    assert(status < FC_STATUS__COUNT);
    return &rows[status];
}

fc_status fc_fail(struct fc_error *error, fc_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list args;

        error->status = status;
        va_start(args, format);
        (void)vsnprintf(error->text, sizeof error->text, format, args);
        va_end(args);
    }
    return status;
}
