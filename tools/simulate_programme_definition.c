/* What a simulated programme is, and tables of it: texts in its folder. */
#include <stdio.h>

#include "base/text.h"
#include "simulate_programme.h"

static const char head[] =
    "programme: {id: simulated, name: A simulated programme, starts: 2011-01-01,\n"
    "  ends: 2020-12-31}\n"
    "themes:\n"
    "- {id: sickness-absence, name: Sickness absence}\n"
    "- {id: full-time-culture, name: Full-time culture}\n"
    "- {id: competence, name: Competence}\n"
    "cohorts:\n"
    "- {id: cohort-1, name: First cohort, starts: 2011-01-01, ends: 2020-12-31}\n"
    "- {id: cohort-2, name: Second cohort, starts: 2011-01-01, ends: 2020-12-31}\n";

static const char tables[] = "tables:\n"
                             "- id: absence\n"
                             "  title: Absence by organisation and year\n"
                             "  of: measurement\n"
                             "  where: {indicator: absence}\n"
                             "  rows: {by: unit.organisation}\n"
                             "  columns: {by: year(period)}\n"
                             "  show: [{ratio: [{sum: numerator, partial: true}, {sum: "
                             "denominator, partial: true}],\n"
                             "    factor: 100}]\n"
                             "- id: missing\n"
                             "  title: Why there is no value\n"
                             "  of: measurement\n"
                             "  rows: {by: missing, missing: row}\n"
                             "  columns: {by: indicator}\n"
                             "  show: [count, percent]\n"
                             "- id: services\n"
                             "  title: Measurements of 2020 by service\n"
                             "  of: measurement\n"
                             "  where: {indicator: absence, period: [202001, 202012]}\n"
                             "  rows: {by: unit.service}\n"
                             "  columns: {by: period}\n"
                             "  show: [count, {mean: value}]\n"
                             "- id: items\n"
                             "  title: Items by sort and year\n"
                             "  of: item\n"
                             "  rows: {by: sort}\n"
                             "  columns: {by: year(period)}\n"
                             "- id: hindrances\n"
                             "  title: Local hindrances by category and year\n"
                             "  of: item\n"
                             "  where: {sort: hindrance_local}\n"
                             "  response: multiple\n"
                             "  rows: {scheme: hindrances-local-1}\n"
                             "  columns: {by: year(period)}\n"
                             "  show: [count, percent]\n"
                             "- id: obligations\n"
                             "  title: Reports that are owed\n"
                             "  of: obligation\n"
                             "  rows: {by: state}\n"
                             "  columns: {by: year(period)}\n"
                             "- id: answers\n"
                             "  title: Answers by question and year\n"
                             "  of: answer\n"
                             "  rows: {by: question}\n"
                             "  columns: {by: report.period}\n";

static void add_indicators(np_buf *out, bool monthly)
{
    np_buf_add(out, "indicators:\n");
    for (int i = 0; i < SIMULATED_INDICATORS; i++)
        np_buf_format(out,
                      "- id: %s\n"
                      "  name: %s\n"
                      "  definition: Above the line of those below it\n"
                      "  uom: per cent\n"
                      "  level: result\n"
                      "  direction: %s\n"
                      "  sort: ratio\n"
                      "  numerator: above the line\n"
                      "  denominator: below the line\n"
                      "  factor: 100\n"
                      "  low: 0\n"
                      "  high: 100\n"
                      "  period: %s\n"
                      "  across_organisations: ratio\n"
                      "  across_units: ratio\n"
                      "  across_periods: ratio\n",
                      simulated_indicator(i), simulated_indicator(i),
                      i == 0 ? "lower" : "higher", monthly ? "month" : "half_year");
}

static void add_schemes(np_buf *out)
{
    np_buf_add(out, "schemes:\n");
    for (int i = 0; i < SIMULATED_SORTS; i++) {
        np_buf_format(out,
                      "- id: %s\n  name: %s\n  sort: %s\n  several: yes\n"
                      "  categories:\n",
                      simulated_scheme(i), simulated_scheme(i), simulated_sort(i));
        for (int c = 1; c <= SIMULATED_CATEGORIES; c++)
            np_buf_format(out, "  - {code: c%d, name: Category %d}\n", c, c);
    }
}

static void add_template(np_buf *out, int r, const char *sort, const char *due,
                         int years_after)
{
    np_buf_format(out,
                  "- id: %s\n  name: %s\n  sort: %s\n  due: %s\n  due_years_after: %d\n"
                  "  needs_approval: yes\n  questions:\n",
                  simulated_template(r), simulated_template(r), sort, due, years_after);
    for (int q = 1; q <= SIMULATED_QUESTIONS; q++)
        np_buf_format(out, "  - {code: q%d, text: What came of it, answer: %s}\n", q,
                      q % 3 == 0 ? "number" : "text");
}

static np_status write_text(const char *folder, const char *name, const char *text,
                            np_error *err)
{
    char path[1024];
    np_text_format(path, sizeof path, "%s/%s", folder, name);
    FILE *file = text == NULL ? NULL : fopen(path, "wx");
    bool good = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        good = false;
    return good ? NP_OK : np_fail(err, NP_E_IO, "%s cannot be written", path);
}

np_status simulate_texts(simulation *s, const char *folder)
{
    np_buf text = {0};
    np_buf_add(&text, head);
    add_indicators(&text, simulated_monthly(s));
    add_schemes(&text);
    np_buf_add(&text, "templates:\n");
    add_template(&text, 0, "half_year", "1 June", 0);
    add_template(&text, 1, "annual", "1 February", 1);
    np_status status = write_text(folder, "programme.yaml", np_buf_done(&text), &s->err);
    np_buf_free(&text);
    return status == NP_OK ? write_text(folder, "tables.yaml", tables, &s->err) : status;
}
