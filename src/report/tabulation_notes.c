#include "report/tabulation_notes.h"

#include <string.h>

#include "programme/value.h"
#include "report/number.h"

/* A text that grows and ends in the arena. */
static const char *in_arena(np_buf *buf, np_arena *arena)
{
    const char *done = np_buf_done(buf);
    const char *out = done == NULL ? NULL : np_arena_copy_text(arena, done, strlen(done));
    np_buf_free(buf);
    return out == NULL ? "" : out;
}

static void add_condition(np_buf *buf, const np_tab_condition *c)
{
    static const char *const signs[] = {" = ", " \xE2\x89\xA0 ", " < ", " \xE2\x89\xA4 ",
                                        " > ", " \xE2\x89\xA5 "};
    np_buf_add(buf, c->path.text);
    if (c->sort == NP_WHERE_PRESENT || c->sort == NP_WHERE_ABSENT) {
        np_buf_add(buf,
                   c->sort == NP_WHERE_PRESENT ? _(" has a value") : _(" has no value"));
        return;
    }
    np_buf_add(buf, signs[c->sort]);
    for (size_t i = 0; i < c->n; i++) {
        char scratch[NP_VALUE_SCRATCH];
        np_buf_add(buf, i == 0 ? "" : ", ");
        np_buf_add(buf, np_value_format(scratch, &c->path.field, c->value[i]));
    }
}

static void add_scope(np_buf *buf, const np_tab_scope *scope)
{
    for (size_t i = 0; i < scope->n; i++) {
        np_buf_add(buf, buf->length == 0 ? "" : "; ");
        add_condition(buf, &scope->item[i]);
    }
}

const char *np_tabulation_scope_text(const np_tab_scope *scope, np_arena *arena)
{
    np_buf buf = {0};
    add_scope(&buf, scope);
    return in_arena(&buf, arena);
}

enum { MOST_NAMED = 20 };

const char *tabulation_names(const np_tab_left_out *one, np_arena *arena)
{
    np_buf buf = {0};
    for (size_t i = 0; i < one->n_names && i < MOST_NAMED; i++) {
        np_buf_add(&buf, i == 0 ? "" : "; ");
        np_buf_add(&buf, one->name[i]);
    }
    if (one->n_names > MOST_NAMED)
        np_buf_format(&buf, _(" and %zu more"), one->n_names - MOST_NAMED);
    return in_arena(&buf, arena);
}

static const char *count_text(double n, np_language language, np_arena *arena)
{
    return np_number_fixed(arena, n, 0, language);
}

static void unit_and_n(np_table_builder *b, const np_tabulation_result *r,
                       np_language language, np_arena *arena)
{
    const char *unit = np_localised_text(&r->table->unit, language);
    np_table_builder_note(b, _("Unit: %s. N = %s records of the kind %s."),
                          unit[0] == '\0' ? r->table->kind->name : unit,
                          count_text(r->n_records, language, arena),
                          r->table->kind->name);
    if (r->n_each > 0 && r->table->n_list == 0)
        np_table_builder_note(b, _("They are of %s different units (%s)."),
                              count_text((double)r->n_each, language, arena),
                              r->table->each.text);
}

static void scope(np_table_builder *b, const np_tabulation_result *r, np_arena *arena)
{
    np_buf buf = {0};
    add_scope(&buf, &r->table->where);
    add_scope(&buf, &r->ad_hoc);
    const char *text = in_arena(&buf, arena);
    if (text[0] == '\0')
        np_table_builder_note(b, _("Scope: all of them."));
    else
        np_table_builder_note(b, _("Scope: %s."), text);
    if (r->as_of != NULL)
        np_table_builder_note(b, _("As of %s."), r->as_of);
}

/* The first statistic of the table that is a part of something; NULL: there is none. */
static const np_tab_statistic *first_share(const np_tabulation_result *r)
{
    for (size_t i = 0; i < r->table->n_show; i++)
        if (r->table->show[i].percent_of != NP_TAB_NO_BASE)
            return &r->table->show[i];
    for (size_t a = 0; a < r->table->columns.n; a++)
        for (size_t l = 0; l < r->table->columns.block[a].n; l++) {
            const np_tab_level *level = &r->table->columns.block[a].level[l];
            for (size_t i = 0; i < level->n_statistics; i++)
                if (level->statistic[i].percent_of != NP_TAB_NO_BASE)
                    return &level->statistic[i];
        }
    return NULL;
}

/* What the row of a total is called. */
static const char *title_of_total(const np_tabulation_result *r, const char *id,
                                  np_language language)
{
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->row[i].sort == NP_TAB_TOTAL && strcmp(r->row[i].key, id) == 0)
            return np_localised_text(&r->row[i].label[0], language);
    return id;
}

static void base(np_table_builder *b, const np_tabulation_result *r, np_language language)
{
    const char *const bases[] = {
        NULL, _("all records of the column"), _("all records of the row"),
        _("all records of the table"), _("all records of the same cell")};
    const np_tab_statistic *share = first_share(r);
    if (share == NULL)
        return;
    np_tab_base of = share->percent_of;
    if (of == NP_TAB_OF_TOTAL) {
        np_table_builder_note(b, _("Base of per cents: the row \"%s\"."),
                              title_of_total(r, share->total.text, language));
        return;
    }
    bool rows = of == NP_TAB_OF_COLUMN || of == NP_TAB_OF_TABLE;
    np_table_builder_note(b, _("Base of per cents: %s%s."), bases[of],
                          !rows                ? ""
                          : r->table->base_all ? _(", also those without a row")
                                               : _(" that have a row"));
}

static void response_and_rounding(np_table_builder *b, const np_tabulation_result *r)
{
    const char *const roundings[] = {_("half away from zero"), _("half to even"),
                                     _("by largest remainder, so that per cents sum to "
                                       "100")};
    if (r->table->n_list > 0)
        return;
    np_table_builder_note(b, "%s %s",
                          r->multiple ? _("A record may be in several rows.")
                                      : _("A record is in one row."),
                          r->table->matched
                              ? _("Matched panel: only units that are in all columns.")
                              : _("Cross-section: the units of each column."));
    np_table_builder_note(b, _("Rounded %s."), roundings[r->table->rounding]);
}

static void coding(np_table_builder *b, const np_tabulation_result *r)
{
    if (r->table->coder != NULL)
        np_table_builder_note(b, _("Categories by the coder %s alone."), r->table->coder);
}

static const char *joined(const np_plan_name *name, size_t n, np_arena *arena)
{
    np_buf buf = {0};
    for (size_t i = 0; i < n; i++) {
        np_buf_add(&buf, i == 0 ? "" : ", ");
        np_buf_add(&buf, name[i].text);
    }
    return in_arena(&buf, arena);
}

/* The rule in full, whatever it is called. */
static const char *rule_text(const np_tab_rule *rule, np_language language,
                             np_arena *arena)
{
    np_buf buf = {0};
    const char *title = np_localised_text(&rule->title, language);
    np_buf_add(&buf, title[0] == '\0' ? rule->id : title);
    np_buf_add(&buf, " (");
    np_buf_add(&buf, rule->fill == NP_TAB_FILL_FIRST
                         ? _("an empty first column takes the row's first value")
                     : rule->fill == NP_TAB_FILL_LAST
                         ? _("an empty cell takes the row's value before it")
                         : _("no value is filled in"));
    if (rule->n_require > 0)
        np_buf_format(&buf, _("; only rows with a value in %s"),
                      joined(rule->require, rule->n_require, arena));
    if (rule->weight.text != NULL)
        np_buf_format(&buf, _("; weighted by %s"), rule->weight.text);
    if (rule->over.text != NULL)
        np_buf_format(&buf, _("; mean of the means of each %s"), rule->over.text);
    np_buf_add(&buf, ")");
    return in_arena(&buf, arena);
}

/* How many rows a ruled mean used, by column. */
static void rows_used(np_table_builder *b, const np_tabulation_result *r, size_t row,
                      np_language language, np_arena *arena)
{
    np_buf buf = {0};
    for (size_t c = 0; c < r->n_columns; c++) {
        const np_tab_cell *cell = &r->cell[row * r->n_columns + c];
        if (r->column[c].sort == NP_TAB_CHANGE)
            continue;
        np_buf_format(
            &buf, "%s%s %s", buf.length == 0 ? "" : ", ",
            np_localised_text(&r->column[c].label[0], language),
            count_text(cell->sort == NP_TAB_NUMBER ? cell->second : 0, language, arena));
    }
    const char *label = np_localised_text(&r->row[row].label[0], language);
    np_table_builder_note(b, _("Rows used in \"%s\": %s."), label, in_arena(&buf, arena));
}

static void rules(np_table_builder *b, const np_tabulation_result *r,
                  np_language language, np_arena *arena)
{
    const np_tabulation *t = r->table;
    if (r->rule != NULL)
        np_table_builder_note(b, _("Rule %s: %s."), r->rule->id,
                              rule_text(r->rule, language, arena));
    for (size_t i = 0; r->all_rules && i < t->n_rules; i++)
        np_table_builder_note(b, _("Rule %s: %s."), t->rule[i].id,
                              rule_text(&t->rule[i], language, arena));
    size_t row = r->n_rows;
    for (size_t k = t->n_totals; k-- > 0 && row > 0;) {
        size_t n = t->total[k].by_rule && r->all_rules ? t->n_rules : 1;
        row -= n;
        for (size_t i = 0;
             t->total[k].by_rule && t->total[k].sort != NP_TAB_COUNT && i < n; i++)
            rows_used(b, r, row + i, language, arena);
    }
}

static void reconstructed(np_table_builder *b, const np_tabulation_result *r,
                          np_language language, np_arena *arena)
{
    if (r->n_reconstructed > 0)
        np_table_builder_note(
            b, _("%s of the %s records are reconstructed from printed counts."),
            count_text(r->n_reconstructed, language, arena),
            count_text(r->n_records, language, arena));
}

static void left_out(np_table_builder *b, const np_tabulation_result *r,
                     np_language language, np_arena *arena)
{
    for (size_t i = 0; i < r->n_left_out; i++) {
        const np_tab_left_out *one = &r->left_out[i];
        const char *names = tabulation_names(one, arena);
        np_table_builder_note(b, "%s %s%s%s (%s: %s)%s%s.", _("Left out:"),
                              one->column == NULL ? "" : one->column,
                              one->column == NULL ? "" : ": ", one->reason, one->unit,
                              count_text(one->n, language, arena),
                              names[0] == '\0' ? "" : ": ", names);
    }
}

static void signs(np_table_builder *b, const np_tabulation_result *r)
{
    bool asked = false, missing = false, not_computable = false;
    for (size_t i = 0; i < r->n_rows * r->n_columns; i++) {
        const np_tab_cell *cell = &r->cell[i];
        asked = asked || (cell->sort == NP_TAB_ASKED_NOT &&
                          strcmp(cell->reason, "not_asked") == 0);
        missing = missing ||
                  (cell->sort == NP_TAB_MISSING && strcmp(cell->reason, "blank") != 0);
        not_computable = not_computable || cell->sort == NP_TAB_NOT_COMPUTABLE;
    }
    if (asked)
        np_table_builder_note(b, "\xE2\x80\x93 %s",
                              _("was not asked for; 0 is a count."));
    if (missing)
        np_table_builder_note(b, ".. %s", _("has no value, for the reasons given."));
    if (not_computable)
        np_table_builder_note(b, ". %s", _("cannot be computed."));
}

static void checks(np_table_builder *b, const np_tabulation_result *r, np_arena *arena)
{
    np_buf buf = {0};
    for (size_t i = 0; i < r->n_checks; i++)
        if (r->check[i].holds)
            np_buf_format(&buf, "%s%s", buf.length == 0 ? "" : "; ", r->check[i].text);
    const char *text = in_arena(&buf, arena);
    if (text[0] != '\0')
        np_table_builder_note(b, _("Checked: %s."), text);
    if (r->n_compared > 0)
        np_table_builder_note(
            b, _("Cells compared with the printed numbers: %zu; deviations: %zu."),
            r->n_compared, r->n_deviations);
}

void tabulation_notes(np_table_builder *b, const np_tabulation_result *r,
                      np_language language, np_arena *arena)
{
    unit_and_n(b, r, language, arena);
    scope(b, r, arena);
    base(b, r, language);
    response_and_rounding(b, r);
    coding(b, r);
    rules(b, r, language, arena);
    reconstructed(b, r, language, arena);
    left_out(b, r, language, arena);
    signs(b, r);
    checks(b, r, arena);
    for (size_t i = 0; i < r->table->n_notes; i++)
        np_table_builder_note(b, "%s", np_localised_text(&r->table->note[i], language));
    if (!np_localised_is_empty(&r->table->source))
        np_table_builder_note(b, _("Source: %s"),
                              np_localised_text(&r->table->source, language));
}
