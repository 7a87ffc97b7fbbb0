/* What a simulated programme owes and reports, what was coded of it, and what was
 * measured. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "simulate_programme.h"

enum {
    ITEMS = 10,
    PER_CENT_NOT_REPORTED = 4,
    PER_CENT_AGREED = 85,
    PER_CENT_MISSING = 5
};

/* Streams of random numbers: one for each project's reports, one for each series. */
static np_rng reports_of(const simulation *s, int64_t p)
{
    return np_rng_stream((uint64_t)s->seed, 2 * (uint64_t)p);
}

static np_rng series_of(const simulation *s, int64_t series)
{
    return np_rng_stream((uint64_t)s->seed, 2 * (uint64_t)series + 1);
}

static const char *sentence(char out[256], np_rng *rng)
{
    static const char *const word[] = {"sykefravær", "nærvær",    "ledelse",    "heltid",
                                       "kompetanse", "turnus",    "oppfølging", "enhet",
                                       "kurs",       "vikarer",   "økonomi",    "møter",
                                       "rutiner",    "samarbeid", "forankring"};
    size_t length = 0;
    for (int i = 0; i < 9; i++) {
        const char *w = word[np_rng_below(rng, sizeof word / sizeof *word)];
        np_text_format(out + length, 256 - length, "%s%s", i == 0 ? "" : " ", w);
        length = strlen(out);
    }
    return out;
}

static np_status answers(simulation *s, const char *report, int64_t r, np_rng *rng)
{
    for (int q = 0; q < SIMULATED_QUESTIONS; q++) {
        char question[32], text[256];
        np_text_format(question, sizeof question, "%s/q%d", simulated_template(r), q + 1);
        bool number = q % 3 == 2;
        bool missing = np_rng_below(rng, 100) < PER_CENT_MISSING;
        TRY(put(s, "answer", NULL, {"report", T(report)}, {"question", T(question)},
                {"text", number || missing ? (np_value){0} : T(sentence(text, rng))},
                {"value",
                 number && !missing ? X((double)np_rng_below(rng, 50)) : (np_value){0}},
                {"missing", missing ? T("blank") : (np_value){0}}));
    }
    return NP_OK;
}

static np_status events(simulation *s, const char *report, int64_t r)
{
    static const char *const event[] = {"opened", "submitted", "approved"};
    for (int e = 0; e < 3; e++) {
        char moment[32];
        np_text_format(moment, sizeof moment, "%sT0%d:00:00Z", due_of(r).text, 7 + e);
        TRY(put(s, "report_event", NULL, {"report", T(report)}, {"number", N(e + 1)},
                {"event", T(event[e])}, {"moment", T(moment)}, {"done_by", T("kari")}));
    }
    return NP_OK;
}

/* Frozen copies of about the length that a report of these answers and items has. */
static np_status copies(simulation *s, const char *report, np_rng *rng)
{
    char body[8192] = "{\"answers\": [", text[256], hash[NP_HASH_LENGTH];
    for (int i = 0; i < SIMULATED_QUESTIONS + ITEMS; i++) {
        size_t length = strlen(body);
        np_text_format(body + length, sizeof body - length, "%s\"%s\"",
                       i == 0 ? "" : ", ", sentence(text, rng));
    }
    size_t length = strlen(body);
    np_text_format(body + length, sizeof body - length, "]}");
    np_hash_bytes(hash, body, strlen(body));
    for (int e = 2; e <= 3; e++)
        TRY(put(s, "report_copy", NULL, {"report", T(report)}, {"number", N(e)},
                {"event", T(e == 2 ? "submitted" : "approved")}, {"body", T(body)},
                {"hash", T(hash)}));
    return NP_OK;
}

/* Two coders choose; where they differ, the first one's category is settled. */
static np_status labels(simulation *s, const char *item, int64_t sort, np_rng *rng)
{
    static const char *const coder[] = {"kari", "ola"};
    uint64_t category = np_rng_below(rng, SIMULATED_CATEGORIES), first = category;
    for (int c = 0; c < 2; c++) {
        char id[48];
        if (c == 1 && np_rng_below(rng, 100) >= PER_CENT_AGREED)
            category = np_rng_below(rng, SIMULATED_CATEGORIES);
        np_text_format(id, sizeof id, "%s/c%d", simulated_scheme(sort),
                       (int)category + 1);
        TRY(put(s, "label", NULL, {"item", T(item)}, {"category", T(id)},
                {"coder", T(coder[c])}));
    }
    if (category == first)
        return NP_OK;
    char id[48];
    np_text_format(id, sizeof id, "%s/c%d", simulated_scheme(sort), (int)first + 1);
    return put(s, "adjudication", NULL, {"item", T(item)}, {"category", T(id)},
               {"decided_by", T("per")});
}

static np_status items(simulation *s, const char *report, int64_t p, int64_t r,
                       np_rng *rng)
{
    for (int i = 0; i < ITEMS; i++) {
        char id[64], text[256];
        np_text_format(id, sizeof id, "%s/%s/%d", project_of(p).text, period_of(r).text,
                       i + 1);
        TRY(put(s, "item", id, {"sort", T(simulated_sort(i))},
                {"text", T(sentence(text, rng))}, {"period", T(period_of(r).text)},
                {"report", T(report)}, {"project", T(project_of(p).text)},
                {"theme", T(simulated_theme(p + i % 2))},
                {"role", T(i % 2 == 0 ? "main" : "additional")}));
        TRY(labels(s, id, i, rng));
    }
    return NP_OK;
}

static np_status accounts(simulation *s, const char *report, int64_t p)
{
    for (int64_t m = 0; m < SIMULATED_MEASURES; m++)
        TRY(put(s, "measure_account", NULL, {"report", T(report)},
                {"measure", T(measure_of(p, m).text)}, {"status", T("under_way")},
                {"n_covered", N(40 + m)}));
    return NP_OK;
}

static np_status reports(simulation *s, int64_t p)
{
    np_rng rng = reports_of(s, p);
    for (int64_t r = 0; r < s->n_reports; r++) {
        simulated_name report = report_of(p, r), period = period_of(r);
        TRY(put(s, "obligation", NULL, {"project", T(project_of(p).text)},
                {"template", T(simulated_template(r))}, {"period", T(period.text)},
                {"due", T(due_of(r).text)}));
        if (np_rng_below(&rng, 100) < PER_CENT_NOT_REPORTED)
            continue;
        TRY(put(s, "report", NULL, {"project", T(project_of(p).text)},
                {"template", T(simulated_template(r))}, {"period", T(period.text)},
                {"status", T("approved")}, {"received", T(due_of(r).text)}));
        TRY(answers(s, report.text, r, &rng));
        TRY(accounts(s, report.text, p));
        TRY(events(s, report.text, r));
        TRY(copies(s, report.text, &rng));
        TRY(items(s, report.text, p, r, &rng));
    }
    return NP_OK;
}

np_status simulate_reports(simulation *s)
{
    for (int64_t p = 0; p < s->n_projects; p++)
        TRY(reports(s, p));
    return NP_OK;
}

typedef struct {
    int64_t p, u, indicator;
    bool monthly;
} series;

static np_status measure_once(simulation *s, const series *m, int t, double level,
                              np_rng *rng)
{
    static const char *const reason[] = {"not_measured", "not_reported", "suppressed"};
    char period[8];
    int per_year = m->monthly ? 12 : 2;
    np_text_format(period, sizeof period, m->monthly ? "%d%02d" : "%dS%d",
                   SIMULATED_FROM + t / per_year, t % per_year + 1);
    bool missing = np_rng_below(rng, 100) < PER_CENT_MISSING;
    double below = 400 + 20 * (double)(m->u % 50);
    double share = level + 0.02 * (np_rng_uniform(rng) - 0.5);
    double above = fmax(0, round(below * share));
    np_value none = {0};
    return put(s, "measurement", NULL,
               {"indicator", T(simulated_indicator(m->indicator))},
               {"indicator_version", N(1)}, {"unit", T(unit_of(m->p, m->u).text)},
               {"period", T(period)}, {"value", missing ? none : X(100 * above / below)},
               {"numerator", missing ? none : X(above)},
               {"denominator", missing ? none : X(below)},
               {"missing", missing ? T(reason[np_rng_below(rng, 3)]) : none});
}

/* A quarter of the measurements, or the rest of them. */
np_status simulate_measurements(simulation *s)
{
    bool monthly = simulated_monthly(s);
    int64_t length = SIMULATED_YEARS * (monthly ? 12 : 2);
    int64_t until = s->n_measured + (s->n_written + 3) / 4;
    for (; s->n_measured < s->n_written && s->n_measured < until;) {
        int64_t number = s->n_measured / length, first = s->n_measured % length;
        series m = {.monthly = monthly,
                    .p = number / SIMULATED_INDICATORS % s->n_projects,
                    .u = number / SIMULATED_INDICATORS / s->n_projects,
                    .indicator = number % SIMULATED_INDICATORS};
        np_rng rng = series_of(s, number * length + first);
        double level = 0.06 + 0.05 * np_rng_uniform(&rng);
        for (int64_t t = first;
             t < length && s->n_measured < s->n_written && s->n_measured < until;
             t++, s->n_measured++)
            TRY(measure_once(s, &m, (int)t, level, &rng));
    }
    return NP_OK;
}
