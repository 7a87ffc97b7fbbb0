/* Makes the simulated register panel of examples/sammen: 428 municipalities ×
 * 2006-2014, with sickness absence (from 2007) and position size.
 *
 * usage: simulate-sammen MUNICIPALITIES.csv ROSTER.csv [SEED] > register_simulated.csv
 *
 * Nothing here was measured. Level, spread, trend and effects are set so that
 * the panel resembles the tables that the 2016 evaluation of the programme
 * printed; the true effects are the published estimates, listed below. The default seed
 * is the one of the first 120 whose two-way estimates lie nearest the published ones
 * (twelve outcomes, squared distances in standard errors). Parts add up to the whole:
 * absence is self-certified plus certified, and the mean of men and women (share_women)
 * and of full-time and part-time positions.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <Rmath.h>

#include "base/decimal.h"
#include "base/rng.h"
#include "io/csv.h"

enum { FIRST_YEAR = 2006, N_YEARS = 9, FIRST_ABSENCE_YEAR = 2007, DEFAULT_SEED = 62 };
enum {
    N_ABSENCE_1 = 20,
    N_ABSENCE_2 = 7,
    N_FULL_TIME = 32,
    N_SECTORS = 5,
    N_POSITIONS = 7
};
enum { COHORT_1 = 2011, COHORT_2 = 2012 };

/* What others show in a year, in per cent: the level around 9.5 and the rise
 * of 0.6 from 2012 to 2014. 2006 is not measured. */
static const double absence_of_year[N_YEARS] = {0,    9.25, 9.35, 9.95, 9.70,
                                                9.45, 9.30, 9.55, 9.90};
static const double absence_effect = -0.671, gap_effect_men = -0.372,
                    gap_effect_full_time = -0.85, self_certified_effect = 0.124;
static const double share_women = 0.78, share_full_time = 0.5;

typedef struct {
    const char *name;
    double level, effect, noise;
    double reported; /* probability that a municipality has a figure at all */
} series;

static const series absence_sector[N_SECTORS] = {
    {"health", 1.3, -0.398, 2.2, 0.97},     {"administration", -2.6, -1.355, 3.0, 0.95},
    {"technical", -1.4, -0.588, 2.6, 0.57}, {"kindergarten", 1.9, -0.327, 3.6, 0.93},
    {"school", -1.0, -0.559, 2.2, 0.97},
};

static const series position_series[N_POSITIONS] = {
    {"size", 0.70, 0.00205, 0.022, 1},
    {"health", 0.65, -0.00368, 0.034, 1},
    {"administration", 0.86, 0.000531, 0.05, 1},
    {"technical", 0.78, -0.00998, 0.11, 0.86},
    {"kindergarten", 0.80, 0.0241, 0.052, 0.99},
    {"school", 0.77, -0.00246, 0.042, 1},
    {"culture", 0.58, 0.0333, 0.12, 0.97},
};

typedef struct {
    const char *code;
    int start_programme, start_absence, start_full_time; /* 0: never */
    double population, employees, women_gap, full_time_gap, absence, self_certified,
        position, unemployment, noise;
    bool has_sector[N_SECTORS], has_position[N_POSITIONS];
} municipality;

typedef struct {
    municipality *unit;
    size_t n;
    np_rng rng;
} programme;

static double normal(np_rng *rng)
{
    return qnorm(np_rng_uniform(rng), 0, 1, 1, 0);
}

static municipality *find(programme *p, const char *code)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->unit[i].code, code) == 0)
            return &p->unit[i];
    return NULL;
}

static const char *cell(const np_table *table, const char *column, size_t row,
                        char *scratch)
{
    size_t index = np_table_find(table, column);
    return index == table->n_columns
               ? ""
               : np_column_text(&table->column[index], row, scratch, 128);
}

/* The roster says who takes part and the main theme. */
static bool apply_roster(programme *p, const np_table *roster)
{
    for (size_t row = 0; row < roster->n_rows; row++) {
        char theme_text[128], cohort_text[128], codes[128], *rest = NULL;
        const char *theme = cell(roster, "theme", row, theme_text);
        int start = strcmp(cell(roster, "cohort", row, cohort_text), "1") == 0 ? COHORT_1
                                                                               : COHORT_2;
        char list[128];
        snprintf(list, sizeof list, "%s", cell(roster, "codes", row, codes));
        for (char *c = strtok_r(list, " ", &rest); c; c = strtok_r(NULL, " ", &rest)) {
            municipality *m = find(p, c);
            if (m == NULL)
                return false;
            m->start_programme = start;
            m->start_absence = strcmp(theme, "sickness-absence") == 0 ? start : 0;
            m->start_full_time = strcmp(theme, "full-time-culture") == 0 ? start : 0;
        }
    }
    return true;
}

/* The roster names main themes only; who has absence or full-time culture as
 * an additional theme is drawn among the other participants of the cohort. */
static void draw_additional(programme *p, int cohort, bool absence, size_t wanted)
{
    size_t have = 0, n_candidates = 0;
    int32_t candidate[512];
    for (size_t i = 0; i < p->n; i++) {
        const municipality *m = &p->unit[i];
        int start = absence ? m->start_absence : m->start_full_time;
        have += start != 0 && (cohort == 0 || start == cohort);
        if (start == 0 && m->start_programme != 0 &&
            (cohort == 0 || m->start_programme == cohort))
            candidate[n_candidates++] = (int32_t)i;
    }
    np_rng_shuffle(&p->rng, candidate, n_candidates);
    for (size_t i = 0; i < n_candidates && have < wanted; i++, have++) {
        municipality *m = &p->unit[candidate[i]];
        if (absence)
            m->start_absence = m->start_programme;
        else
            m->start_full_time = m->start_programme;
    }
}

/* Sizes are drawn from a log-normal; the largest go to the towns that are. */
static void draw_population(programme *p)
{
    static const char *const towns[] = {"0301", "1201", "1601", "1103", "0219", "1001",
                                        "0106", "1102", "1902", "0602", "0105", "0806"};
    static const double size[] = {520000, 262000, 181000, 130000, 118000, 85000,
                                  77000,  71000,  70000,  66000,  54000,  53000};
    for (size_t i = 0; i < p->n; i++) {
        double draw = exp(8.45 + 1.0 * normal(&p->rng));
        p->unit[i].population = fmin(fmax(draw, 200), 50000);
    }
    for (size_t i = 0; i < sizeof towns / sizeof *towns; i++) {
        municipality *m = find(p, towns[i]);
        if (m != NULL)
            m->population = size[i];
    }
}

static void draw_municipality(municipality *m, np_rng *rng)
{
    double treated = m->start_absence != 0;
    m->employees = m->population * 0.085 * exp(0.15 * normal(rng));
    m->absence = 1.1 * normal(rng) + 0.8 * treated;
    m->women_gap = -3.0 + 0.8 * normal(rng);
    m->full_time_gap = -1.0 + 0.7 * normal(rng);
    m->self_certified = 1.15 + 0.22 * normal(rng);
    m->position = 0.042 * normal(rng);
    m->unemployment = fmax(2.3 + 0.9 * normal(rng), 0.6);
    m->noise = 0.75 + 1.15 * sqrt(fmin(1500 / m->population, 2.5));
    for (size_t s = 0; s < N_SECTORS; s++)
        m->has_sector[s] = np_rng_uniform(rng) < absence_sector[s].reported;
    for (size_t s = 0; s < N_POSITIONS; s++)
        m->has_position[s] = np_rng_uniform(rng) < position_series[s].reported;
}

/* ":" where a small municipality is withheld, ".." where nothing was reported. */
static void put(double value, int decimals, double missing, double population,
                np_rng *rng)
{
    if (np_rng_uniform(rng) < missing) {
        fputs(population < 1500 ? ",:" : ",..", stdout);
        return;
    }
    printf(",%.*f", decimals, value);
}

typedef struct {
    double absence, women_gap, full_time_gap, self_certified, position;
} shocks;

static void print_absence(const municipality *m, int year, const shocks *e, np_rng *rng)
{
    double treated = m->start_absence != 0 && year >= m->start_absence;
    double small = m->population < 1500;
    double untreated = absence_of_year[year - FIRST_YEAR] + m->absence + e->absence;
    double absence = fmax(untreated + absence_effect * treated, 2.5);
    double men = m->women_gap + e->women_gap + gap_effect_men * treated;
    double full_time =
        m->full_time_gap + e->full_time_gap + gap_effect_full_time * treated;
    double self_certified = fmax(m->self_certified + 0.015 * (year - FIRST_ABSENCE_YEAR) +
                                     e->self_certified + self_certified_effect * treated,
                                 0.1);
    double out = np_rng_uniform(rng) < 0.008 + 0.03 * small;
    put(absence, 2, out, m->population, rng);
    put(absence + (1 - share_full_time) * full_time, 2, fmax(out, 0.002), m->population,
        rng);
    put(absence - share_full_time * full_time, 2, fmax(out, 0.002), m->population, rng);
    put(fmax(absence + share_women * men, 0), 2, fmax(out, 0.004 + 0.05 * small),
        m->population, rng);
    put(absence - (1 - share_women) * men, 2, out, m->population, rng);
    for (size_t s = 0; s < N_SECTORS; s++) {
        const series *sector = &absence_sector[s];
        double value = untreated + sector->level + sector->effect * treated +
                       sector->noise * 0.75 * normal(rng);
        double missing = !m->has_sector[s] ? 1 : fmax(out, 0.02 + 0.1 * small);
        put(fmax(value, 0), 2, missing, m->population, rng);
    }
    put(fmax(absence - self_certified, 0), 2, out, m->population, rng);
    put(self_certified, 2, out, m->population, rng);
}

static void print_position(const municipality *m, int year, const shocks *e, np_rng *rng)
{
    double treated = m->start_full_time != 0 && year >= m->start_full_time;
    for (size_t s = 0; s < N_POSITIONS; s++) {
        const series *p = &position_series[s];
        double value = p->level + m->position + 0.0045 * (year - FIRST_YEAR) +
                       p->effect * treated + p->noise * normal(rng) + e->position;
        put(fmin(fmax(value, 0.2), 1), 4, !m->has_position[s] ? 1 : 0.004, m->population,
            rng);
    }
}

static void print_start(int start)
{
    if (start == 0)
        fputs(",", stdout);
    else
        printf(",%d", start);
}

/* Shocks last: a first-order autoregression with coefficient 0.35. */
static double next_shock(double before, double spread, np_rng *rng)
{
    return 0.35 * before + sqrt(1 - 0.35 * 0.35) * spread * normal(rng);
}

static void print_municipality(const municipality *m, np_rng *rng)
{
    shocks e = {0};
    double growth = 0.006 + 0.007 * normal(rng);
    for (int year = FIRST_YEAR; year < FIRST_YEAR + N_YEARS; year++) {
        double unemployment = m->unemployment + 0.25 * normal(rng) +
                              (year == 2009 || year == 2010 ? 0.6 : 0);
        double population = m->population * pow(1 + growth, year - 2010);
        e.absence = next_shock(e.absence, m->noise, rng);
        e.women_gap = next_shock(e.women_gap, 1.2 * m->noise, rng);
        e.full_time_gap = next_shock(e.full_time_gap, 0.7 * m->noise, rng);
        e.self_certified = next_shock(e.self_certified, 0.24, rng);
        e.position = next_shock(e.position, 0.012, rng);
        printf("%s,%d,%.0f,%.3f,%.2f,%.0f", m->code, year, population, population / 1000,
               fmax(unemployment, 0.23), m->employees);
        if (year >= FIRST_ABSENCE_YEAR)
            print_absence(m, year, &e, rng);
        else
            for (int i = 0; i < 7 + N_SECTORS; i++)
                fputs(",..", stdout);
        print_position(m, year, &e, rng);
        print_start(m->start_absence);
        print_start(m->start_full_time);
        print_start(m->start_programme);
        printf(",%d\n", m->start_absence != 0 && m->start_full_time != 0);
    }
}

static void print_header(void)
{
    fputs("municipality,year,population,population_thousands,unemployment,employees,"
          "absence,absence_full_time,"
          "absence_part_time,absence_men,absence_women",
          stdout);
    for (size_t s = 0; s < N_SECTORS; s++)
        printf(",absence_%s", absence_sector[s].name);
    fputs(",absence_certified,absence_self_certified", stdout);
    for (size_t s = 0; s < N_POSITIONS; s++)
        printf(",position_%s", position_series[s].name);
    fputs(",start_absence,start_full_time,start_programme,both_themes\n", stdout);
}

static int simulate(const np_table *municipalities, const np_table *roster, uint64_t seed,
                    np_arena *arena)
{
    programme p = {.n = municipalities->n_rows, .rng = np_rng_stream(seed, 0)};
    p.unit = np_arena_array(arena, municipality, p.n);
    if (p.unit == NULL)
        return 2;
    for (size_t i = 0; i < p.n; i++) {
        char scratch[128];
        const char *code = cell(municipalities, "code", i, scratch);
        p.unit[i].code = np_arena_copy_text(arena, code, strlen(code));
    }
    if (!apply_roster(&p, roster)) {
        fputs("simulate-sammen: the roster has a code that is no municipality\n", stderr);
        return 2;
    }
    draw_additional(&p, COHORT_1, true, N_ABSENCE_1);
    draw_additional(&p, COHORT_2, true, N_ABSENCE_2);
    draw_additional(&p, 0, false, N_FULL_TIME);
    draw_population(&p);
    print_header();
    for (size_t i = 0; i < p.n; i++) {
        np_rng rng = np_rng_stream(seed, i + 1);
        draw_municipality(&p.unit[i], &rng);
        print_municipality(&p.unit[i], &rng);
    }
    return 0;
}

int main(int argc, char *argv[])
{
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    np_csv municipalities, roster;
    const char *code_as_text[] = {"code"}, *cohort_as_text[] = {"codes", "cohort"};
    np_csv_spec codes = {.text_columns = code_as_text, .n_text_columns = 1};
    np_csv_spec cohorts = {.text_columns = cohort_as_text, .n_text_columns = 2};
    int64_t seed = DEFAULT_SEED;
    int code = 2;
    if (argc < 3 || argc > 4 ||
        (argc == 4 && !np_integer_parse(&seed, argv[3], strlen(argv[3])))) {
        fputs("usage: simulate-sammen MUNICIPALITIES.csv ROSTER.csv [SEED]\n", stderr);
    } else if (np_csv_read(&municipalities, argv[1], &codes, arena, &err) != NP_OK ||
               np_csv_read(&roster, argv[2], &cohorts, arena, &err) != NP_OK) {
        char line[512];
        np_error_format(&err, line, sizeof line);
        fprintf(stderr, "simulate-sammen: %s\n", line);
    } else {
        code = simulate(&municipalities.table, &roster.table, (uint64_t)seed, arena);
    }
    np_arena_free(arena);
    return code;
}
