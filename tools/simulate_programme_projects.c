/* The organisations and the projects of a simulated programme. */
#include "simulate_programme.h"

enum { UNITS_AT_LEAST = 3 };

np_status simulate_put(simulation *s, const char *kind, const char *id,
                       const simulated_field *field)
{
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    for (; field->name != NULL; field++) {
        size_t f = np_kind_field(record.kind, field->name);
        if (f == record.kind->n_fields)
            return np_fail(&s->err, NP_E_UNKNOWN_NAME, "%s has no %s", kind, field->name);
        value[f] = field->value;
    }
    s->n_records++;
    return np_store_put(s->store, &record, NULL, &s->err);
}

int64_t simulated_units(const simulation *s)
{
    int64_t series = s->n_projects * SIMULATED_YEARS * 12 * SIMULATED_INDICATORS;
    int64_t units = (s->n_measurements + series - 1) / series;
    return units < UNITS_AT_LEAST ? UNITS_AT_LEAST : units;
}

bool simulated_monthly(const simulation *s)
{
    int64_t n_series = s->n_projects * simulated_units(s) * SIMULATED_INDICATORS;
    return s->n_measurements > n_series * SIMULATED_YEARS * 2;
}

static np_status units(simulation *s, int64_t p)
{
    static const char *const service[] = {"school", "kindergarten", "home care",
                                          "nursing home"};
    for (int64_t u = 0; u < simulated_units(s); u++)
        TRY(put(s, "unit", NULL, {"number", T(unit_of(p, u).text)}, {"name", T("A unit")},
                {"organisation", T(organisation_of(p).text)},
                {"service", T(service[u % 4])}, {"n_employees", N(20 + 7 * u)}));
    return NP_OK;
}

/* Two project leaders after one another, and the three parties. */
static np_status people(simulation *s, int64_t p)
{
    static const char *const party[] = {NULL, NULL, "politicians", "administration",
                                        "unions"};
    for (int i = 0; i < 5; i++) {
        char id[32];
        np_text_format(id, sizeof id, "%s-person%d", project_of(p).text, i + 1);
        TRY(put(s, "person", id, {"name", T("Kari Nordmann")},
                {"organisation", T(organisation_of(p).text)}));
        TRY(put(s, "role", NULL, {"person", T(id)},
                {"role", T(party[i] == NULL ? "project_leader" : "local_steering_group")},
                {"party", party[i] == NULL ? (np_value){0} : T(party[i])},
                {"project", T(project_of(p).text)},
                {"starts", T(i == 1 ? "2015-01-01" : "2011-01-01")},
                {"ends", i == 0 ? T("2014-12-31") : (np_value){0}}));
    }
    return NP_OK;
}

static np_status measures(simulation *s, int64_t p)
{
    for (int64_t m = 0; m < SIMULATED_MEASURES; m++) {
        simulated_name id = measure_of(p, m);
        TRY(put(s, "measure", id.text, {"project", T(project_of(p).text)},
                {"theme", T(simulated_theme(p + m % 2))},
                {"name", T("Follow-up of the absent")}, {"n_covered", N(40 + 3 * m)},
                {"starts", T("2011-09-01")}));
        TRY(put(s, "measure_unit", NULL, {"measure", T(id.text)},
                {"unit", T(unit_of(p, m % simulated_units(s)).text)}));
        TRY(put(s, "measure_status", NULL, {"measure", T(id.text)},
                {"date", T("2011-02-01")}, {"status", T("planned")}));
        TRY(put(s, "measure_status", NULL, {"measure", T(id.text)},
                {"date", T("2011-09-01")}, {"status", T("under_way")}));
    }
    return NP_OK;
}

static np_status goals(simulation *s, int64_t p)
{
    for (int g = 0; g < 2; g++) {
        char id[32];
        np_text_format(id, sizeof id, "%s-g%d", project_of(p).text, g + 1);
        TRY(put(s, "participation", NULL, {"project", T(project_of(p).text)},
                {"theme", T(simulated_theme(p + g))},
                {"role", T(g == 0 ? "main" : "additional")}));
        TRY(put(s, "goal", id, {"project", T(project_of(p).text)},
                {"theme", T(simulated_theme(p + g))}, {"level", T("result")},
                {"text", T("Absence below eight per cent")},
                {"indicator", T(simulated_indicator(0))}, {"baseline", X(9.5)},
                {"baseline_date", T("2010-12-31")}, {"baseline_source", T("payroll")},
                {"baseline_scope", T("all units")}, {"target", X(8)},
                {"target_date", T("2020-12-31")}));
        for (int y = 0; y < SIMULATED_YEARS; y++) {
            char period[8];
            np_text_format(period, sizeof period, "%d", SIMULATED_FROM + y);
            TRY(put(s, "goal_target", NULL, {"goal", T(id)}, {"period", T(period)},
                    {"target", X(9.5 - 0.15 * (y + 1))}));
        }
    }
    return NP_OK;
}

np_status simulate_projects(simulation *s)
{
    TRY(put(s, "network", "north", {"name", T("North")}));
    for (int64_t p = 0; p < s->n_projects; p++) {
        TRY(put(s, "organisation", NULL, {"code", T(organisation_of(p).text)},
                {"name", T("A municipality")}, {"sort", T("municipality")}));
        TRY(units(s, p));
        TRY(put(s, "project", project_of(p).text, {"name", T("A municipality")},
                {"cohort", T(simulated_cohort(p))}, {"purpose", T("Presence at work")}));
        TRY(put(s, "project_organisation", NULL, {"project", T(project_of(p).text)},
                {"organisation", T(organisation_of(p).text)}, {"leads", N(1)}));
        TRY(people(s, p));
        TRY(measures(s, p));
        TRY(goals(s, p));
        TRY(put(s, "network_member", NULL, {"network", T("north")},
                {"project", T(project_of(p).text)}));
    }
    return NP_OK;
}
