/* A small programme that keeps every rule, and cases that break one thing of it.
 *
 * Records are written as lines: "kind id: field=value; field=value". A line for a record
 * that is there changes the fields it names ("field=" takes a value away); "-kind id"
 * retracts a record. A case is put as one entry that is rolled back. */
#ifndef NP_TESTS_RULES_CASE_H
#define NP_TESTS_RULES_CASE_H

#include "base/text.h"
#include "programme/entry.h"
#include "programme/value.h"
#include "store/folder.h"

typedef struct {
    const char *rules;    /* "outside_range" or several with spaces, as they come; "":
                             nothing to object to, not even a warning */
    const char *about;    /* "kind id field" of the first objection; NULL: any */
    const char *line[12]; /* what is put */
} a_case;

typedef struct {
    char rules[1024], first[256], message[512];
} objections_seen;

static inline void see(void *context, const np_objection *o)
{
    objections_seen *seen = context;
    size_t n = strlen(seen->rules);
    np_text_format(seen->rules + n, sizeof seen->rules - n, "%s%s", n > 0 ? " " : "",
                   o->rule);
    if (n == 0) {
        np_text_format(seen->first, sizeof seen->first, "%s %s %s", o->kind, o->id,
                       o->field);
        np_text_format(seen->message, sizeof seen->message, "%s", o->message);
    }
}

/* The value of "field=value" is put; the field must be there. */
static inline void take_field(a_folder *f, np_value *value, const np_kind *kind,
                              const char *part, size_t length)
{
    const char *sign = memchr(part, '=', length);
    char name[64];
    assert_non_null(sign);
    np_text_format(name, sizeof name, "%.*s", (int)(sign - part), part);
    size_t field = np_kind_field(kind, name);
    if (field == kind->n_fields)
        fail_msg("%s has no field %s", kind->name, name);
    assert_ok(f,
              np_value_parse(&value[field], &kind->field[field], sign + 1,
                             length - (size_t)(sign + 1 - part), '.', f->arena, &f->err));
}

static inline void put_line(a_folder *f, np_entry *entry, const char *line)
{
    bool retract = line[0] == '-';
    const char *start = line + retract;
    const char *space = strchr(start, ' ');
    const char *end = strstr(line, ": ");
    if (end == NULL)
        end = line + strlen(line);
    char kind_name[64], id[192];
    np_text_format(kind_name, sizeof kind_name, "%.*s", (int)(space - start), start);
    np_text_format(id, sizeof id, "%.*s", (int)(end - space - 1), space + 1);
    const np_kind *kind = np_kind_find(kind_name);
    if (kind == NULL)
        fail_msg("there is no kind %s", kind_name);
    if (retract) {
        assert_ok(f, np_entry_retract(entry, kind, id, &f->err));
        return;
    }
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = kind, .id = id, .value = value};
    bool there = false;
    assert_ok(f, np_store_has(&there, f->store, kind, id, &f->err));
    if (there) {
        np_record before;
        assert_ok(f, np_store_get(&before, f->store, kind, id, f->arena, &f->err));
        memcpy(value, before.value, kind->n_fields * sizeof *value);
    }
    for (const char *p = *end == ':' ? end + 2 : end; *p != '\0';) {
        size_t length = strcspn(p, ";");
        take_field(f, value, kind, p, length);
        p += length + (p[length] == ';');
        p += strspn(p, " ");
    }
    assert_ok(f, np_entry_put(entry, &record, NULL, &f->err));
}

static inline np_entry_result put_lines(a_folder *f, const char *const *line, size_t n,
                                        bool dry_run, objections_seen *seen)
{
    np_entry *entry = NULL;
    np_entry_options options = {.who = "kari",
                                .action = "import",
                                .why = "",
                                .dry_run = dry_run,
                                .sink = see,
                                .context = seen};
    assert_ok(f, np_entry_begin(&entry, f->store, &options, f->arena, &f->err));
    for (size_t i = 0; i < n && line[i] != NULL; i++)
        put_line(f, entry, line[i]);
    np_entry_result result;
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    return result;
}

/* The programme that every case starts from. */
static const char *const valid_programme[] = {
    "programme sammen: name=Sammen; starts=2011-06-01; ends=2015-12-31",
    "theme absence: name=Absence",
    "theme full-time: name=Full-time culture",
    "cohort p1: name=First; starts=2012-01-01; ends=2014-12-31; deadline=2011-11-01",
    "cohort p2: name=Second; starts=2013-01-01; ends=2015-12-31",
    "indicator absence_pct: name=Absence; theme=absence; version=2; definition=Lost "
    "man-days by agreed ones; uom=per cent; level=result; direction=lower; sort=ratio; "
    "numerator=lost; denominator=agreed; factor=100; low=0; high=100; period=year; "
    "across_organisations=ratio; across_units=ratio; across_periods=ratio",
    "indicator positions: name=Positions; theme=full-time; version=1; definition=Mean "
    "size; uom=per cent; level=result; direction=higher; sort=number; low=0; high=100; "
    "period=year; across_organisations=none; across_units=weighted_mean; "
    "across_periods=latest",
    "indicator trained: name=Trained; version=1; definition=Leaders trained so far; "
    "uom=persons; level=driver; direction=higher; sort=count; low=0; cumulative=yes; "
    "period=half_year; across_organisations=sum; across_units=sum; "
    "across_periods=latest",
    "organisation 0101: code=0101; name=Halden; sort=municipality; valid_from=1838-01-01",
    "organisation 0104: code=0104; name=Moss; sort=municipality",
    "organisation 0136: code=0136; name=Rygge; sort=municipality; valid_from=1838-01-01; "
    "valid_to=2013-12-31",
    "unit 974760673: number=974760673; name=Home care; organisation=0101",
    "unit 971526920: number=971526920; name=School; organisation=0104",
    "person ola: name=Ola",
    "person eva: name=Eva",
    "project halden: name=Halden; cohort=p1",
    "project_organisation halden/0101: project=halden; organisation=0101",
    "participation halden/absence: project=halden; theme=absence; role=main",
    "role r1: person=ola; role=project_leader; project=halden; starts=2012-01-01; "
    "ends=2012-12-31",
    "role r2: person=eva; role=project_leader; project=halden; starts=2013-01-01",
    "measure m1: project=halden; theme=absence; name=Follow-up; starts=2012-03-01; "
    "ends=2013-06-30",
    "measure_status m1/2012-03-01: measure=m1; date=2012-03-01; status=under_way",
    "measure_unit mu: measure=m1; unit=974760673; starts=2012-03-01",
    "goal g1: project=halden; theme=absence; level=effect; text=A healthy workplace",
    "goal g2: project=halden; theme=absence; level=result; parent=g1; text=Absence below "
    "7; indicator=absence_pct; baseline=9; baseline_date=2011-12-31; "
    "baseline_source=KLP; baseline_scope=all employees; target=7; target_date=2014-12-31",
    "goal g3: project=halden; level=driver; parent=g2; text=Leaders who follow up; "
    "indicator=trained; baseline=0; target=20; target_date=2014-06-30",
    "goal_target g2/2012: goal=g2; period=2012; target=8.5",
    "goal_target g2/2014: goal=g2; period=2014; target=7",
    "measurement a2011: indicator=absence_pct; project=halden; period=2011; value=9; "
    "numerator=90; denominator=1000; baseline=yes",
    "measurement a2012: indicator=absence_pct; project=halden; period=2012; value=8.4; "
    "numerator=84; denominator=1000",
    "measurement t1: indicator=trained; project=halden; period=2012S1; value=0",
    "measurement t2: indicator=trained; project=halden; period=2012S2; value=12",
    "network n1: name=East; cohort=p1; theme=absence",
};

static inline int put_valid_programme(void **state)
{
    if (set_up(state) != 0)
        return 1;
    objections_seen seen = {{0}, {0}, {0}};
    np_entry_result result =
        put_lines(*state, valid_programme,
                  sizeof valid_programme / sizeof *valid_programme, false, &seen);
    if (!result.written || seen.rules[0] != '\0')
        print_error("%s: %s: %s\n", seen.rules, seen.first, seen.message);
    return !result.written || seen.rules[0] != '\0';
}

static inline void judge_cases(a_folder *f, const a_case *cases, size_t n)
{
    bool all_right = true;
    for (size_t i = 0; i < n; i++) {
        objections_seen seen = {{0}, {0}, {0}};
        put_lines(f, cases[i].line, 12, true, &seen);
        bool right = strcmp(seen.rules, cases[i].rules) == 0 &&
                     (cases[i].about == NULL || strcmp(seen.first, cases[i].about) == 0);
        if (!right)
            print_error("case %zu: \"%s\" of %s expected, got \"%s\" of %s: %s\n", i,
                        cases[i].rules, cases[i].about != NULL ? cases[i].about : "any",
                        seen.rules, seen.first, seen.message);
        all_right &= right;
    }
    assert_true(all_right);
}

#define JUDGE_CASES(state, cases)                                                        \
    judge_cases(state, cases, sizeof(cases) / sizeof *(cases))

#endif
