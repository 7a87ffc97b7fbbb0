/* Rules of goals, their steps, and the rest of a plan. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "programme/goal.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"goal_level", "goal",
     N_("A goal serves one of a higher level: effect, result, driver, measure."), false},
    {"goal_project", "goal",
     N_("A goal's parent and its measure are of the same project."), false},
    {"goal_circle", "goal", N_("A goal does not serve itself by way of others."), false},
    {"goal_of_measure", "goal", N_("A measure's goal is on the level of measures."),
     false},
    {"goal_theme", "goal",
     N_("A goal's theme is one that its project takes part in, and its indicator is of "
        "that theme."),
     true},
    {"goal_indicator_level", "goal",
     N_("A goal and its indicator are on the same level."), true},
    {"baseline_or_reason", "goal",
     N_("A goal has a baseline or the reason why there is none, not both; zero is a "
        "baseline."),
     false},
    {"baseline_date", "goal", N_("The baseline is measured before the target is due."),
     false},
    {"outside_range", "",
     N_("Baselines, targets and measured values lie within what the indicator can be: "
        "no 120 per cent."),
     false},
    {"target_no_better", "goal",
     N_("A target is better than the baseline, by the goal's direction."), true},
    {"target_after_programme", "goal", N_("A target is due before the programme ends."),
     true},
    {"step_after_target", "goal_target", N_("No step lies after the date of the target."),
     false},
    {"step_differs", "goal_target",
     N_("The step of the period in which the target is due is the target itself."),
     false},
    {"steps_turn", "goal_target",
     N_("Steps go from the baseline towards the target, and not back or beyond."), true},
    {"risk_scale", "risk", N_("Likelihood and consequence are 1 to 5."), false},
    {"benefit_goal", "benefit", N_("A benefit's goal is of its project."), false},
    {"analyst_named", "plan_assessment",
     N_("An analyst's assessment says who gave it, a computed one is nobody's."), false},
};

static int level_of(const np_record *goal)
{
    const np_kind *kind = goal->kind;
    const char *level = np_record_text(goal, "level");
    return level != NULL
               ? np_field_choice(&kind->field[np_kind_field(kind, "level")], level)
               : -1;
}

static void parent(np_judge *judge, const np_record *record)
{
    const np_record *above = judge_referred(judge, record, "parent");
    if (above == NULL)
        return;
    if (level_of(above) >= level_of(record))
        judge_object(judge, record, "parent", "goal_level",
                     _("the levels from above are effect, result, driver, measure"),
                     _("a %s goal cannot serve a %s goal (%s)"),
                     np_record_text(record, "level"), np_record_text(above, "level"),
                     above->id);
    if (!has_word(record, "project", np_record_text(above, "project")))
        judge_object(judge, record, "parent", "goal_project", NULL,
                     _("%s is a goal of the project %s"), above->id,
                     np_record_text(above, "project"));
}

static void of_measure(np_judge *judge, const np_record *record)
{
    const np_record *measure = judge_referred(judge, record, "measure");
    if (measure == NULL)
        return;
    if (!has_word(record, "level", "measure"))
        judge_object(judge, record, "level", "goal_of_measure", NULL,
                     _("it is the goal of the measure %s and on the level %s"),
                     measure->id, np_record_text(record, "level"));
    if (!has_word(record, "project", np_record_text(measure, "project")))
        judge_object(judge, record, "measure", "goal_project", NULL,
                     _("%s is a measure of the project %s"), measure->id,
                     np_record_text(measure, "project"));
}

/* A circle of any length; each goal has one parent, so that the way is a chain. */
static void circle(np_judge *judge, const np_record *record)
{
    const np_record *above = judge_referred(judge, record, "parent");
    for (size_t steps = 0; above != NULL && steps < 1000; steps++) {
        if (strcmp(above->id, record->id) == 0) {
            judge_object(judge, record, "parent", "goal_circle", NULL,
                         _("the goal serves itself, by way of %s"),
                         np_record_text(record, "parent"));
            return;
        }
        above = judge_referred(judge, above, "parent");
    }
}

static void theme(np_judge *judge, const np_record *record)
{
    const char *project = np_record_text(record, "project");
    const char *own = np_record_text(record, "theme");
    const np_record *indicator = judge_referred(judge, record, "indicator");
    const char *other = indicator != NULL ? np_record_text(indicator, "theme") : NULL;
    if (own != NULL && project != NULL && !judge_takes_theme(judge, project, own))
        judge_object(judge, record, "theme", "goal_theme", NULL,
                     _("the project %s does not take part in %s"), project, own);
    if (own != NULL && other != NULL && strcmp(own, other) != 0)
        judge_object(judge, record, "indicator", "goal_theme", NULL,
                     _("the goal is of %s, and the indicator %s is of %s"), own,
                     indicator->id, other);
    const char *level = indicator != NULL ? np_record_text(indicator, "level") : NULL;
    if (level != NULL && !has_word(record, "level", level))
        judge_object(judge, record, "indicator", "goal_indicator_level", NULL,
                     _("a %s goal is measured by %s, which measures %s goals"),
                     np_record_text(record, "level"), indicator->id, level);
}

void judge_range(np_judge *judge, const np_record *record, const char *field,
                 const np_record *indicator)
{
    double value = np_record_number(record, field);
    if (indicator == NULL || isnan(value))
        return;
    double low = np_record_number(indicator, "low");
    double high = np_record_number(indicator, "high");
    if (value < low)
        judge_object(judge, record, field, "outside_range", NULL,
                     _("%s %s is below %s, the least that %s can be"),
                     in_digits(value).text, np_record_text(indicator, "uom"),
                     in_digits(low).text, indicator->id);
    if (value > high)
        judge_object(judge, record, field, "outside_range", NULL,
                     _("%s %s is above %s, the most that %s can be"),
                     in_digits(value).text, np_record_text(indicator, "uom"),
                     in_digits(high).text, indicator->id);
}

static void baseline(np_judge *judge, const np_record *record)
{
    const np_record *indicator = judge_referred(judge, record, "indicator");
    judge_range(judge, record, "baseline", indicator);
    judge_range(judge, record, "target", indicator);
    const char *missing = np_record_text(record, "baseline_missing");
    double value = np_record_number(record, "baseline");
    if (missing != NULL && !isnan(value))
        judge_object(judge, record, "baseline_missing", "baseline_or_reason", NULL,
                     _("the baseline is %s, and is said to be missing (%s)"),
                     in_digits(value).text, missing);
    const char *measured = np_record_text(record, "baseline_date");
    const char *due = np_record_text(record, "target_date");
    if (is_before(due, measured))
        judge_object(judge, record, "baseline_date", "baseline_date", NULL,
                     _("the baseline is of %s, after the target's date, %s"), measured,
                     due);
}

static void target(np_judge *judge, const np_record *record)
{
    double from = np_record_number(record, "baseline");
    double to = np_record_number(record, "target");
    np_direction direction =
        np_goal_direction(record, judge_referred(judge, record, "indicator"));
    if (direction != NP_DIRECTION_UNKNOWN && !isnan(from) && !isnan(to) &&
        !np_is_better(to, from, direction))
        judge_object(judge, record, "target", "target_no_better",
                     _("mend the direction, the target or the baseline"),
                     direction == NP_LOWER_IS_BETTER
                         ? _("the target %s is not better than the baseline %s, where "
                             "lower is better")
                         : _("the target %s is not better than the baseline %s, where "
                             "higher is better"),
                     in_digits(to).text, in_digits(from).text);
    const char *due = np_record_text(record, "target_date");
    const np_record *programme = due != NULL ? judge_programme(judge) : NULL;
    const char *ends = programme != NULL ? np_record_text(programme, "ends") : NULL;
    if (is_before(ends, due))
        judge_object(judge, record, "target_date", "target_after_programme", NULL,
                     _("the target is due on %s, and the programme ends on %s"), due,
                     ends);
}

static void step_range(np_judge *judge, const np_record *record)
{
    const np_record *goal = judge_referred(judge, record, "goal");
    if (goal != NULL)
        judge_range(judge, record, "target", judge_referred(judge, goal, "indicator"));
}

typedef struct {
    judge_period period;
    double target;
    const char *id, *text;
} a_step;

static int by_period(const void *a, const void *b)
{
    return np_period_compare(((const a_step *)a)->period.period,
                             ((const a_step *)b)->period.period);
}

static void judge_step_dates(np_judge *judge, const np_record *goal, const a_step *step)
{
    const char *due = np_record_text(goal, "target_date");
    double target = np_record_number(goal, "target");
    if (due == NULL)
        return;
    if (is_before(due, step->period.first))
        judge_object_to(judge, "goal_target", step->id, "period", "step_after_target",
                        NULL, _("the step of %s lies after the target's date, %s"),
                        step->text, due);
    else if (!is_before(step->period.last, due) && step->target != target &&
             !isnan(target))
        judge_object_to(judge, "goal_target", step->id, "target", "step_differs", NULL,
                        _("the step of %s is %s, and the target, due on %s, is %s"),
                        step->text, in_digits(step->target).text, due,
                        in_digits(target).text);
}

/* From the baseline by every step to the target each move goes the same way. */
static void judge_turns(np_judge *judge, const np_record *goal, const a_step *step,
                        size_t n)
{
    double last = np_record_number(goal, "target");
    double way = last - np_record_number(goal, "baseline");
    if (isnan(way))
        way = last - step[0].target;
    double at = np_record_number(goal, "baseline");
    for (size_t i = 0; i < n; i++) {
        if ((step[i].target - at) * way < 0 || (last - step[i].target) * way < 0) {
            judge_object_to(judge, "goal_target", step[i].id, "target", "steps_turn",
                            NULL,
                            _("the step of %s is %s, which is not on the way from %s to "
                              "the target %s"),
                            step[i].text, in_digits(step[i].target).text,
                            in_digits(at).text, in_digits(last).text);
            return;
        }
        at = step[i].target;
    }
}

static void steps(np_judge *judge, const char *id)
{
    const np_record *goal = judge_find(judge, "goal", id);
    np_rows rows = ROWS_OF(judge, "goal_target", "id period target", "goal", id);
    a_step *step = np_arena_array(judge->arena, a_step, rows.n_rows);
    size_t n = 0;
    if (goal == NULL || step == NULL || rows.n_rows == 0)
        return;
    for (size_t r = 0; r < rows.n_rows; r++) {
        step[n] = (a_step){.target = np_rows_number(&rows, r, 2),
                           .id = np_rows_text(&rows, r, 0),
                           .text = np_rows_text(&rows, r, 1)};
        n += read_period(&step[n].period, step[n].text);
    }
    qsort(step, n, sizeof *step, by_period);
    for (size_t i = 0; i < n; i++)
        judge_step_dates(judge, goal, &step[i]);
    if (n > 0)
        judge_turns(judge, goal, step, n);
}

static void risk(np_judge *judge, const np_record *record)
{
    static const char *const fields[] = {"likelihood", "consequence"};
    for (size_t i = 0; i < 2; i++) {
        int64_t value = np_record_integer(record, fields[i], 1);
        if (value < 1 || value > 5)
            judge_object(judge, record, fields[i], "risk_scale", NULL,
                         _("%s is %lld; it goes from 1 to 5"), fields[i],
                         (long long)value);
    }
}

static void benefit(np_judge *judge, const np_record *record)
{
    const np_record *goal = judge_referred(judge, record, "goal");
    if (goal != NULL && !has_word(record, "project", np_record_text(goal, "project")))
        judge_object(judge, record, "goal", "benefit_goal", NULL,
                     _("%s is a goal of the project %s"), goal->id,
                     np_record_text(goal, "project"));
}

static void assessment(np_judge *judge, const np_record *record)
{
    bool named = np_record_text(record, "given_by") != NULL;
    if (has_word(record, "basis", "analyst") && !named)
        judge_object(judge, record, "given_by", "analyst_named", NULL,
                     _("an analyst's assessment does not say whose it is"));
    if (has_word(record, "basis", "computed") && named)
        judge_object(judge, record, "given_by", "analyst_named", NULL,
                     _("a computed assessment is given by %s"),
                     np_record_text(record, "given_by"));
}

static const rule_of_record records[] = {
    {"goal", parent},
    {"goal", of_measure},
    {"goal", circle},
    {"goal", theme},
    {"goal", baseline},
    {"goal", target},
    {"goal_target", step_range},
    {"risk", risk},
    {"benefit", benefit},
    {"plan_assessment", assessment},
};

static const rule_together together[] = {{"goal", steps, NULL}};

static const rule_belongs belongs[] = {
    {"goal", "id", "goal", NULL},
    {"goal_target", "goal", "goal", NULL},
};

const rule_area rules_of_goal = {.rule = rules,
                                 .n_rules = sizeof rules / sizeof *rules,
                                 .record = RULES_OF(records),
                                 .together = RULES_OF(together),
                                 .belongs = RULES_OF(belongs)};
