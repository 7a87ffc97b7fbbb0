#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/design_internal.h"

/* Wider models than this are a mistake, and their covariance would not fit. */
enum { MOST_COLUMNS = 1 << 20, MOST_DEGREE = 20 };

typedef enum {
    PIECE_NUMBER = 0,
    PIECE_POLYNOMIAL,
    PIECE_CATEGORY,
    PIECE_EVENT,
    PIECE_SUNAB
} piece_kind;

/* One distinct variable of the terms. */
typedef struct {
    piece_kind kind;
    const np_expr *e;
    const char *name;
    np_formula_value value;
    np_event_term *event;
    np_sunab_term *sunab;
    /* after the rows are settled */
    bool ready;
    const double *x;         /* NUMBER [n] */
    const double **column;   /* POLYNOMIAL [n_columns] of [n] */
    size_t n_columns;        /* POLYNOMIAL: its degree; CATEGORY: levels */
    const int32_t *code;     /* CATEGORY [n] */
    const char **level_name; /* CATEGORY [n_columns] name and level */
    const double *level;     /* CATEGORY of numbers [n_columns]; NULL */
} piece;

struct np_term_set {
    np_design_builder *b;
    const np_terms *terms;
    piece *piece; /* [terms->n_factors] */
    /* what is built */
    np_block *block;
    size_t n_blocks, block_capacity;
    const char **term;
    size_t k, term_capacity;
};

static bool is_categorical(const np_formula_value *value)
{
    return !value->is_scalar && (value->is_factor || value->kind == NP_FORMULA_TEXT ||
                                 value->kind == NP_FORMULA_LOGICAL);
}

static np_status piece_degree(np_design_builder *b, piece *p)
{
    int64_t degree = 1;
    size_t n = 0;
    const np_expr *which = np_expr_argument(p->e, "degree", 1);
    if (which != NULL &&
        (!np_expr_integers(which, &degree, &n, 1) || degree < 1 || degree > MOST_DEGREE))
        return np_expr_fail(b->err, NP_E_PARSE, which,
                            _("the degree of poly() is a whole number from 1 to %d"),
                            MOST_DEGREE);
    p->n_columns = (size_t)degree;
    return NP_OK;
}

static np_status piece_new(np_design_builder *b, piece *p, const np_expr *e)
{
    const np_expr *variable = e;
    *p = (piece){.e = e, .name = np_expr_text(e, b->arena)};
    if (p->name == NULL)
        return np_builder_no_memory(b);
    if (np_expr_is_call(e, "i")) {
        p->kind = PIECE_EVENT;
        return np_event_term_new(&p->event, b, e);
    }
    if (np_expr_is_call(e, "sunab") || np_expr_is_call(e, "sunab_att")) {
        p->kind = PIECE_SUNAB;
        return np_sunab_term_new(&p->sunab, b, e);
    }
    if (np_expr_is_call(e, "poly")) {
        p->kind = PIECE_POLYNOMIAL;
        if (e->n == 0)
            return np_expr_fail(b->err, NP_E_PARSE, e,
                                _("poly() takes a variable and a degree"));
        np_status status = piece_degree(b, p);
        if (status != NP_OK)
            return status;
        variable = e->argument[0];
    }
    np_status status = np_evaluate(&p->value, &b->v, variable);
    if (status != NP_OK)
        return status;
    if (p->kind == PIECE_NUMBER && is_categorical(&p->value))
        p->kind = PIECE_CATEGORY;
    else if (p->value.is_scalar && p->value.kind == NP_FORMULA_TEXT)
        return np_expr_fail(b->err, NP_E_PARSE, e, _("this is no variable"));
    else if (p->kind == PIECE_POLYNOMIAL || p->value.is_scalar)
        status = np_formula_value_numbers(&p->value.x, &p->value, variable, &b->v);
    return status == NP_OK ? np_rows_require(b, &p->value, variable) : status;
}

np_status np_term_set_new(np_term_set **out, np_design_builder *b, const np_terms *terms)
{
    np_term_set *set = np_arena_array(b->arena, np_term_set, 1);
    piece *pieces = np_arena_array(b->arena, piece, terms->n_factors);
    if (set == NULL || pieces == NULL)
        return np_builder_no_memory(b);
    *set = (np_term_set){.b = b, .terms = terms, .piece = pieces};
    bool *used = np_arena_array(b->arena, bool, terms->n_factors);
    if (used == NULL)
        return np_builder_no_memory(b);
    for (size_t t = 0; t < terms->n; t++)
        for (size_t i = 0; i < terms->term[t].n; i++)
            used[terms->term[t].factor[i]] = true;
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < terms->n_factors; i++)
        if (used[i])
            status = piece_new(b, &pieces[i], terms->factor[i]);
    if (status == NP_OK)
        *out = set;
    return status;
}

/* Orthogonal polynomials by the three-term recurrence, columns of norm 1: R's
 * poly(). Source: Kennedy and Gentle (1980), Statistical Computing, 343-344. */
static void orthogonal(double **column, size_t degree, const double *x, size_t n,
                       double *ones)
{
    double norm_before = 1, norm = (double)n;
    double *before = NULL, *last = ones;
    for (size_t i = 0; i < n; i++)
        ones[i] = 1;
    for (size_t d = 0; d < degree; d++) {
        double moment = 0, next_norm = 0;
        for (size_t i = 0; i < n; i++)
            moment += x[i] * last[i] * last[i];
        double alpha = moment / norm, beta = norm / norm_before;
        for (size_t i = 0; i < n; i++) {
            column[d][i] =
                (x[i] - alpha) * last[i] - (before == NULL ? 0 : beta * before[i]);
            next_norm += column[d][i] * column[d][i];
        }
        before = last;
        last = column[d];
        norm_before = norm;
        norm = next_norm;
    }
    for (size_t d = 0; d < degree; d++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += column[d][i] * column[d][i];
        for (size_t i = 0; i < n; i++)
            column[d][i] /= sqrt(sum);
    }
}

static np_status prepare_polynomial(np_design_builder *b, piece *p)
{
    const double *x;
    np_status status = np_rows_pick(b, &x, p->value.x);
    const np_expr *raw = np_expr_argument(p->e, "raw", 2);
    double **column = np_arena_array(b->arena, double *, p->n_columns);
    double *ones = np_arena_array(b->arena, double, b->n);
    if (status != NP_OK || column == NULL || ones == NULL)
        return status != NP_OK ? status : np_builder_no_memory(b);
    for (size_t d = 0; d < p->n_columns; d++) {
        column[d] = np_arena_array(b->arena, double, b->n);
        if (column[d] == NULL)
            return np_builder_no_memory(b);
        for (size_t i = 0; i < b->n; i++)
            column[d][i] = d == 0 ? x[i] : column[d - 1][i] * x[i];
    }
    if (raw == NULL || raw->number == 0)
        orthogonal(column, p->n_columns, x, b->n, ones);
    p->column = (const double **)column;
    return NP_OK;
}

static np_status prepare_category(np_design_builder *b, piece *p)
{
    const np_column *c;
    np_groups groups;
    np_status status = np_formula_value_column(&c, &p->value, p->e, &b->v);
    if (status == NP_OK)
        status =
            np_group_columns(&groups, b->table, &c, 1, b->row, b->n, b->arena, b->err);
    if (status != NP_OK)
        return status;
    if (groups.n_groups > MOST_COLUMNS)
        return np_expr_fail(b->err, NP_E_LIMIT, p->e,
                            _("%s has %zu levels; absorb it after \"|\" instead"),
                            p->name, groups.n_groups);
    p->level_name = np_arena_array(b->arena, const char *, groups.n_groups);
    double *level = np_arena_array(b->arena, double, groups.n_groups);
    if (p->level_name == NULL || level == NULL)
        return np_builder_no_memory(b);
    for (size_t l = 0; l < groups.n_groups; l++) {
        const char *label = np_group_label(&groups, &c, 1, b->row, (int32_t)l, b->arena);
        size_t i = (size_t)groups.first_row[l];
        level[l] = np_column_number(c, b->row == NULL ? i : b->row[i]);
        if (p->value.kind == NP_FORMULA_LOGICAL)
            label = level[l] != 0 ? "TRUE" : "FALSE";
        p->level_name[l] =
            label == NULL ? NULL : np_arena_format(b->arena, "%s%s", p->name, label);
        if (p->level_name[l] == NULL)
            return np_builder_no_memory(b);
    }
    p->code = groups.code;
    p->n_columns = groups.n_groups;
    p->level = c->type == NP_COLUMN_TEXT ? NULL : level;
    return NP_OK;
}

static np_status prepare(np_design_builder *b, piece *p)
{
    if (p->ready)
        return NP_OK;
    p->ready = true;
    const double *x;
    np_status status = NP_OK;
    switch (p->kind) {
    case PIECE_NUMBER:
        status = np_formula_value_numbers(&x, &p->value, p->e, &b->v);
        return status == NP_OK ? np_rows_pick(b, &p->x, x) : status;
    case PIECE_POLYNOMIAL:
        return prepare_polynomial(b, p);
    case PIECE_CATEGORY:
        return prepare_category(b, p);
    case PIECE_EVENT:
    case PIECE_SUNAB:
        break;
    }
    return NP_OK;
}

/* A product of pieces so far: dummies (code, n columns) times a number. */
typedef struct {
    const int32_t *code; /* NULL: one dense column */
    size_t n_columns;
    const char *const *name; /* [n_columns] */
    const double *value;     /* NULL: 1 */
    const char *variable;
    const double *level;
} partial;

static np_status join_names(np_design_builder *b, const char **out, const char *left,
                            const char *right)
{
    *out = left[0] == '\0' ? right : np_arena_format(b->arena, "%s:%s", left, right);
    return *out == NULL ? np_builder_no_memory(b) : NP_OK;
}

typedef struct {
    const double *a, *b;
    double *out;
    size_t n;
} product;

static void multiply_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const product *p = context;
    size_t first = task * NP_PARALLEL_ROWS, last = first + NP_PARALLEL_ROWS;
    for (size_t i = first; i < last && i < p->n; i++)
        p->out[i] = p->a[i] * p->b[i];
}

static np_status times_number(np_design_builder *b, partial *acc, const double *x,
                              const char *name)
{
    const char **names = np_arena_array(b->arena, const char *, acc->n_columns);
    if (names == NULL)
        return np_builder_no_memory(b);
    for (size_t j = 0; j < acc->n_columns; j++) {
        np_status status = join_names(b, &names[j], acc->name[j], name);
        if (status != NP_OK)
            return status;
    }
    acc->name = names;
    if (acc->value == NULL) {
        acc->value = x;
        return NP_OK;
    }
    product p = {acc->value, x, np_arena_array(b->arena, double, b->n), b->n};
    if (p.out == NULL)
        return np_builder_no_memory(b);
    np_parallel_for((p.n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, multiply_rows,
                    &p);
    acc->value = p.out;
    return NP_OK;
}

/* The left factor's columns run fastest, as in R's model.matrix(). */
static np_status times_dummies(np_design_builder *b, partial *acc, const np_dummies *d)
{
    size_t n_columns = acc->n_columns * d->n_columns;
    if (n_columns > MOST_COLUMNS)
        return np_fail(b->err, NP_E_LIMIT,
                       _("an interaction has %zu columns; absorb it after \"|\" instead"),
                       n_columns);
    const char **names = np_arena_array(b->arena, const char *, n_columns);
    bool alone = acc->code == NULL && acc->n_columns == 1; /* d's columns as they are */
    int32_t *code = alone ? NULL : np_arena_array(b->arena, int32_t, b->n);
    if (names == NULL || (code == NULL && !alone))
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (size_t r = 0; r < d->n_columns; r++)
        for (size_t l = 0; status == NP_OK && l < acc->n_columns; l++)
            status =
                join_names(b, &names[r * acc->n_columns + l], acc->name[l], d->name[r]);
    for (size_t i = 0; !alone && i < b->n; i++) {
        int32_t left = acc->code == NULL ? 0 : acc->code[i], right = d->code[i];
        code[i] = left < 0 || right < 0 ? -1 : left + (int32_t)acc->n_columns * right;
    }
    const double *value = acc->value;
    const double *level = acc->code == NULL ? d->level : NULL;
    *acc = (partial){alone ? d->code : code, n_columns, names, value, d->variable, level};
    if (status == NP_OK && d->value != NULL) {
        partial number = {.n_columns = 0, .value = acc->value};
        status = times_number(b, &number, d->value, "");
        acc->value = number.value;
    }
    return status;
}

static np_status push_block(np_term_set *set, const partial *acc)
{
    np_design_builder *b = set->b;
    if (set->n_blocks == set->block_capacity) {
        size_t capacity = set->block_capacity == 0 ? 16 : 2 * set->block_capacity;
        np_block *grown = np_arena_array(b->arena, np_block, capacity);
        if (grown == NULL)
            return np_builder_no_memory(b);
        for (size_t i = 0; i < set->n_blocks; i++)
            grown[i] = set->block[i];
        set->block = grown;
        set->block_capacity = capacity;
    }
    while (set->k + acc->n_columns > set->term_capacity) {
        size_t capacity = 2 * (set->term_capacity + acc->n_columns);
        const char **grown = np_arena_array(b->arena, const char *, capacity);
        if (grown == NULL)
            return np_builder_no_memory(b);
        for (size_t i = 0; i < set->k; i++)
            grown[i] = set->term[i];
        set->term = grown;
        set->term_capacity = capacity;
    }
    set->block[set->n_blocks++] =
        (np_block){.kind = acc->code == NULL ? NP_BLOCK_DENSE : NP_BLOCK_DUMMIES,
                   .first = set->k,
                   .n_columns = acc->n_columns,
                   .value = acc->value,
                   .column = acc->code,
                   .variable = acc->variable == NULL ? "" : acc->variable,
                   .level = acc->level};
    for (size_t j = 0; j < acc->n_columns; j++)
        set->term[set->k++] = acc->name[j];
    return NP_OK;
}

/* All levels, or all but the first. */
static np_status category_dummies(np_design_builder *b, np_dummies *out, const piece *p,
                                  bool against_first)
{
    size_t skip = against_first ? 1 : 0;
    *out = (np_dummies){.code = p->code,
                        .n_columns = p->n_columns - skip,
                        .name = p->level_name + skip,
                        .level = p->level == NULL ? NULL : p->level + skip,
                        .variable = p->name};
    if (!against_first)
        return NP_OK;
    int32_t *code = np_arena_array(b->arena, int32_t, b->n);
    if (code == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < b->n; i++)
        code[i] = p->code[i] - 1;
    out->code = code;
    return NP_OK;
}

static bool has_term(const np_terms *terms, const np_term *wanted)
{
    for (size_t t = 0; t < terms->n; t++)
        if (terms->term[t].n == wanted->n &&
            memcmp(terms->term[t].factor, wanted->factor,
                   wanted->n * sizeof *wanted->factor) == 0)
            return true;
    return false;
}

/* R codes a factor of a term against its first level where the term without the
 * factor is in the model; without an intercept the first factor of all is full. */
static bool coded_against_first(const np_term_set *set, size_t t, size_t i, bool constant)
{
    const np_term *term = &set->terms->term[t];
    np_term without = {0};
    for (size_t j = 0; j < term->n; j++)
        if (j != i)
            without.factor[without.n++] = term->factor[j];
    if (!constant) {
        for (size_t s = 0; s <= t; s++)
            for (size_t j = 0; j < set->terms->term[s].n; j++) {
                if (set->piece[set->terms->term[s].factor[j]].kind != PIECE_CATEGORY)
                    continue;
                if (s == t && j == i)
                    return false;
                s = t + 1; /* an earlier factor took the full coding */
                break;
            }
    }
    return without.n == 0 || has_term(set->terms, &without);
}

static np_status compose(np_term_set *set, size_t t, size_t i, partial acc, bool constant)
{
    np_design_builder *b = set->b;
    const np_term *term = &set->terms->term[t];
    if (i == term->n)
        return push_block(set, &acc);
    piece *p = &set->piece[term->factor[i]];
    np_dummies dummies;
    np_status status = prepare(b, p);
    switch (p->kind) {
    case PIECE_NUMBER:
        if (status == NP_OK)
            status = times_number(b, &acc, p->x, p->name);
        break;
    case PIECE_POLYNOMIAL:
        for (size_t d = 0; status == NP_OK && d < p->n_columns; d++) {
            partial one = acc;
            const char *name = np_arena_format(b->arena, "%s%zu", p->name, d + 1);
            status = name == NULL ? np_builder_no_memory(b)
                                  : times_number(b, &one, p->column[d], name);
            if (status == NP_OK)
                status = compose(set, t, i + 1, one, constant);
        }
        return status;
    case PIECE_CATEGORY:
        if (status == NP_OK)
            status = category_dummies(b, &dummies, p,
                                      coded_against_first(set, t, i, constant));
        if (status == NP_OK)
            status = times_dummies(b, &acc, &dummies);
        break;
    case PIECE_EVENT:
        status = np_event_term_build(&dummies, p->event, constant && term->n == 1);
        if (status == NP_OK)
            status = times_dummies(b, &acc, &dummies);
        break;
    case PIECE_SUNAB:
        if (term->n > 1 || b->sunab != NULL)
            return np_expr_fail(b->err, NP_E_PARSE, p->e,
                                _("sunab() stands once in a formula and is not "
                                  "interacted"));
        np_sunab *sunab = np_arena_array(b->arena, np_sunab, 1);
        if (sunab == NULL)
            return np_builder_no_memory(b);
        status = np_sunab_term_build(&dummies, p->sunab, sunab);
        sunab->first = set->k;
        b->sunab = sunab;
        if (status == NP_OK)
            status = times_dummies(b, &acc, &dummies);
        sunab->column = acc.code;
        break;
    }
    return status == NP_OK ? compose(set, t, i + 1, acc, constant) : status;
}

static np_status add_intercept(np_term_set *set)
{
    double *ones = np_arena_array(set->b->arena, double, set->b->n);
    static const char *const name[] = {"(Intercept)"};
    if (ones == NULL)
        return np_builder_no_memory(set->b);
    for (size_t i = 0; i < set->b->n; i++)
        ones[i] = 1;
    return push_block(set, &(partial){.n_columns = 1, .name = name, .value = ones});
}

np_status np_term_set_build(np_regressors *out, np_term_set *set, bool intercept,
                            bool constant)
{
    static const char *const empty[] = {""};
    np_status status = intercept ? add_intercept(set) : NP_OK;
    for (size_t t = 0; status == NP_OK && t < set->terms->n; t++)
        status = compose(set, t, 0, (partial){.n_columns = 1, .name = empty}, constant);
    if (status != NP_OK)
        return status;
    *out = (np_regressors){
        .k = set->k, .n_blocks = set->n_blocks, .block = set->block, .term = set->term};
    return NP_OK;
}
