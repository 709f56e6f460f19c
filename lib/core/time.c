#include <framecast/time.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct fc_time fc_time_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (struct fc_time){(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
}

int64_t fc_monotonic_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Days since 1970-01-01 of a proleptic Gregorian date: Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms". */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

/* @n digits, the first at @at. */
static void put_digits(char *at, int64_t value, int n)
{
    for (; n > 0; n--, value /= 10)
        at[n - 1] = (char)('0' + value % 10);
}

void fc_time_format(struct fc_time time, char out[static FC_TIME_TEXT_SIZE])
{
    static const char form[FC_TIME_TEXT_SIZE] = "0000-00-00T00:00:00.000000Z";
    int64_t seconds = time.us / 1000000, fraction = time.us % 1000000;
    struct tm tm;
    time_t t;

    if (fraction < 0) {
        fraction += 1000000;
        seconds--;
    }
    t = (time_t)seconds;
    (void)gmtime_r(&t, &tm);
    memcpy(out, form, sizeof form);
    put_digits(out, tm.tm_year + 1900, 4);
    put_digits(out + 5, tm.tm_mon + 1, 2);
    put_digits(out + 8, tm.tm_mday, 2);
    put_digits(out + 11, tm.tm_hour, 2);
    put_digits(out + 14, tm.tm_min, 2);
    put_digits(out + 17, tm.tm_sec, 2);
    put_digits(out + 20, fraction, 6);
}

/* @n digits at *@at, moved past them; -1 when there are fewer. */
static int digits(const char **at, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool expect(const char **at, char c)
{
    return *(*at)++ == c;
}

static bool parse_fraction(const char **at, int64_t *us)
{
    int64_t scale = 100000;

    *us = 0;
    if (**at != '.')
        return true;
    if (*++*at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
        *us += scale * (**at - '0');
    return true;
}

static bool parse_offset(const char **at, int64_t *seconds)
{
    int sign, hours, minutes;

    *seconds = 0;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return true;
    }
    if (**at != '+' && **at != '-')
        return false;
    sign = *(*at)++ == '-' ? -1 : 1;
    hours = digits(at, 2);
    if (hours < 0 || hours > 23 || !expect(at, ':'))
        return false;
    minutes = digits(at, 2);
    if (minutes < 0 || minutes > 59)
        return false;
    *seconds = (int64_t)sign * (hours * 3600 + minutes * 60);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool parse_date(const char **at, int64_t *days)
{
    int year, month, day;

    year = digits(at, 4);
    if (year < 1 || !expect(at, '-'))
        return false;
    month = digits(at, 2);
    if (month < 1 || month > 12 || !expect(at, '-'))
        return false;
    day = digits(at, 2);
    if (day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

static bool parse_clock(const char **at, int64_t *seconds)
{
    int hour, minute, second;

    hour = digits(at, 2);
    if (hour < 0 || hour > 23 || !expect(at, ':'))
        return false;
    minute = digits(at, 2);
    if (minute < 0 || minute > 59 || !expect(at, ':'))
        return false;
    second = digits(at, 2);
    if (second < 0 || second > 60) /* 60: a leap second counts as the next second's beginning */
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* The first and the last microsecond that four digits of a year can name. */
#define FIRST_US INT64_C(-62135596800000000)
#define LAST_US INT64_C(253402300799999999)

bool fc_time_parse(const char *text, struct fc_time *time)
{
    int64_t days, seconds, us, offset;
    const char *at = text;

    if (!parse_date(&at, &days) || (*at != 'T' && *at != 't'))
        return false;
    at++;
    if (!parse_clock(&at, &seconds) || !parse_fraction(&at, &us) || !parse_offset(&at, &offset) ||
        *at != '\0')
        return false;
    time->us = (days * 86400 + seconds - offset) * 1000000 + us;
    if (time->us < FIRST_US)
        time->us = FIRST_US;
    if (time->us > LAST_US)
        time->us = LAST_US;
    return true;
}

const char *fc_time_utc(struct fc_arena *arena, const char *text)
{
    char *utc = fc_alloc(arena, FC_TIME_TEXT_SIZE);
    struct fc_time time;

    if (text == NULL || !fc_time_parse(text, &time))
        return NULL;
    fc_time_format(time, utc);
    return utc;
}
