/* What things are called in a simulated programme. */
#include <stdio.h>
#include <string.h>

#include "simulate_programme.h"

static simulated_name name(const char *format, ...) __attribute__((format(printf, 1, 2)));

static simulated_name name(const char *format, ...)
{
    simulated_name out;
    va_list args;
    va_start(args, format);
    np_text_vformat(out.text, sizeof out.text, format, args);
    va_end(args);
    return out;
}

simulated_name project_of(int64_t p)
{
    return name("p%04d", (int)p + 1);
}

/* Counties of 50 municipalities; the codes are made up. */
simulated_name organisation_of(int64_t p)
{
    return name("%02d%02d", (int)(p / 50 % 99) + 1, (int)(p % 50) + 1);
}

/* The last digit makes the weighted sum a multiple of 11; numbers that would need a 10
 * are passed over. */
simulated_name unit_of(int64_t p, int64_t u)
{
    static const int weight[] = {3, 2, 7, 6, 5, 4, 3, 2};
    for (int64_t number = 80000000 + 3 * (1000 * p + u);; number++) {
        simulated_name digits = name("%08lld", (long long)number);
        int sum = 0;
        for (int i = 0; i < 8; i++)
            sum += weight[i] * (digits.text[i] - '0');
        int last = (11 - sum % 11) % 11;
        if (last < 10)
            return name("%s%d", digits.text, last);
    }
}

simulated_name measure_of(int64_t p, int64_t m)
{
    return name("p%04d-m%d", (int)p + 1, (int)m + 1);
}

simulated_name period_of(int64_t r)
{
    int year = SIMULATED_FROM + (int)(r / 2);
    return r % 2 == 0 ? name("%dS1", year) : name("%d", year);
}

simulated_name due_of(int64_t r)
{
    int year = SIMULATED_FROM + (int)(r / 2);
    return r % 2 == 0 ? name("%d-06-01", year) : name("%d-02-01", year + 1);
}

simulated_name report_of(int64_t p, int64_t r)
{
    return name("p%04d/%s/%s", (int)p + 1, simulated_template(r), period_of(r).text);
}

const char *simulated_indicator(int64_t i)
{
    static const char *const id[] = {"absence", "position-size", "full-time"};
    return id[i % SIMULATED_INDICATORS];
}

const char *simulated_theme(int64_t i)
{
    static const char *const id[] = {"sickness-absence", "full-time-culture",
                                     "competence"};
    return id[i % 3];
}

const char *simulated_cohort(int64_t p)
{
    return p % 3 == 0 ? "cohort-2" : "cohort-1";
}

const char *simulated_template(int64_t r)
{
    return r % 2 == 0 ? "half-year-1" : "annual-1";
}

const char *simulated_sort(int64_t i)
{
    static const char *const sort[] = {"measure", "hindrance_local", "hindrance_central",
                                       "learning_point"};
    return sort[i % SIMULATED_SORTS];
}

const char *simulated_scheme(int64_t i)
{
    static const char *const id[] = {"measures-1", "hindrances-local-1",
                                     "hindrances-central-1", "learning-points-1"};
    return id[i % SIMULATED_SORTS];
}
