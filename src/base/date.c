#include "base/date.h"

#include <stdio.h>
#include <time.h>

/* Days from civil: years are counted from March, so that the leap day is the
 * last of its year; 719468 days lie between 0000-03-01 and 1970-01-01. */
int32_t np_date_of(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void np_date_split(int32_t date, int *year, int *month, int *day)
{
    int z = date + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int d = z - era * 146097;
    int y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    int day_of_year = d - (365 * y + y / 4 - y / 100);
    int m = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

static bool digits(int *out, const char *text, int n)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

bool np_date_parse(int32_t *out, const char *text, size_t length)
{
    int year, month, day, y, m, d;
    if (length != 10 || text[4] != '-' || text[7] != '-' || !digits(&year, text, 4) ||
        !digits(&month, text + 5, 2) || !digits(&day, text + 8, 2))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int32_t date = np_date_of(year, month, day);
    np_date_split(date, &y, &m, &d);
    if (y != year || m != month || d != day)
        return false;
    *out = date;
    return true;
}

void np_date_format(char out[NP_DATE_LENGTH], int32_t date)
{
    int year, month, day;
    np_date_split(date, &year, &month, &day);
    if (year < 0 || year > 9999) {
        snprintf(out, NP_DATE_LENGTH, "%04d-%02d-%02d", year, month, day);
        return;
    }
    /* Imports format a date for each of a million records, printf() takes ten times as
     * long. */
    const int digit[] = {year / 1000, year / 100 % 10, year / 10 % 10, year % 10,
                         -1,          month / 10,      month % 10,     -1,
                         day / 10,    day % 10};
    for (size_t i = 0; i < 10; i++)
        out[i] = digit[i] < 0 ? '-' : (char)('0' + digit[i]);
    out[10] = '\0';
}

int32_t np_date_today(void)
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    return np_date_of(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

void np_moment_now(char out[NP_MOMENT_LENGTH])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, NP_MOMENT_LENGTH, "%Y-%m-%dT%H:%M:%SZ", &utc);
}
