#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/json.h"
#include "programme/crosswalk.h"
#include "programme/form_internal.h"

typedef struct {
    np_buf *out;
    np_store *store;
    np_arena *arena;
    np_error *err;
    const char *project, *template, *report;
    char period[NP_PERIOD_TEXT];
    np_period at;
    const form_question *question;
    size_t n_questions;
    const char *from; /* the report that is written or carried over; NULL: none */
    bool from_last;   /* it is an earlier one */
    const np_carried *carried;
    size_t n_carried;
    np_rows answer, item, account, measurement;
} form_writer;

/* A text as a YAML scalar on one line. */
static void put_text(form_writer *w, const char *text)
{
    np_json j = {.buf = w->out};
    np_json_text(&j, text);
}

/* Lines of comment, indented. */
static void comment(form_writer *w, const char *indent, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, "\r\n");
        np_buf_format(w->out, "%s# %.*s\n", indent, (int)length, text);
        text += length;
        text += strncmp(text, "\r\n", 2) == 0 ? 2 : *text != '\0';
    }
}

/* What stands behind a "#" must not end its line, or YAML reads the rest as answers. */
static const char *one_line(form_writer *w, const char *text)
{
    np_buf buf = {0};
    np_buf_add_line(&buf, text == NULL ? "" : text);
    const char *line = np_buf_done(&buf);
    char *copy = line == NULL ? NULL : np_arena_copy_text(w->arena, line, buf.length);
    np_buf_free(&buf);
    w->out->failed = w->out->failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* The report to start from: itself where it is begun, else the project's last one. */
static np_status find_source(form_writer *w)
{
    np_rows rows;
    np_status status = np_store_rows(&rows, w->store, "report", "id template period",
                                     "project", w->project, w->arena, w->err);
    const char *template = NULL;
    np_period best = {0};
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const char *text = np_rows_text(&rows, i, 2), *id = np_rows_text(&rows, i, 0);
        np_period period;
        if (strcmp(id, w->report) == 0) {
            w->from = id;
            w->from_last = false;
            template = np_rows_text(&rows, i, 1);
            break;
        }
        if (!np_period_parse(&period, text, strlen(text)) ||
            np_period_last_day(period) > np_period_last_day(w->at) ||
            (w->from != NULL && np_period_last_day(period) < np_period_last_day(best)))
            continue;
        w->from = id;
        w->from_last = true;
        template = np_rows_text(&rows, i, 1);
        best = period;
    }
    if (status != NP_OK || w->from == NULL)
        return status;
    return np_crosswalk_questions(&w->carried, &w->n_carried, w->store, template,
                                  w->template, w->arena, w->err);
}

static np_status read_source(form_writer *w)
{
    np_status status = find_source(w);
    if (status == NP_OK && w->from != NULL)
        status = np_store_rows(&w->answer, w->store, "answer",
                               "question theme number text value missing", "report",
                               w->from, w->arena, w->err);
    if (status == NP_OK && w->from != NULL)
        status = np_store_rows(&w->item, w->store, "item", "id text theme goal", "report",
                               w->from, w->arena, w->err);
    if (status == NP_OK && w->from != NULL && !w->from_last)
        status = np_store_rows(&w->account, w->store, "measure_account",
                               "measure status n_covered note", "report", w->from,
                               w->arena, w->err);
    if (status == NP_OK)
        status = np_store_rows(&w->measurement, w->store, "measurement",
                               "indicator period value numerator denominator missing "
                               "measure baseline organisation unit scope note n_people "
                               "break_in_series",
                               "project", w->project, w->arena, w->err);
    return status;
}

static const np_carried *carried_to(const form_writer *w, const char *question)
{
    for (size_t i = 0; i < w->n_carried; i++)
        if (strcmp(w->carried[i].target, question) == 0)
            return &w->carried[i];
    return NULL;
}

/* "2012: 7.9, 2013: not_measured": what there is of an indicator, before this period. */
static const char *series(form_writer *w, const char *indicator, const char *measure)
{
    np_buf buf = {0};
    for (size_t i = 0; i < w->measurement.n_rows; i++) {
        const np_rows *m = &w->measurement;
        const char *of = np_rows_text(m, i, 6), *period = np_rows_text(m, i, 1);
        if (strcmp(np_rows_text(m, i, 0), indicator) != 0 ||
            strcmp(period, w->period) == 0 || np_rows_text(m, i, 8) != NULL ||
            np_rows_text(m, i, 9) != NULL || (of == NULL) != (measure == NULL) ||
            (of != NULL && strcmp(of, measure) != 0))
            continue;
        double value = np_rows_number(m, i, 2);
        char text[NP_DECIMAL_LENGTH];
        np_decimal_format(text, value);
        const char *missing = np_rows_text(m, i, 5);
        np_buf_format(&buf, "%s%s%s: %s", buf.length > 0 ? ", " : "", period,
                      np_rows_integer(m, i, 7, 0) == 1 ? _(" (baseline)") : "",
                      isfinite(value)   ? text
                      : missing == NULL ? ""
                                        : missing);
    }
    const char *text = buf.length == 0 ? NULL : np_buf_done(&buf);
    char *copy = text == NULL ? NULL : np_arena_copy_text(w->arena, text, strlen(text));
    np_buf_free(&buf);
    return copy;
}

static void put_heading(form_writer *w, const form_question *q)
{
    np_buf_add(w->out, "\n");
    comment(w, "  ", q->text);
    comment(w, "  ", q->help);
    if (q->required && q->answer != FORM_GOALS && q->answer != FORM_MEASURES)
        comment(w, "  ", _("Must be answered; or say why not: {missing: not_measured}"));
    if (q->answer == FORM_ITEMS)
        comment(w, "  ", _("One line for each, with a dash before it."));
    const np_carried *c = carried_to(w, q->id);
    if (w->from_last && c != NULL && c->carries == NP_CARRIES_NOT)
        np_buf_format(w->out, "  # %s%s%s\n",
                      _("The last report's answer cannot be compared with this one."),
                      c->note != NULL ? " " : "", one_line(w, c->note));
    else if (w->from_last && c != NULL && c->carries == NP_CARRIES_CONVERTED)
        np_buf_format(w->out, "  # %s%s%s\n",
                      _("The question has changed since the last report; look the answer "
                        "over."),
                      c->note != NULL ? " " : "", one_line(w, c->note));
}

static np_status put_categories(form_writer *w, const form_question *q)
{
    np_rows rows;
    if (q->scheme == NULL)
        return NP_OK;
    np_query_column column[] = {{.path = "code"},
                                {.path = "name"},
                                {.path = "name_nb"},
                                {.path = "name_nn"},
                                {.path = "position"}};
    np_value scheme = NP_VALUE_OF_TEXT(q->scheme);
    np_where where = {"scheme", NP_WHERE_EQUAL, &scheme, 1};
    np_query query = {.kind = np_kind_find("category"),
                      .column = column,
                      .n_columns = 5,
                      .where = &where,
                      .n_where = 1,
                      .order = (const size_t[]){4},
                      .n_order = 1};
    np_status status = np_store_query(&rows, w->store, &query, w->arena, w->err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        np_localised name = {{np_rows_text(&rows, i, 1), np_rows_text(&rows, i, 2),
                              np_rows_text(&rows, i, 3)}};
        np_buf_format(w->out, "  #   %s: %s\n", np_rows_text(&rows, i, 0),
                      one_line(w, np_localised_text(&name, np_language_get())));
    }
    return status;
}

/* An answer's text or number as a scalar, or why there is none. */
static void put_answer(form_writer *w, const form_question *q, size_t row)
{
    const char *text = np_rows_text(&w->answer, row, 3),
               *missing = np_rows_text(&w->answer, row, 5);
    double value = np_rows_number(&w->answer, row, 4);
    char number[NP_DECIMAL_LENGTH];
    if (text != NULL) {
        put_text(w, text);
    } else if (isfinite(value) && q->answer == FORM_YES_NO) {
        np_buf_add(w->out, value != 0 ? "yes" : "no");
    } else if (isfinite(value)) {
        np_decimal_format(number, value);
        np_buf_add(w->out, number);
    } else if (missing != NULL) {
        np_buf_format(w->out, "{missing: %s}", missing);
    }
}

/* Numbers of the last report are shown and not filled in. */
static bool is_filled_in(const form_writer *w, const form_question *q)
{
    return !w->from_last || (q->answer != FORM_NUMBER && q->answer != FORM_INTEGER);
}

static void put_simple(form_writer *w, const form_question *q)
{
    const np_carried *c = carried_to(w, q->id);
    size_t n = 0;
    for (size_t i = 0; c != NULL && c->carries != NP_CARRIES_NOT && i < w->answer.n_rows;
         i++) {
        if (strcmp(np_rows_text(&w->answer, i, 0), c->source) != 0)
            continue;
        if (!is_filled_in(w, q)) {
            np_buf_format(w->out, "  # %s ", _("Last report:"));
            put_answer(w, q, i);
            np_buf_add(w->out, "\n");
            continue;
        }
        np_buf_format(w->out, n == 0 ? (q->repeats ? "  %s:\n  - " : "  %s: ") : "  - ",
                      q->code);
        put_answer(w, q, i);
        np_buf_add(w->out, "\n");
        n++;
    }
    if (n == 0)
        np_buf_format(w->out, "  %s:\n", q->code);
}

/* The items of the question that the source's identifier begins with. */
static void put_items(form_writer *w, const form_question *q)
{
    const np_carried *c = carried_to(w, q->id);
    const char *slash = c == NULL ? NULL : strchr(c->source, '/');
    np_buf_format(w->out, "  %s:\n", q->code);
    if (slash == NULL || c->carries == NP_CARRIES_NOT)
        return;
    const char *start = np_arena_format(w->arena, "%s%s/", w->from, slash);
    for (size_t i = 0; start != NULL && i < w->item.n_rows; i++) {
        const char *text = np_rows_text(&w->item, i, 1),
                   *theme = np_rows_text(&w->item, i, 2);
        if (text == NULL || strncmp(np_rows_text(&w->item, i, 0), start, strlen(start)))
            continue;
        np_buf_add(w->out, "  - ");
        if (theme != NULL && q->theme == NULL)
            np_buf_add(w->out, "{text: ");
        put_text(w, text);
        if (theme != NULL && q->theme == NULL)
            np_buf_format(w->out, ", theme: %s}", theme);
        np_buf_add(w->out, "\n");
    }
}

/* What else is said of a measurement: what the form leaves out is taken back when it is
 * sent in again. */
static void put_circumstances(form_writer *w, const char *indent, size_t row)
{
    static const char *const key[] = {"scope", "note"};
    int64_t n_people = np_rows_integer(&w->measurement, row, 12, -1);
    for (size_t k = 0; k < 2; k++) {
        const char *text = np_rows_text(&w->measurement, row, 10 + k);
        if (text == NULL)
            continue;
        np_buf_format(w->out, "%s%s: ", indent, key[k]);
        put_text(w, text);
        np_buf_add_char(w->out, '\n');
    }
    if (n_people >= 0)
        np_buf_format(w->out, "%sn_people: %lld\n", indent, (long long)n_people);
    if (np_rows_integer(&w->measurement, row, 13, 0) == 1)
        np_buf_format(w->out, "%sbreak_in_series: yes\n", indent);
}

/* The value of this period, where the report is begun already. */
static bool put_measured(form_writer *w, const char *indent, const char *indicator,
                         const char *measure)
{
    static const char *const key[] = {"value", "numerator", "denominator", "missing"};
    for (size_t i = 0; i < w->measurement.n_rows; i++) {
        const np_rows *m = &w->measurement;
        const char *of = np_rows_text(m, i, 6);
        if (strcmp(np_rows_text(m, i, 0), indicator) != 0 ||
            strcmp(np_rows_text(m, i, 1), w->period) != 0 ||
            np_rows_integer(m, i, 7, 0) == 1 || np_rows_text(m, i, 8) != NULL ||
            np_rows_text(m, i, 9) != NULL || (of == NULL) != (measure == NULL) ||
            (of != NULL && strcmp(of, measure) != 0))
            continue;
        for (size_t k = 0; k < 4; k++) {
            const char *text = np_rows_text(m, i, 2 + k);
            double number = np_rows_number(m, i, 2 + k);
            char scratch[NP_DECIMAL_LENGTH];
            np_decimal_format(scratch, number);
            if (text != NULL || isfinite(number))
                np_buf_format(w->out, "%s%s: %s\n", indent, key[k],
                              text != NULL ? text : scratch);
        }
        put_circumstances(w, indent, i);
        return true;
    }
    return false;
}

static np_status put_measurement(form_writer *w, const form_question *q)
{
    np_record indicator;
    if (q->indicator == NULL)
        return NP_OK;
    np_status status = np_store_get(&indicator, w->store, np_kind_find("indicator"),
                                    q->indicator, w->arena, w->err);
    if (status != NP_OK)
        return status;
    const char *before = series(w, q->indicator, NULL);
    bool ratio = strcmp(np_record_text(&indicator, "sort"), "ratio") == 0;
    comment(w, "  ", np_record_text(&indicator, "definition"));
    if (before != NULL)
        np_buf_format(w->out, "  # %s %s\n", _("So far:"), before);
    np_buf_format(w->out, "  %s:\n", q->code);
    if (put_measured(w, "    ", q->indicator, NULL))
        return NP_OK;
    if (ratio)
        np_buf_format(w->out, "    numerator:    # %s\n    denominator:  # %s\n",
                      one_line(w, np_record_text(&indicator, "numerator")),
                      one_line(w, np_record_text(&indicator, "denominator")));
    else
        np_buf_format(w->out, "    value:        # %s\n",
                      one_line(w, np_record_text(&indicator, "uom")));
    return NP_OK;
}

static void put_goal_facts(form_writer *w, const np_rows *goal, size_t row)
{
    char baseline[NP_DECIMAL_LENGTH], target[NP_DECIMAL_LENGTH];
    double from = np_rows_number(goal, row, 3), to = np_rows_number(goal, row, 4);
    const char *by = np_rows_text(goal, row, 5), *indicator = np_rows_text(goal, row, 2),
               *missing = np_rows_text(goal, row, 7);
    np_decimal_format(baseline, from);
    np_decimal_format(target, to);
    comment(w, "    ", np_rows_text(goal, row, 1));
    np_buf_format(w->out, "    # %s %s; %s %s%s%s\n", _("baseline"),
                  isfinite(from)    ? baseline
                  : missing != NULL ? missing
                                    : _("none"),
                  _("target"), isfinite(to) ? target : _("none"),
                  by != NULL ? _(" by ") : "", by != NULL ? by : "");
    const char *before =
        indicator == NULL ? NULL : series(w, indicator, np_rows_text(goal, row, 6));
    if (before != NULL)
        np_buf_format(w->out, "    # %s %s\n", _("So far:"), before);
}

static const char *goal_comment(const form_writer *w, const char *goal)
{
    for (size_t i = 0; !w->from_last && i < w->item.n_rows; i++) {
        const char *of = np_rows_text(&w->item, i, 3);
        if (of != NULL && strcmp(of, goal) == 0)
            return np_rows_text(&w->item, i, 1);
    }
    return NULL;
}

/* The question that asks for the project's value of the indicator; NULL: none. */
static const form_question *asks_for(const form_writer *w, const char *indicator)
{
    for (size_t i = 0; i < w->n_questions; i++)
        if (w->question[i].answer == FORM_MEASUREMENT &&
            w->question[i].indicator != NULL &&
            strcmp(w->question[i].indicator, indicator) == 0)
            return &w->question[i];
    return NULL;
}

/* The columns 9 to 11 are the indicator's sort, numerator and denominator. */
static void put_goal_value(form_writer *w, const np_rows *goal, size_t row)
{
    const char *indicator = np_rows_text(goal, row, 2),
               *measure = np_rows_text(goal, row, 6), *sort = np_rows_text(goal, row, 9);
    if (indicator == NULL)
        return;
    const form_question *elsewhere = measure == NULL ? asks_for(w, indicator) : NULL;
    if (elsewhere != NULL)
        np_buf_format(w->out, "    # %s %s\n", _("its value is asked for under"),
                      elsewhere->code);
    else if (put_measured(w, "    ", indicator, measure))
        return;
    else if (sort != NULL && strcmp(sort, "ratio") == 0)
        np_buf_format(w->out, "    numerator:    # %s\n    denominator:  # %s\n",
                      one_line(w, np_rows_text(goal, row, 10)),
                      one_line(w, np_rows_text(goal, row, 11)));
    else
        np_buf_add(w->out, "    value:\n");
}

static np_status put_goals(form_writer *w, const form_question *q)
{
    np_rows goal;
    np_status status = np_store_rows(
        &goal, w->store, "goal",
        "id text indicator baseline target target_date measure baseline_missing status "
        "indicator.sort indicator.numerator indicator.denominator",
        "project", w->project, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_buf_format(w->out, "  %s:\n", q->code);
    for (size_t i = 0; i < goal.n_rows; i++) {
        const char *id = np_rows_text(&goal, i, 0), *is = np_rows_text(&goal, i, 8),
                   *said = goal_comment(w, np_rows_text(&goal, i, 0));
        if (is != NULL && strcmp(is, "dropped") == 0)
            continue;
        np_buf_format(w->out, "  - goal: %s\n", id);
        put_goal_facts(w, &goal, i);
        put_goal_value(w, &goal, i);
        np_buf_add(w->out, "    comment:");
        if (said != NULL) {
            np_buf_add_char(w->out, ' ');
            put_text(w, said);
        }
        np_buf_add_char(w->out, '\n');
    }
    return NP_OK;
}

static void put_accounted(form_writer *w, const form_measure *m)
{
    for (size_t i = 0; i < w->account.n_rows; i++) {
        if (strcmp(np_rows_text(&w->account, i, 0), m->id) != 0)
            continue;
        int64_t covered = np_rows_integer(&w->account, i, 2, -1);
        const char *note = np_rows_text(&w->account, i, 3);
        np_buf_format(w->out, "    status: %s\n", np_rows_text(&w->account, i, 1));
        if (covered >= 0)
            np_buf_format(w->out, "    n_covered: %lld\n", (long long)covered);
        if (note != NULL) {
            np_buf_add(w->out, "    note: ");
            put_text(w, note);
            np_buf_add_char(w->out, '\n');
        }
        return;
    }
    np_buf_format(w->out, "    status:       # %s %s\n", _("last:"),
                  m->status == NULL ? _("nothing known") : m->status);
    np_buf_add(w->out, "    n_covered:");
    if (m->n_covered >= 0)
        np_buf_format(w->out, "    # %s %lld", _("last:"), (long long)m->n_covered);
    np_buf_add(w->out, "\n    note:\n");
}

static np_status put_measures(form_writer *w, const form_question *q)
{
    const form_measure *measure;
    size_t n;
    np_status status =
        form_measures(&measure, &n, w->store, w->project, w->at, w->arena, w->err);
    if (status != NP_OK)
        return status;
    comment(w, "  ",
            _("Every measure is accounted for: planned, under_way, finished or "
              "shelved (then say why in note)."));
    comment(w, "  ",
            _("A new one: {new: what is done, status: planned, starts: "
              "2014-01-01}"));
    np_buf_format(w->out, "  %s:\n", q->code);
    for (size_t i = 0; i < n; i++) {
        np_buf_format(w->out, "  - measure: %s\n", measure[i].id);
        comment(w, "    ", measure[i].name);
        put_accounted(w, &measure[i]);
    }
    return NP_OK;
}

static np_status put_question(form_writer *w, const form_question *q)
{
    put_heading(w, q);
    switch (q->answer) {
    case FORM_GOALS:
        return put_goals(w, q);
    case FORM_MEASURES:
        return put_measures(w, q);
    case FORM_MEASUREMENT:
        return put_measurement(w, q);
    case FORM_ITEMS:
        put_items(w, q);
        return NP_OK;
    case FORM_CATEGORY: {
        np_status status = put_categories(w, q);
        put_simple(w, q);
        return status;
    }
    default:
        put_simple(w, q);
        return NP_OK;
    }
}

static np_status put_head(form_writer *w)
{
    np_record project, template, obligation;
    bool owed;
    np_status status = np_store_get(&project, w->store, np_kind_find("project"),
                                    w->project, w->arena, w->err);
    if (status == NP_OK)
        status = np_store_get(&template, w->store, np_kind_find("template"), w->template,
                              w->arena, w->err);
    if (status == NP_OK)
        status =
            np_store_has(&owed, w->store, np_kind_find("obligation"), w->report, w->err);
    if (status == NP_OK && owed)
        status = np_store_get(&obligation, w->store, np_kind_find("obligation"),
                              w->report, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_localised name = {{np_record_text(&template, "name"),
                          np_record_text(&template, "name_nb"),
                          np_record_text(&template, "name_nn")}};
    np_buf_format(w->out, "# %s %s, %s\n",
                  one_line(w, np_localised_text(&name, np_language_get())), w->period,
                  one_line(w, np_record_text(&project, "name")));
    if (owed)
        np_buf_format(w->out, "# %s %s\n", _("Due"), np_record_text(&obligation, "due"));
    comment(w, "",
            _("Fill in what stands after the colons, and send it in with "
              "nullpunkt submit. What has no value says why: "
              "{missing: not_measured}."));
    comment(w, "",
            _("Reasons: blank, not_measured, not_reported, not_asked, "
              "not_applicable, dont_know, suppressed, discontinued. Zero is a "
              "value."));
    if (w->from_last)
        np_buf_format(w->out, "# %s %s\n", _("Filled in from"), w->from);
    np_buf_format(w->out,
                  "\nreport: {project: %s, template: %s, period: %s}\n\nanswers:\n",
                  w->project, w->template, w->period);
    return NP_OK;
}

np_status np_form_write(np_buf *out, np_store *store, const char *project,
                        const char *template, const char *period, np_arena *arena,
                        np_error *err)
{
    form_writer w = {.out = out,
                     .store = store,
                     .arena = arena,
                     .err = err,
                     .project = project,
                     .template = template};
    if (!np_period_parse(&w.at, period, strlen(period))) {
        np_fail(err, NP_E_RANGE, _("\"%s\" is no period"), period);
        return np_error_hint(err, _("for example 2013 or 2013S1"));
    }
    np_period_format(w.period, w.at);
    w.report = np_arena_format(arena, "%s/%s/%s", project, template, w.period);
    if (w.report == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = read_source(&w);
    if (status == NP_OK)
        status = put_head(&w);
    if (status == NP_OK)
        status = form_questions(&w.question, &w.n_questions, store, template, project,
                                arena, err);
    for (size_t i = 0; i < w.n_questions && status == NP_OK; i++)
        status = put_question(&w, &w.question[i]);
    return status;
}
