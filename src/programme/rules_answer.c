/* Rules of answers: their form, and that a submitted report has those it must have. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"question_of_template", "answer",
     N_("A report answers the questions of its own template."), false},
    {"answer_or_missing", "",
     N_("There is an answer or the reason why there is none, not both and not neither; "
        "zero is an answer."),
     false},
    {"answer_type", "answer",
     N_("An answer is what its question asks: a number, a whole number, a date, yes or "
        "no, a category."),
     false},
    {"answer_category", "answer",
     N_("A category that is chosen is one of the question's scheme."), false},
    {"answer_number", "answer", N_("Only a question that repeats has several answers."),
     false},
    {"answer_theme", "answer",
     N_("An answer on a theme is to a question that is asked of it, and the project "
        "takes "
        "part in it."),
     false},
    {"required_unanswered", "report",
     N_("A submitted report answers each question that it must, or says why not."),
     false},
};

static void number(np_judge *judge, const np_record *record, const char *asked)
{
    double value = np_record_number(record, "value");
    const char *text = np_record_text(record, "text");
    bool whole = strcmp(asked, "integer") == 0, yes_no = strcmp(asked, "yes_no") == 0;
    if (isnan(value))
        judge_object(judge, record, "value", "answer_type",
                     _("a number stands in value; 1 is yes and 0 is no"),
                     _("the question asks for a %s, and the answer is \"%s\""), asked,
                     text != NULL ? text : "");
    else if ((whole && value != floor(value)) || (yes_no && value != 0 && value != 1))
        judge_object(judge, record, "value", "answer_type", NULL,
                     _("the question asks for a %s, and the answer is %s"), asked,
                     in_digits(value).text);
}

static void text_answer(np_judge *judge, const np_record *record,
                        const np_record *question, const char *asked)
{
    int32_t day;
    const char *text = np_record_text(record, "text");
    bool date = strcmp(asked, "date") == 0;
    if (text == NULL || (date && !np_date_parse(&day, text, strlen(text)))) {
        judge_object(judge, record, "text", "answer_type", NULL,
                     _("the question asks for a %s, and the answer is \"%s\""), asked,
                     text != NULL ? text
                                  : in_digits(np_record_number(record, "value")).text);
        return;
    }
    const char *scheme = np_record_text(question, "scheme");
    if (strcmp(asked, "category") != 0 || scheme == NULL)
        return;
    np_where where[] = {NP_IS("scheme", scheme), NP_IS("code", text)};
    if (judge_rows(judge, "category", "id", where, 2).n_rows == 0)
        judge_object(judge, record, "text", "answer_category", NULL,
                     _("\"%s\" is no category of %s"), text, scheme);
}

static void form(np_judge *judge, const np_record *record, const np_record *question)
{
    const char *missing = np_record_text(record, "missing");
    bool answered = np_record_text(record, "text") != NULL ||
                    !isnan(np_record_number(record, "value"));
    if (answered == (missing != NULL)) {
        judge_object(judge, record, answered ? "missing" : "text", "answer_or_missing",
                     NULL,
                     answered ? _("there is an answer, and it is said to be missing")
                              : _("there is neither an answer nor a reason"));
        return;
    }
    const char *asked = np_record_text(question, "answer");
    if (!answered || asked == NULL)
        return;
    if (strcmp(asked, "integer") == 0 || strcmp(asked, "number") == 0 ||
        strcmp(asked, "yes_no") == 0)
        number(judge, record, asked);
    else if (strcmp(asked, "text") == 0 || strcmp(asked, "date") == 0 ||
             strcmp(asked, "category") == 0)
        text_answer(judge, record, question, asked);
}

static void place(np_judge *judge, const np_record *record, const np_record *question,
                  const np_record *report)
{
    if (!has_word(question, "template", np_record_text(report, "template")))
        judge_object(judge, record, "question", "question_of_template",
                     _("a crosswalk carries answers from one template to another"),
                     _("%s is a question of %s, and the report follows %s"), question->id,
                     np_record_text(question, "template"),
                     np_record_text(report, "template"));
    if (np_record_integer(question, "repeats", 0) != 1 &&
        np_record_integer(record, "number", 1) != 1)
        judge_object(judge, record, "number", "answer_number", NULL,
                     _("the question %s has one answer, and this is number %lld"),
                     question->id, (long long)np_record_integer(record, "number", 1));
    const char *theme = np_record_text(record, "theme");
    const char *asked_of = np_record_text(question, "theme");
    const char *project = np_record_text(report, "project");
    if (theme == NULL)
        return;
    if (asked_of != NULL && strcmp(asked_of, theme) != 0)
        judge_object(judge, record, "theme", "answer_theme", NULL,
                     _("the question %s is asked of %s, and the answer is on %s"),
                     question->id, asked_of, theme);
    else if (project != NULL && !judge_takes_theme(judge, project, theme))
        judge_object(judge, record, "theme", "answer_theme", NULL,
                     _("the project %s does not take part in %s"), project, theme);
}

static void answer(np_judge *judge, const np_record *record)
{
    const np_record *question = judge_referred(judge, record, "question");
    const np_record *report = judge_referred(judge, record, "report");
    if (question == NULL || report == NULL)
        return;
    form(judge, record, question);
    place(judge, record, question, report);
}

enum { Q_POSITION, Q_ID, Q_ANSWER, Q_THEME, Q_INDICATOR, Q_SORT };

/* Whether there is a value of the period of any of the subjects: rows of identifiers for
 * a field, where the fields before it in the index of series are absent. */
static bool any_measured(np_judge *judge, const np_record *report, const char *indicator,
                         const char *field, const np_rows *ids)
{
    static const char *const before[] = {"organisation", "unit", "measure"};
    np_value *value = np_arena_array(judge->arena, np_value, ids->n_rows);
    np_where where[6] = {NP_IS("indicator", indicator),
                         NP_IS("period", np_record_text(report, "period")),
                         {.path = "project", .sort = NP_WHERE_ABSENT}};
    size_t n = 3;
    if (value == NULL || ids->n_rows == 0)
        return false;
    for (size_t r = 0; r < ids->n_rows; r++)
        value[r] = NP_VALUE_OF_TEXT(np_rows_text(ids, r, 0));
    for (size_t i = 0; strcmp(before[i], field) != 0; i++)
        where[n++] = (np_where){.path = before[i], .sort = NP_WHERE_ABSENT};
    where[n++] = (np_where){.path = field, .value = value, .n = ids->n_rows};
    return judge_rows(judge, "measurement", "id", where, n).n_rows > 0;
}

/* Of the project itself, of its organisations, their units, or its measures. */
static bool is_measured(np_judge *judge, const np_record *report, const char *indicator)
{
    const char *project = np_record_text(report, "project");
    np_where own[] = {NP_IS("project", project), NP_IS("indicator", indicator),
                      NP_IS("period", np_record_text(report, "period"))};
    if (judge_rows(judge, "measurement", "id", own, 3).n_rows > 0)
        return true;
    np_rows organisations =
        ROWS_OF(judge, "project_organisation", "organisation", "project", project);
    np_rows measures = ROWS_OF(judge, "measure", "id", "project", project);
    if (any_measured(judge, report, indicator, "organisation", &organisations) ||
        any_measured(judge, report, indicator, "measure", &measures))
        return true;
    for (size_t r = 0; r < organisations.n_rows; r++) {
        np_rows units = ROWS_OF(judge, "unit", "id", "organisation",
                                np_rows_text(&organisations, r, 0));
        if (any_measured(judge, report, indicator, "unit", &units))
            return true;
    }
    return false;
}

/* Questions for goals, measures, values and items are answered by records of their own.
 */
static bool has_records(np_judge *judge, const np_record *report,
                        const np_rows *questions, size_t q)
{
    const char *asked = np_rows_text(questions, q, Q_ANSWER);
    const char *project = np_record_text(report, "project");
    if (strcmp(asked, "goals") == 0)
        return judge_count(judge, "goal", "project", project) > 0;
    if (strcmp(asked, "measures") == 0)
        return judge_count(judge, "measure_account", "report", report->id) > 0 ||
               judge_count(judge, "measure", "project", project) == 0;
    if (strcmp(asked, "measurement") == 0) {
        const char *indicator = np_rows_text(questions, q, Q_INDICATOR);
        return indicator != NULL && is_measured(judge, report, indicator);
    }
    const char *sort = np_rows_text(questions, q, Q_SORT);
    if (strcmp(asked, "items") != 0 || sort == NULL)
        return false;
    np_where where[] = {NP_IS("report", report->id), NP_IS("sort", sort)};
    return judge_rows(judge, "item", "id", where, 2).n_rows > 0;
}

static bool is_answered(const np_rows *answers, const char *question)
{
    for (size_t r = 0; r < answers->n_rows; r++)
        if (strcmp(np_rows_text(answers, r, 0), question) == 0)
            return true;
    return false;
}

void judge_required(np_judge *judge, const np_record *report)
{
    np_value yes = NP_VALUE_OF_INTEGER(1);
    np_where where[] = {NP_IS("template", np_record_text(report, "template")),
                        {.path = "required", .value = &yes, .n = 1}};
    np_rows questions = judge_rows(
        judge, "question", "position id answer theme indicator item_sort", where, 2);
    np_rows answers = ROWS_OF(judge, "answer", "question", "report", report->id);
    const char *project = np_record_text(report, "project");
    for (size_t q = 0; q < questions.n_rows; q++) {
        const char *id = np_rows_text(&questions, q, Q_ID);
        const char *theme = np_rows_text(&questions, q, Q_THEME);
        if (is_answered(&answers, id) ||
            (theme != NULL && !judge_takes_theme(judge, project, theme)) ||
            has_records(judge, report, &questions, q))
            continue;
        judge_object(judge, report, "", "required_unanswered",
                     _("answer it, or say with missing why there is no answer"),
                     _("the question %s must be answered, and is not"), id);
    }
}

static const rule_of_record records[] = {{"answer", answer}};

const rule_area rules_of_answer = {
    .rule = rules, .n_rules = sizeof rules / sizeof *rules, .record = RULES_OF(records)};
