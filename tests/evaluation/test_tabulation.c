/* Tables from small stores made by hand; the numbers are counted beside them. */
#include "evaluation/tables_folder.h"

/* Three projects of two cohorts; Os is of two municipalities. */
static const char programme[] =
    "theme absence name=Absence\n"
    "theme fulltime name=Full_time\n"
    "cohort p1 name=Cohort_1 name_nb=Pulje_1 starts=2011-10-01 ends=2015-12-31\n"
    "cohort p2 name=Cohort_2 name_nb=Pulje_2 starts=2012-10-01 ends=2015-12-31\n"
    "organisation 0101 name=Halden sort=municipality\n"
    "organisation os-tolga name=Os_og_Tolga sort=group n_members=2\n"
    "organisation 0104 name=Moss sort=municipality\n"
    "project halden name=Halden cohort=p1\n"
    "project os name=Os cohort=p1\n"
    "project moss name=Moss cohort=p2\n"
    "project_organisation - project=halden organisation=0101\n"
    "project_organisation - project=os organisation=os-tolga\n"
    "project_organisation - project=moss organisation=0104\n"
    "scheme measures name=Measures version=1\n"
    "category - scheme=measures code=people name=People position=1\n"
    "category - scheme=measures code=follow-up name=Follow-up position=2 "
    "parent=measures/people\n"
    "category - scheme=measures code=courses name=Courses position=3 "
    "parent=measures/people\n"
    "category - scheme=measures code=systems name=Systems position=4\n"
    "category - scheme=measures code=rota name=Rota position=5 first_period=2014\n";

/* 2014: follow-up 2 (halden, os), courses 1 (os), systems 1 (moss), rota 0, one not
 * coded (moss). 2013: follow-up 1 (halden), systems 2 (halden, os). */
static const char items[] =
    "item a sort=measure period=2014 project=halden theme=absence\n"
    "item b sort=measure period=2014 project=os theme=absence\n"
    "item c sort=measure period=2014 project=os theme=absence reconstructed=yes\n"
    "item d sort=measure period=2014 project=moss theme=absence\n"
    "item e sort=measure period=2014 project=moss theme=absence\n"
    "item f sort=measure period=2013 project=halden theme=absence\n"
    "item g sort=measure period=2013 project=halden theme=absence\n"
    "item h sort=measure period=2013 project=os theme=absence\n"
    "item other sort=focus period=2013 project=os theme=absence\n"
    "label - item=a category=measures/follow-up coder=kari\n"
    "label - item=b category=measures/follow-up coder=kari\n"
    "label - item=c category=measures/courses coder=kari\n"
    "label - item=d category=measures/systems coder=kari\n"
    "label - item=f category=measures/follow-up coder=kari\n"
    "label - item=g category=measures/systems coder=kari\n"
    "label - item=h category=measures/systems coder=kari\n";

#define MEASURES                                                                         \
    "tables:\n"                                                                          \
    "- id: t\n"                                                                          \
    "  title: Measures\n"                                                                \
    "  of: item\n"                                                                       \
    "  where: {sort: measure}\n"

static void items_are_counted_by_category_and_year(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, programme);
    put_lines(f, items);
    compute(f, &t,
            MEASURES "  rows: {scheme: measures}\n"
                     "  columns: {by: period, values: [2014, 2013]}\n"
                     "  totals:\n"
                     "  - {id: n, title: N, count: id}\n"
                     "  - {id: projects, title: Projects, distinct: project}\n"
                     "  - {id: municipalities, municipalities: project else bearer}\n");
    assert_string_equal(t.text, "people: () ()\n"
                                "follow-up: 2 1\n"
                                "courses: 1 0\n"
                                "systems: 1 2\n"
                                "rota: 0 \xE2\x80\x93\n" /* not asked before 2014 */
                                "n: 5 3\n"
                                "projects: 3 2\n"
                                "municipalities: 4 3\n"); /* Os counts two */
    assert_string_equal(failed_checks(f, &t), "2014: the rows sum to 4, N says 5\n");
    assert_string_equal(left_out(f, &t), "1 records, not coded: Moss\n");
    assert_float_equal(t.result.n_reconstructed, 1, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(items_are_counted_by_category_and_year, set_up,
                                    tear_down),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
