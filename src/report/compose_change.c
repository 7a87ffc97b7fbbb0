/* The chapter of a question asked by change scores: before, after and change side
 * by side, unweighted and weighted. */
#include <math.h>
#include <string.h>

#include "report/compose.h"
#include "report/number.h"

enum { MOST_ROWS = 256, N_CELLS = 6 };

static const char *const stars[] = {"", "*", "**", "***"};

/* One row of a table: the effects of one scope, by weighting and dependent. */
typedef struct {
    const np_effect *first;
    const np_effect *cell[N_CELLS]; /* unweighted before, after, change; weighted … */
} effect_row;

static size_t cell_of(const np_effect *e)
{
    size_t dependent = e->dependent == NP_DEPENDENT_BEFORE  ? 0
                       : e->dependent == NP_DEPENDENT_AFTER ? 1
                                                            : 2;
    return (e->weighted ? 3 : 0) + dependent;
}

static bool same_row(const np_effect *a, const np_effect *b)
{
    return a->scope == b->scope && a->informants == b->informants &&
           strcmp(a->scope_id, b->scope_id) == 0 && strcmp(a->group_id, b->group_id) == 0;
}

static size_t rows_of(const np_question_result *q, np_estimator estimator,
                      effect_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n_effects; i++) {
        const np_effect *e = &q->effect[i];
        size_t at = 0;
        if (e->estimator != estimator)
            continue;
        while (at < n && !same_row(row[at].first, e))
            at++;
        if (at == MOST_ROWS)
            continue;
        if (at == n)
            row[n++] = (effect_row){.first = e};
        row[at].cell[cell_of(e)] = e;
    }
    return n;
}

/* Which of the six columns have anything. */
static size_t columns_of(const effect_row *row, size_t n, size_t *column)
{
    size_t n_columns = 0;
    for (size_t j = 0; j < N_CELLS; j++) {
        bool any = false;
        for (size_t i = 0; i < n; i++)
            any = any || row[i].cell[j] != NULL;
        if (any)
            column[n_columns++] = j;
    }
    return n_columns;
}

static void head_of(np_table_builder *b, const size_t *column, size_t n_columns,
                    const char *last)
{
    static const char *const dependent[] = {N_("Before"), N_("After"), N_("Change")};
    size_t n_plain = 0;
    while (n_plain < n_columns && column[n_plain] < 3)
        n_plain++;
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    if (n_plain > 0)
        np_table_builder_span(b, _("Unweighted"), (unsigned)n_plain);
    if (n_columns > n_plain)
        np_table_builder_span(b, _("Weighted"), (unsigned)(n_columns - n_plain));
    np_table_builder_cell(b, "");
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    for (size_t j = 0; j < n_columns; j++)
        np_table_builder_cell(b, np_translate(dependent[column[j] % 3]));
    np_table_builder_cell(b, last);
}

static void estimate_cell(np_composer *c, np_table_builder *b, const np_effect *e)
{
    if (e == NULL)
        np_table_builder_cell(b, "");
    else if (e->refused != NULL || isnan(e->estimate))
        np_table_builder_cell(b, "..");
    else
        np_table_builder_number(b,
                                np_say_format(c, "%s%s", np_say_effect(c, e->estimate),
                                              stars[e->stars > 3 ? 3 : e->stars]),
                                e->estimate);
}

typedef enum { T_VALUE = 0, STD_ERROR, LOW, HIGH, P_VALUE } detail;

static const char *const detail_title[] = {N_("t value"), N_("Std. error"), N_("CI from"),
                                           N_("CI to"), N_("p value")};

static void detail_cell(np_composer *c, np_table_builder *b, const np_effect *e, detail d)
{
    if (e == NULL || e->refused != NULL || isnan(e->statistic)) {
        np_table_builder_cell(b, "");
        return;
    }
    const double value[] = {e->statistic, e->std_error, e->conf_low, e->conf_high,
                            e->p_value};
    const char *text =
        d == T_VALUE   ? np_say_format(c, "(%s)",
                                       np_number_fixed(c->arena, value[d], 2, c->language))
        : d == P_VALUE ? np_number_p(c->arena, value[d], c->language)
                       : np_say_effect(c, value[d]);
    np_table_builder_number(b, text, value[d]);
}

static void constant_row(np_composer *c, np_table_builder *b, const effect_row *row,
                         const size_t *column, size_t n_columns)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, _("Others (constant)"), 0);
    for (size_t j = 0; j < n_columns; j++) {
        const np_effect *e = row->cell[column[j]];
        if (e == NULL || isnan(e->constant))
            np_table_builder_cell(b, "");
        else
            np_table_builder_number(b, np_say_effect(c, e->constant), e->constant);
    }
    np_table_builder_number(b, np_say_count(c, row->first->n_comparison),
                            (double)row->first->n_comparison);
}

static void effect_rows(np_composer *c, np_table_builder *b, const effect_row *row,
                        const size_t *column, size_t n_columns, const char *label,
                        unsigned indent)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, label, indent);
    for (size_t j = 0; j < n_columns; j++)
        estimate_cell(c, b, row->cell[column[j]]);
    np_table_builder_number(b, np_say_count(c, row->first->n_treated),
                            (double)row->first->n_treated);
    /* what a sentence says of an effect stands in the table */
    detail last = row->first->scope == NP_SCOPE_ALL ? P_VALUE : T_VALUE;
    for (detail d = T_VALUE; d <= last; d++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, np_translate(detail_title[d]), indent + 1);
        for (size_t j = 0; j < n_columns; j++)
            detail_cell(c, b, row->cell[column[j]], d);
        np_table_builder_cell(b, "");
    }
}

static const char *row_label(np_composer *c, const np_effect *e)
{
    if (e->scope == NP_SCOPE_ALL)
        return _("Participants, difference from others");
    return np_say_scope(c, e);
}

/* Tables of one estimator with the same layout; attributes share their constant. */
static void change_table(np_composer *c, np_estimator estimator, const char *id,
                         const char *title, bool constant)
{
    effect_row *row = np_arena_array(c->arena, effect_row, MOST_ROWS);
    size_t column[N_CELLS];
    const char *group = "";
    if (row == NULL) {
        c->doc->failed = true;
        return;
    }
    size_t n = rows_of(c->question, estimator, row);
    size_t n_columns = columns_of(row, n, column);
    if (n == 0 || n_columns == 0)
        return;
    np_table_builder *b = np_table_builder_new(c->arena, id, title, n_columns + 2);
    head_of(b, column, n_columns, _("Units"));
    if (constant)
        constant_row(c, b, &row[0], column, n_columns);
    for (size_t i = 0; i < n; i++) {
        const char *own = np_say_local(c, &row[i].first->group_label);
        bool grouped = row[i].first->scope != NP_SCOPE_ALL && *own != '\0';
        if (grouped && strcmp(own, group) != 0) {
            np_table_builder_rule(b);
            np_table_builder_row(b);
            np_table_builder_row_header(b, own, 0);
        }
        group = grouped ? own : "";
        effect_rows(c, b, &row[i], column, n_columns, row_label(c, row[i].first),
                    grouped);
    }
    np_compose_common_notes(c, b, row[0].first);
    if (column[n_columns - 1] >= 3)
        np_table_builder_note(b, _("Weighted by %s."),
                              np_say_column(c, c->question->weights));
    for (size_t i = 0; i < n; i++)
        if (row[i].first->refused != NULL)
            np_table_builder_note(b, _("%s is not estimated: %s."),
                                  row_label(c, row[i].first),
                                  row[i].first->refused->message);
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

static const char *term_label(const char *term)
{
    if (strcmp(term, "(Intercept)") == 0)
        return _("Constant");
    if (strcmp(term, "before") == 0)
        return _("Level before");
    if (strcmp(term, "log_size") == 0)
        return _("ln(size)");
    return term;
}

static void model_cells(np_composer *c, np_table_builder *b,
                        const np_model *const model[2], const char *term, bool t_value)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, t_value ? _("t value") : term_label(term), t_value);
    for (int j = 0; j < 2; j++) {
        const np_estimates *e = model[j] == NULL ? NULL : &model[j]->estimates;
        size_t at = e == NULL ? 0 : np_estimates_find(e, term);
        if (e == NULL || at == e->k) {
            np_table_builder_cell(b, "");
            continue;
        }
        double value = t_value ? e->statistic[at] : e->estimate[at];
        const char *text =
            t_value ? np_say_format(c, "(%s)",
                                    np_number_fixed(c->arena, value, 2, c->language))
                    : np_number_significant(c->arena, value, 3, c->language);
        np_table_builder_number(b, text, value);
    }
}

static void model_sizes(np_composer *c, np_table_builder *b,
                        const np_model *const model[2])
{
    np_table_builder_rule(b);
    np_table_builder_row(b);
    np_table_builder_row_header(b, "N", 0);
    for (int j = 0; j < 2; j++) {
        if (model[j] == NULL)
            np_table_builder_cell(b, "");
        else
            np_table_builder_number(b, np_say_count(c, model[j]->estimates.n),
                                    (double)model[j]->estimates.n);
    }
    np_table_builder_row(b);
    np_table_builder_row_header(b, "R\xc2\xb2", 0);
    for (int j = 0; j < 2; j++) {
        double r2 =
            model[j] == NULL ? NAN : np_estimates_stat(&model[j]->estimates, "r2");
        if (isnan(r2))
            np_table_builder_cell(b, "");
        else
            np_table_builder_number(
                b, np_number_significant(c->arena, r2, 3, c->language), r2);
    }
}

static void ranking_models(np_composer *c, const np_ranking *r)
{
    const np_model *const model[2] = {r->unweighted, r->weighted};
    const np_model *first = model[0] != NULL ? model[0] : model[1];
    if (first == NULL)
        return;
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "improved"),
        np_say_format(c,
                      _("%s: change explained by initial level and size, among "
                        "participants that improved"),
                      c->outcome),
        3);
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    np_table_builder_cell(b, _("Unweighted"));
    np_table_builder_cell(b, _("Weighted"));
    for (size_t k = 0; k < first->estimates.k; k++) {
        model_cells(c, b, model, first->estimates.term[k], false);
        model_cells(c, b, model, first->estimates.term[k], true);
    }
    model_sizes(c, b, model);
    np_compose_common_notes(c, b, NULL);
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

static void ranking_table(np_composer *c, const np_ranking *r)
{
    static const char *const head[] = {N_("Before"), N_("Change"), N_("Expected change"),
                                       N_("Corrected change")};
    size_t n = r->n_listed;
    if (n == 0)
        return;
    np_table_builder *b = np_table_builder_new(
        c->arena, np_compose_id(c, "table", "ranking"),
        np_say_format(c,
                      _("%s: participants that improved most, corrected for initial "
                        "level and size"),
                      c->outcome),
        5);
    np_table_builder_head(b);
    np_table_builder_cell(b, np_say_unit(c));
    for (size_t j = 0; j < 4; j++)
        np_table_builder_cell(b, np_translate(head[j]));
    for (size_t i = 0; i < n && i < r->n; i++) {
        const np_ranked_unit *u = &r->unit[i];
        const double value[] = {u->before, u->change, u->predicted, u->residual};
        np_table_builder_row(b);
        np_table_builder_row_header(b, u->unit, 0);
        for (size_t j = 0; j < 4; j++)
            np_table_builder_number(b, np_say_level(c, value[j]), value[j]);
    }
    np_compose_common_notes(c, b, NULL);
    np_table_builder_note(b,
                          _("Listed: improved by at least %s. Corrected change is the "
                            "change less what level and size let expect."),
                          np_say_level(c, r->threshold));
    np_doc_add_table(c->doc, np_table_builder_done(b));
}

typedef struct {
    np_estimator estimator;
    const char *part, *title; /* title: msgid with one %s */
    bool constant;
} change_part;

static void effect_tables(np_composer *c)
{
    static const change_part part[] = {
        {NP_ESTIMATOR_DIFFERENCE, "effects", N_("%s: participants and others"), true},
        {NP_ESTIMATOR_CONTRASTS, "contrasts", N_("%s: kinds of participants and others"),
         true},
        {NP_ESTIMATOR_ATTRIBUTE, "attributes",
         N_("%s: participants with an attribute and others, one equation each"), true},
        {NP_ESTIMATOR_GRADE, "grades", N_("%s: per grade among participants"), false},
        {NP_ESTIMATOR_UNIT_PANEL, "units", N_("%s: units with partial exposure"), false},
    };
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        np_buf title = {0};
        np_buf_format(&title, np_translate(part[i].title), c->outcome);
        const char *text = np_buf_done(&title);
        if (text == NULL)
            c->doc->failed = true;
        else
            change_table(c, part[i].estimator, np_compose_id(c, "table", part[i].part),
                         text, part[i].constant);
        np_buf_free(&title);
    }
}

void np_compose_change(np_composer *c)
{
    const np_question_result *q = c->question;
    const np_effect *primary = np_primary_effect(q);
    if (q->n_series > 0) {
        np_doc_add_heading(c->doc, 2, np_compose_id(c, "development", ""),
                           _("Development"));
        np_compose_development(c);
    }
    np_doc_add_heading(c->doc, 2, np_compose_id(c, "effect", ""), _("Effect"));
    for (size_t i = 0; i < q->n_effects; i++)
        if (q->effect[i].scope == NP_SCOPE_ALL && np_is_primary_kind(q, &q->effect[i]) &&
            (q->effect[i].estimator == NP_ESTIMATOR_DIFFERENCE ||
             &q->effect[i] == primary))
            np_compose_effect_sentence(c, NP_DOC_PARAGRAPH, &q->effect[i]);
    effect_tables(c);
    if (q->ranking != NULL) {
        ranking_models(c, q->ranking);
        ranking_table(c, q->ranking);
    }
    np_compose_caveats(c, q->caveat, q->n_caveats);
}
