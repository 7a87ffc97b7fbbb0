#include "sample_result.h"

#include <math.h>

#define TEXT(nb, nn, en)                                                                 \
    {                                                                                    \
        {                                                                                \
            [NP_BOKMAAL] = (nb), [NP_NYNORSK] = (nn), [NP_ENGLISH] = (en)                \
        }                                                                                \
    }
#define N_OF(array) (sizeof(array) / sizeof *(array))

static const char *const absent[] = {"Utsira", "Modalen"};
static const np_left_out missing[] = {
    {.reason = "missing outcome", .n_rows = 3, .n_units = 2, .unit = absent}};
static const np_left_out always[] = {{.reason = "cohorts that the question leaves out",
                                      .n_rows = 8,
                                      .n_units = 1,
                                      .unit = absent}};

static const np_test pre_trend = {.name = "wald",
                                  .title = "Wald test",
                                  .detail = "",
                                  .distribution = "F",
                                  .statistic = 0.523,
                                  .df1 = 3,
                                  .df2 = 344,
                                  .p_value = 0.667};

static const np_quantity level_values[] = {
    {.name = "participants", .kind = NP_QUANTITY_OUTCOME, .number = 9.95},
    {.name = "others", .kind = NP_QUANTITY_OUTCOME, .number = 9.04},
    {.name = "difference", .kind = NP_QUANTITY_OUTCOME, .number = 0.91},
    {.name = "t", .kind = NP_QUANTITY_STATISTIC, .number = 3.71},
    {.name = "p", .kind = NP_QUANTITY_P, .number = 0.0004}};
static const np_quantity alone_values[] = {
    {.name = "unit", .kind = NP_QUANTITY_TEXT, .text = "Utsira"},
    {.name = "start", .kind = NP_QUANTITY_PERIOD, .number = 2012}};
static const np_caveat caveat[] = {
    {.kind = NP_CAVEAT_SELECTION_ON_LEVEL,
     .statement = {.text = "Participants did not start where the others did: their mean "
                           "before was {participants}, the others' {others}, a "
                           "difference of {difference} (t = {t}, p {p}).",
                   .value = level_values,
                   .n_values = 5}},
    {.kind = NP_CAVEAT_ONE_UNIT_COHORT,
     .statement = {.text = "{unit} alone started in {start}: what happened there cannot "
                           "be told from what the programme did.",
                   .value = alone_values,
                   .n_values = 2},
     .unit = absent,
     .n_units = 1}};

static const np_error refused = {.status = NP_E_NOT_IDENTIFIED,
                                 .message = "the outcome is constant"};

#define FIXED_ASSUMPTION                                                                 \
    "Without the programme, the participants' outcome would have changed from period "   \
    "to period as that of the others did, at given controls; the effect is the same in " \
    "all cohorts and in all periods from the start on. What is constant in each unit "   \
    "drops out."

#define DID(name, est, how, lab, se, star, pval)                                         \
    .id = (name), .estimator = (how), .dependent = NP_DEPENDENT_LEVEL, .weights = "",    \
    .outcome = "absence", .term = "post", .estimate = (est), .std_error = (se),          \
    .statistic = (est) / (se), .p_value = (pval), .p_two_sided = (pval),                 \
    .p_adjusted = (pval)*2 < 1 ? (pval)*2 : 1, .conf_low = (est)-1.966 * (se),           \
    .conf_high = (est) + 1.966 * (se), .conf_level = 0.95, .stars = (star),              \
    .significant = (pval)*2 < 0.05, .constant = NAN, .constant_std_error = NAN,          \
    .r2_within = 0.0311, .r2_between = 0.00715, .r2_overall = 0.00595, .r2 = NAN,        \
    .mean_before = 9.93, .n = 3371, .n_units = 428, .n_treated = 27,                     \
    .n_comparison = 318, .n_clusters = 345, .n_treated_clusters = 27,                    \
    .obs_per_unit = 7.876, .left_out = missing, .n_left_out = 1,                         \
    .formula = "absence ~ post + population + unemployment | municipality + year",       \
    .vcov_label = "clustered by municipality (345 clusters)",                            \
    .ssc_label = "K.adj=TRUE, K.fixef=nonnested, G.adj=TRUE, G.df=min, t.df=min",        \
    .assumption = {.text = FIXED_ASSUMPTION}, .label = lab

#define EMPTY TEXT(NULL, NULL, NULL)
static const np_effect effects[] = {
    {DID("a/fe", -0.67123, NP_ESTIMATOR_TWO_WAY, EMPTY, 0.198, 3, 0.00078),
     .scope = NP_SCOPE_ALL, .group_id = "", .scope_id = "", .cohort = NAN,
     .model_index = 0},
    {DID("a/re", -0.63817, NP_ESTIMATOR_RANDOM, EMPTY, 0.195, 3, 0.00114),
     .scope = NP_SCOPE_ALL, .group_id = "", .scope_id = "", .cohort = NAN,
     .model_index = 1},
    {DID("a/2011/fe", -0.7201, NP_ESTIMATOR_TWO_WAY,
         TEXT("Pulje 1", "Pulje 1", "Cohort 1"), 0.21, 3, 0.0007),
     .scope = NP_SCOPE_COHORT, .group_id = "", .scope_id = "2011", .cohort = 2011,
     .model_index = 2},
    {DID("a/2012/fe", -0.512, NP_ESTIMATOR_TWO_WAY, EMPTY, 0.41, 0, 0.213),
     .scope = NP_SCOPE_COHORT, .group_id = "", .scope_id = "2012", .cohort = 2012,
     .model_index = 3},
    {DID("a/men/fe", -0.96, NP_ESTIMATOR_TWO_WAY, TEXT("Menn", "Menn", "Men"), 0.293, 3,
         0.0011),
     .scope = NP_SCOPE_SUBGROUP, .group_id = "sex", .scope_id = "men",
     .group_label = TEXT("Kjønn", "Kjønn", "Sex"), .cohort = NAN, .model_index = 4},
    {DID("a/women/fe", -0.3052, NP_ESTIMATOR_TWO_WAY, TEXT("Kvinner", "Kvinner", "Women"),
         0.228, 0, 0.181),
     .scope = NP_SCOPE_SUBGROUP, .group_id = "sex", .scope_id = "women",
     .group_label = TEXT("Kjønn", "Kjønn", "Sex"), .cohort = NAN, .model_index = 5},
    {DID("a/culture/fe", NAN, NP_ESTIMATOR_TWO_WAY, TEXT("Kultur", "Kultur", "Culture"),
         NAN, 0, NAN),
     .scope = NP_SCOPE_SUBGROUP, .group_id = "sector", .scope_id = "culture",
     .group_label = TEXT("Sektor", "Sektor", "Sector"), .cohort = NAN,
     .refused = &refused, .model_index = 9},
};

static const np_event_point point[] = {
    {.event_time = -3,
     .estimate = 0.12,
     .std_error = 0.27,
     .p_value = 0.657,
     .conf_low = -0.411,
     .conf_high = 0.651,
     .binned_low = true,
     .n_treated = 27},
    {.event_time = -2,
     .estimate = 0.0804,
     .std_error = 0.22,
     .p_value = 0.715,
     .conf_low = -0.353,
     .conf_high = 0.513,
     .n_treated = 27},
    {.event_time = -1,
     .estimate = 0,
     .std_error = NAN,
     .p_value = NAN,
     .conf_low = NAN,
     .conf_high = NAN,
     .reference = true,
     .n_treated = 27},
    {.event_time = 0,
     .estimate = -0.3499,
     .std_error = 0.21,
     .p_value = 0.096,
     .conf_low = -0.763,
     .conf_high = 0.063,
     .n_treated = 27},
    {.event_time = 1,
     .estimate = -0.58,
     .std_error = 0.24,
     .p_value = 0.016,
     .conf_low = -1.052,
     .conf_high = -0.108,
     .n_treated = 27},
    {.event_time = 2,
     .estimate = -0.9105,
     .std_error = 0.27,
     .p_value = 0.0008,
     .conf_low = -1.441,
     .conf_high = -0.38,
     .n_treated = 20},
};
static const np_event_study event_study[] = {{.effect = &effects[0],
                                              .point = point,
                                              .n_points = N_OF(point),
                                              .pre_trend = &pre_trend}};

enum { N_YEARS = 6 };
static const double year[N_YEARS] = {2009, 2010, 2011, 2012, 2013, 2014};
static const double first[] = {10.2, 9.9, 9.5, 9.1, 8.9, 8.8};
static const double second[] = {10.4, 10.1, 10.0, 9.4, 9.2, 9.3};
static const double all[] = {10.25, 9.95, 9.63, 9.18, 8.98, 8.93};
static const double others[] = {9.3, 9.0, 8.9, 9.0, 9.3, 9.6};
static const double expected[] = {9.95, 9.85, 9.95, 10.25, 10.55};
static const double expected_first[] = {9.9, 9.8, 9.9, 10.2, 10.5};
static const double expected_second[] = {10.0, 10.1, 10.4, 10.7};
static const size_t units_first[] = {20, 20, 20, 20, 20, 20};
static const size_t units_second[] = {7, 7, 7, 7, 7, 7};
static const size_t units_all[] = {27, 27, 27, 27, 27, 27};
static const size_t units_others[] = {318, 318, 317, 318, 318, 318};
static const size_t none[N_YEARS] = {0};

static const np_series series[] = {
    {NP_SERIES_PARTICIPANTS, NAN, EMPTY, N_YEARS, year, all, units_all},
    {NP_SERIES_COHORT, 2011, TEXT("Pulje 1", "Pulje 1", "Cohort 1"), N_YEARS, year, first,
     units_first},
    {NP_SERIES_COHORT, 2012, EMPTY, N_YEARS, year, second, units_second},
    {NP_SERIES_OTHERS, NAN, EMPTY, N_YEARS, year, others, units_others},
    {NP_SERIES_EXPECTED, NAN, EMPTY, 5, year + 1, expected, none},
    {NP_SERIES_EXPECTED_COHORT, 2011, TEXT("Pulje 1", "Pulje 1", "Cohort 1"), 5, year + 1,
     expected_first, none},
    {NP_SERIES_EXPECTED_COHORT, 2012, EMPTY, 4, year + 2, expected_second, none},
};
static const double start[] = {2011, 2012};
static const np_localised start_label[] = {TEXT("Pulje 1", "Pulje 1", "Cohort 1"), EMPTY};
static const size_t start_units[] = {20, 7};
#define SET(name, group, scope, weight, glabel, slabel)                                  \
    {                                                                                    \
        .id = (name), .group_id = (group), .scope_id = (scope), .group_label = glabel,   \
        .label = slabel, .outcome = "absence", .weights = (weight), .series = series,    \
        .n_series = N_OF(series), .start = start, .start_label = start_label,            \
        .start_units = start_units, .n_starts = 2                                        \
    }
static const np_series_set sets[] = {
    SET("a", "", "", "", EMPTY, EMPTY),
    SET("a", "", "", "population", EMPTY, EMPTY),
    SET("a/men", "sex", "men", "population", TEXT("kjønn", "kjønn", "sex"),
        TEXT("Menn", "Menn", "Men")),
    SET("a/women", "sex", "women", "population", TEXT("kjønn", "kjønn", "sex"),
        TEXT("Kvinner", "Kvinner", "Women")),
};

#define CHANGE(est, se, base, dep, heavy, star)                                          \
    .id = "c", .dependent = (dep), .weighted = (heavy),                                  \
    .weights = (heavy) ? "employees" : "", .outcome = "absence", .term = "participant",  \
    .estimate = (est), .std_error = (se), .statistic = (est) / (se), .p_value = 0.031,   \
    .p_two_sided = 0.062, .p_adjusted = 0.031, .conf_low = (est)-1.966 * (se),           \
    .conf_high = (est) + 1.966 * (se), .conf_level = 0.95, .stars = (star),              \
    .significant = (star) > 0, .constant = (base), .constant_std_error = 0.1,            \
    .r2_within = NAN, .r2_between = NAN, .r2_overall = NAN, .r2 = 0.02,                  \
    .mean_before = 8.4, .n = 391, .n_units = 391, .n_treated = 99, .n_comparison = 292,  \
    .n_clusters = 0, .obs_per_unit = 1, .formula = "change ~ participant",               \
    .vcov_label = "iid", .ssc_label = "", .cohort = NAN,                                 \
    .assumption = {.text =                                                               \
                       "Without the programme, the participants' outcome would have "    \
                       "changed by as much between the windows as the others' did."}
#define ALL_OF_THEM                                                                      \
    .estimator = NP_ESTIMATOR_DIFFERENCE, .scope = NP_SCOPE_ALL, .group_id = "",         \
    .scope_id = "", .model_index = 6
#define LEADERS                                                                          \
    .estimator = NP_ESTIMATOR_ATTRIBUTE, .scope = NP_SCOPE_ATTRIBUTE, .group_id = "",    \
    .scope_id = "leaders",                                                               \
    .label = TEXT("Lederopplæring", "Leiaropplæring", "Leadership training"),            \
    .model_index = 7
static const np_effect changes[] = {
    {CHANGE(1.36, 0.31, 8.41, NP_DEPENDENT_BEFORE, false, 2), ALL_OF_THEM},
    {CHANGE(1.09, 0.3, 8.9, NP_DEPENDENT_AFTER, false, 2), ALL_OF_THEM},
    {CHANGE(-0.27, 0.145, 0.49, NP_DEPENDENT_CHANGE, false, 1), ALL_OF_THEM},
    {CHANGE(-0.05, 0.11, 0.31, NP_DEPENDENT_CHANGE, true, 0), ALL_OF_THEM},
    {CHANGE(-0.42, 0.22, 0.49, NP_DEPENDENT_CHANGE, false, 1), LEADERS},
    {CHANGE(-0.11, 0.2, 0.31, NP_DEPENDENT_CHANGE, true, 0), LEADERS},
};
static const np_ranked_unit ranked[] = {
    {"Dovre", 9.31, -3.02, -1.11, -1.91, 240, true},
    {"Halden", 11.02, -2.4, -1.52, -0.88, 2100, true},
    {"Bø", 8.1, -0.8, -0.9, 0.1, 400, false},
};
static const np_ranking ranking = {.n = 3, .unit = ranked, .n_listed = 2, .threshold = 2};

static const double cohort[] = {2011, 2012};
static const char *const control[] = {"population", "unemployment"};
static const double before[] = {2009, 2010}, after[] = {2012};
static const char *const window[] = {"4.06-3.07", "4.07-3.08", "3.08-2.09"};

static const np_question_result question[] = {
    {.id = "absence",
     .title = TEXT("Gikk sykefraværet ned?", "Gjekk sjukefråværet ned?",
                   "Did sickness absence fall?"),
     .criterion = "effectiveness",
     .design = NP_DESIGN_PANEL_DID,
     .unit = "municipality",
     .time = "year",
     .outcome = "absence",
     .participants = "start",
     .weights = "",
     .cluster = "municipality",
     .control = control,
     .n_controls = 2,
     .outcome_label = TEXT("Sykefravær", "Sjukefråvær", "Sickness absence"),
     .uom = TEXT("prosent", "prosent", "per cent"),
     .unit_label = TEXT("kommune", "kommune", "municipality"),
     .lower_is_better = true,
     .comparison_filter = "themes = 0",
     .decision = {.level = 0.05, .multiplicity = "holm", .stars = {0.1, 0.05, 0.01}},
     .n_rows = 3374,
     .n_units = 428,
     .n_treated = 27,
     .n_comparison = 318,
     .n_periods = N_YEARS,
     .first_period = 2009,
     .last_period = 2014,
     .cohort = cohort,
     .cohort_label = start_label,
     .cohort_units = start_units,
     .n_cohorts = 2,
     .left_out = always,
     .n_left_out = 1,
     .effect = effects,
     .n_effects = N_OF(effects),
     .event_study = event_study,
     .n_event_studies = 1,
     .series = sets,
     .n_series = N_OF(sets),
     .caveat = caveat,
     .n_caveats = N_OF(caveat)},
    {.id = "change",
     .title = TEXT("Endret sykefraværet seg mer?", "Endra sjukefråværet seg meir?",
                   "Did absence change more?"),
     .criterion = "impact",
     .design = NP_DESIGN_CHANGE_SCORES,
     .unit = "municipality",
     .time = "window",
     .outcome = "absence",
     .participants = "start",
     .weights = "employees",
     .cluster = "",
     .outcome_label = TEXT("Sykefravær", "Sjukefråvær", "Sickness absence"),
     .uom = TEXT("prosent", "prosent", "per cent"),
     .unit_label = TEXT("kommune", "kommune", "municipality"),
     .lower_is_better = true,
     .comparison_filter = "",
     .before = before,
     .after = after,
     .n_before = 2,
     .n_after = 1,
     .window = window,
     .decision = {.level = 0.05,
                  .one_sided = true,
                  .multiplicity = "none",
                  .stars = {0.05, 0.01, 0}},
     .n_rows = 1173,
     .n_units = 391,
     .n_treated = 99,
     .n_comparison = 292,
     .n_periods = 3,
     .first_period = 2009,
     .last_period = 2012,
     .cohort = cohort,
     .cohort_label = start_label,
     .cohort_units = start_units,
     .n_cohorts = 2,
     .effect = changes,
     .n_effects = N_OF(changes),
     .ranking = &ranking},
};

static const np_fact fact[] = {
    {TEXT("Periode", "Periode", "Period"), TEXT("2011–2015", "2011–2015", "2011–2015"),
     TEXT("Sluttrapporten", "Sluttrapporten", "The final report")}};
static const np_data_note note[] = {
    {TEXT("Registerdataene i denne rapporten er simulert.",
          "Registerdataa i denne rapporten er simulerte.",
          "The register data in this report are simulated."),
     true}};
static const np_data_file file[] = {
    {.path = "data/register.csv",
     .sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     .n_bytes = 1000,
     .n_rows = 3852,
     .n_columns = 31,
     .separator = ',',
     .decimal = '.',
     .encoding = "UTF-8"}};
static const char *const model_id[] = {"absence/two-way-fixed-effects",
                                       "absence/random-effects",
                                       "absence/2011",
                                       "absence/2012",
                                       "absence/men",
                                       "absence/women",
                                       "change/difference",
                                       "change/leaders"};
static const np_language language[] = {NP_BOKMAAL, NP_NYNORSK, NP_ENGLISH};

static const np_evaluation evaluation = {
    .title = TEXT("Virket programmet?", "Verka programmet?", "Did the programme work?"),
    .subtitle = TEXT("Sykefravær 2009–2014", "Sjukefråvær 2009–2014",
                     "Sickness absence 2009–2014"),
    .programme = TEXT("Prøveprogrammet", "Prøveprogrammet", "The test programme"),
    .language = language,
    .n_languages = 3,
    .fact = fact,
    .n_facts = 1,
    .note = note,
    .n_notes = 1,
    .simulated = true,
    .version = "0.1.0",
    .date = "",
    .plan_path = "evaluation.yaml",
    .plan_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    .file = file,
    .n_files = 1,
    .question = question,
    .n_questions = 2,
    .model_id = model_id,
    .n_models = N_OF(model_id),
};

const np_evaluation *sample_result(void)
{
    return &evaluation;
}
