-- The log: every version of every record, in entries that are chained by hash.
CREATE TABLE log_entry (
    entry INTEGER PRIMARY KEY,
    moment TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    why TEXT NOT NULL,
    n_versions INTEGER NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE log_version (
    number INTEGER PRIMARY KEY,
    -- No foreign key: the entry comes after its versions, and while one is open in the
    -- transaction SQLite reads the referring tables at every record that is put.
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT,
    UNIQUE (kind, id, version)
) STRICT;

CREATE INDEX log_version_entry ON log_version (entry);

CREATE TRIGGER log_entry_stays BEFORE UPDATE ON log_entry
BEGIN SELECT raise(ABORT, 'the log is never changed'); END;
CREATE TRIGGER log_entry_is_kept BEFORE DELETE ON log_entry
BEGIN SELECT raise(ABORT, 'the log is never cut'); END;
CREATE TRIGGER log_version_stays BEFORE UPDATE ON log_version
BEGIN SELECT raise(ABORT, 'the log is never changed'); END;
CREATE TRIGGER log_version_is_kept BEFORE DELETE ON log_version
BEGIN SELECT raise(ABORT, 'the log is never cut'); END;

-- The last version of each record, a table for each kind.

CREATE TABLE "programme" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "starts" TEXT NOT NULL,
    "ends" TEXT NOT NULL,
    "source_hash" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "theme" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "goal" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "cohort" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "invited" TEXT,
    "deadline" TEXT,
    "starts" TEXT NOT NULL,
    "ends" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "scheme" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "sort" TEXT
        CHECK ("sort" IN ('effect_goal', 'result_goal', 'driver_goal', 'measure_goal',
            'goal_change', 'measure', 'result', 'documentation', 'hindrance_local',
            'hindrance_central', 'learning_point', 'focus', 'project', 'report', 'answer')),
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "version" INTEGER NOT NULL,
    "previous" TEXT REFERENCES "scheme" (id) DEFERRABLE INITIALLY DEFERRED,
    "several" INTEGER CHECK ("several" IN (0, 1)),
    "definition" TEXT,
    "source" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "category" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "scheme" TEXT NOT NULL REFERENCES "scheme" (id) DEFERRABLE INITIALLY DEFERRED,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "definition" TEXT,
    "parent" TEXT REFERENCES "category" (id) DEFERRABLE INITIALLY DEFERRED,
    "position" INTEGER,
    "keywords" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "crosswalk" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "source" TEXT NOT NULL REFERENCES "category" (id) DEFERRABLE INITIALLY DEFERRED,
    "target" TEXT NOT NULL REFERENCES "category" (id) DEFERRABLE INITIALLY DEFERRED,
    "relation" TEXT NOT NULL
        CHECK ("relation" IN ('exact', 'broader', 'narrower', 'overlaps')),
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "indicator" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "version" INTEGER NOT NULL,
    "definition" TEXT NOT NULL,
    "uom" TEXT NOT NULL,
    "level" TEXT NOT NULL
        CHECK ("level" IN ('effect', 'result', 'driver', 'measure')),
    "direction" TEXT NOT NULL
        CHECK ("direction" IN ('higher', 'lower')),
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('count', 'number', 'ratio')),
    "numerator" TEXT,
    "denominator" TEXT,
    "factor" REAL,
    "decimals" INTEGER,
    "low" REAL,
    "high" REAL,
    "period" TEXT NOT NULL
        CHECK ("period" IN ('year', 'half_year', 'quarter', 'month')),
    "source" TEXT,
    "cumulative" INTEGER CHECK ("cumulative" IN (0, 1)),
    "across_organisations" TEXT NOT NULL
        CHECK ("across_organisations" IN ('sum', 'ratio', 'mean', 'weighted_mean', 'latest', 'none')),
    "across_units" TEXT NOT NULL
        CHECK ("across_units" IN ('sum', 'ratio', 'mean', 'weighted_mean', 'latest', 'none')),
    "across_periods" TEXT NOT NULL
        CHECK ("across_periods" IN ('sum', 'ratio', 'mean', 'weighted_mean', 'latest', 'none'))
) STRICT, WITHOUT ROWID;

CREATE TABLE "template" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "name_nb" TEXT,
    "name_nn" TEXT,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('start_up', 'half_year', 'annual', 'final')),
    "version" INTEGER NOT NULL,
    "first_period" TEXT,
    "last_period" TEXT,
    "due_month" INTEGER NOT NULL,
    "due_day" INTEGER NOT NULL,
    "due_years_after" INTEGER,
    "needs_approval" INTEGER CHECK ("needs_approval" IN (0, 1)),
    "change" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "question" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "template" TEXT NOT NULL REFERENCES "template" (id) DEFERRABLE INITIALLY DEFERRED,
    "code" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "text_nb" TEXT,
    "text_nn" TEXT,
    "answer" TEXT NOT NULL
        CHECK ("answer" IN ('text', 'integer', 'number', 'date', 'yes_no', 'category', 'goals',
            'measures', 'measurement', 'items')),
    "scheme" TEXT REFERENCES "scheme" (id) DEFERRABLE INITIALLY DEFERRED,
    "indicator" TEXT REFERENCES "indicator" (id) DEFERRABLE INITIALLY DEFERRED,
    "item_sort" TEXT
        CHECK ("item_sort" IN ('effect_goal', 'result_goal', 'driver_goal', 'measure_goal',
            'goal_change', 'measure', 'result', 'documentation', 'hindrance_local',
            'hindrance_central', 'learning_point', 'focus', 'project', 'report', 'answer')),
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "required" INTEGER CHECK ("required" IN (0, 1)),
    "repeats" INTEGER CHECK ("repeats" IN (0, 1)),
    "help" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "question_crosswalk" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "source" TEXT NOT NULL REFERENCES "question" (id) DEFERRABLE INITIALLY DEFERRED,
    "target" TEXT NOT NULL REFERENCES "question" (id) DEFERRABLE INITIALLY DEFERRED,
    "relation" TEXT NOT NULL
        CHECK ("relation" IN ('same', 'converted', 'not_comparable')),
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "grant_scheme" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "amount_per_year" REAL NOT NULL,
    "hold_back_share" REAL,
    "legal_basis" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "organisation" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "code" TEXT,
    "name" TEXT NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('municipality', 'county', 'city_district', 'group', 'other')),
    "valid_from" TEXT,
    "valid_to" TEXT,
    "n_members" INTEGER,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "organisation_change" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "predecessor" TEXT NOT NULL REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "successor" TEXT NOT NULL REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('merger', 'split', 'renumbering', 'boundary')),
    "share" REAL,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "unit" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "number" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organisation" TEXT NOT NULL REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "service" TEXT,
    "n_employees" INTEGER,
    "valid_from" TEXT,
    "valid_to" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "person" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "organisation" TEXT REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "user" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL
        CHECK ("role" IN ('secretariat', 'analyst', 'evaluator', 'project_leader',
            'network_leader', 'reader', 'administrator')),
    "person" TEXT REFERENCES "person" (id) DEFERRABLE INITIALLY DEFERRED,
    "closed" INTEGER CHECK ("closed" IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE "project" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "cohort" TEXT NOT NULL REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "starts" TEXT,
    "ends" TEXT,
    "purpose" TEXT,
    "organising" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "project_organisation" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "organisation" TEXT NOT NULL REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "joined" TEXT,
    "left_on" TEXT,
    "leads" INTEGER CHECK ("leads" IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE "participation" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT NOT NULL REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "role" TEXT NOT NULL
        CHECK ("role" IN ('main', 'additional')),
    "starts" TEXT,
    "ends" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "withdrawal" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "reason" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "network" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "cohort" TEXT REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "starts" TEXT,
    "ends" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "role" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "person" TEXT NOT NULL REFERENCES "person" (id) DEFERRABLE INITIALLY DEFERRED,
    "role" TEXT NOT NULL
        CHECK ("role" IN ('owner', 'council', 'steering_group', 'secretariat', 'network_leader',
            'resource_group', 'analyst', 'project_leader', 'local_steering_group')),
    "party" TEXT
        CHECK ("party" IN ('politicians', 'administration', 'unions', 'other')),
    "chairs" INTEGER CHECK ("chairs" IN (0, 1)),
    "project" TEXT REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "network" TEXT REFERENCES "network" (id) DEFERRABLE INITIALLY DEFERRED,
    "starts" TEXT NOT NULL,
    "ends" TEXT,
    "reason_ended" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "call" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "cohort" TEXT NOT NULL REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "opens" TEXT NOT NULL,
    "deadline" TEXT NOT NULL,
    "text" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "criterion" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "call" TEXT NOT NULL REFERENCES "call" (id) DEFERRABLE INITIALLY DEFERRED,
    "code" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "weight" REAL,
    "highest" INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE "application" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "call" TEXT NOT NULL REFERENCES "call" (id) DEFERRABLE INITIALLY DEFERRED,
    "received" TEXT NOT NULL,
    "amount" REAL,
    "text" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "commitment" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "party" TEXT NOT NULL
        CHECK ("party" IN ('politicians', 'administration', 'unions')),
    "given_by" TEXT NOT NULL,
    "date" TEXT NOT NULL,
    "document" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "score" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "application" TEXT NOT NULL REFERENCES "application" (id) DEFERRABLE INITIALLY DEFERRED,
    "criterion" TEXT NOT NULL REFERENCES "criterion" (id) DEFERRABLE INITIALLY DEFERRED,
    "score" INTEGER NOT NULL,
    "given_by" TEXT NOT NULL,
    "reason" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "exception" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "rule" TEXT NOT NULL
        CHECK ("rule" IN ('commitment_politicians', 'commitment_administration',
            'commitment_unions', 'result_goal', 'indicator', 'baseline', 'target')),
    "reason" TEXT NOT NULL,
    "granted_by" TEXT NOT NULL,
    "date" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "decision" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "application" TEXT NOT NULL REFERENCES "application" (id) DEFERRABLE INITIALLY DEFERRED,
    "outcome" TEXT NOT NULL
        CHECK ("outcome" IN ('admit', 'refuse', 'ask_for_more')),
    "date" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "measure" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "number" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "whole_organisation" INTEGER CHECK ("whole_organisation" IN (0, 1)),
    "n_covered" INTEGER,
    "covered" TEXT,
    "starts" TEXT,
    "ends" TEXT,
    "pools" INTEGER,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "measure_unit" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "measure" TEXT NOT NULL REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "unit" TEXT NOT NULL REFERENCES "unit" (id) DEFERRABLE INITIALLY DEFERRED,
    "starts" TEXT,
    "ends" TEXT,
    "n_covered" INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE "measure_status" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "measure" TEXT NOT NULL REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "status" TEXT NOT NULL
        CHECK ("status" IN ('planned', 'under_way', 'finished', 'shelved')),
    "reason" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "goal" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "level" TEXT NOT NULL
        CHECK ("level" IN ('effect', 'result', 'driver', 'measure')),
    "parent" TEXT REFERENCES "goal" (id) DEFERRABLE INITIALLY DEFERRED,
    "measure" TEXT REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "text" TEXT NOT NULL,
    "indicator" TEXT REFERENCES "indicator" (id) DEFERRABLE INITIALLY DEFERRED,
    "direction" TEXT
        CHECK ("direction" IN ('higher', 'lower')),
    "baseline" REAL,
    "baseline_missing" TEXT
        CHECK ("baseline_missing" IN ('blank', 'not_measured', 'not_reported', 'not_asked', 'not_applicable',
            'dont_know', 'suppressed', 'discontinued')),
    "baseline_date" TEXT,
    "baseline_source" TEXT,
    "baseline_scope" TEXT,
    "target" REAL,
    "target_date" TEXT,
    "reference" TEXT,
    "status" TEXT
        CHECK ("status" IN ('active', 'changed', 'dropped')),
    "change_reason" TEXT
        CHECK ("change_reason" IN ('correct_course', 'more_concrete', 'extend', 'limit')),
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "goal_target" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "goal" TEXT NOT NULL REFERENCES "goal" (id) DEFERRABLE INITIALLY DEFERRED,
    "period" TEXT NOT NULL,
    "target" REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- With numbers of rows: there may be millions, and each index would repeat the identifier.
CREATE TABLE "measurement" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "indicator" TEXT NOT NULL REFERENCES "indicator" (id) DEFERRABLE INITIALLY DEFERRED,
    "indicator_version" INTEGER,
    "project" TEXT REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "organisation" TEXT REFERENCES "organisation" (id) DEFERRABLE INITIALLY DEFERRED,
    "unit" TEXT REFERENCES "unit" (id) DEFERRABLE INITIALLY DEFERRED,
    "measure" TEXT REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "period" TEXT NOT NULL,
    "value" REAL,
    "numerator" REAL,
    "denominator" REAL,
    "missing" TEXT
        CHECK ("missing" IN ('blank', 'not_measured', 'not_reported', 'not_asked', 'not_applicable',
            'dont_know', 'suppressed', 'discontinued')),
    "baseline" INTEGER CHECK ("baseline" IN (0, 1)),
    "scope" TEXT,
    "n_people" INTEGER,
    "break_in_series" INTEGER CHECK ("break_in_series" IN (0, 1)),
    "note" TEXT
) STRICT;

CREATE TABLE "milestone" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "text" TEXT NOT NULL,
    "due" TEXT NOT NULL,
    "done" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "risk" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "text" TEXT NOT NULL,
    "likelihood" INTEGER NOT NULL,
    "consequence" INTEGER NOT NULL,
    "action" TEXT,
    "answers" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "benefit" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "goal" TEXT REFERENCES "goal" (id) DEFERRABLE INITIALLY DEFERRED,
    "text" TEXT NOT NULL,
    "how" TEXT,
    "answers" TEXT,
    "due" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "plan_assessment" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "criterion" TEXT NOT NULL
        CHECK ("criterion" IN ('purpose', 'baseline', 'result_goals', 'driver_goals', 'measures',
            'measure_goals', 'organising', 'milestones', 'risks', 'benefits')),
    "basis" TEXT NOT NULL
        CHECK ("basis" IN ('computed', 'analyst')),
    "verdict" TEXT NOT NULL
        CHECK ("verdict" IN ('met', 'to_improve')),
    "date" TEXT NOT NULL,
    "given_by" TEXT,
    "reason" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "network_member" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "network" TEXT NOT NULL REFERENCES "network" (id) DEFERRABLE INITIALLY DEFERRED,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "joined" TEXT,
    "left_on" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "meeting" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "date" TEXT NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('network', 'cohort', 'project_leaders', 'conference', 'course',
            'visit')),
    "network" TEXT REFERENCES "network" (id) DEFERRABLE INITIALLY DEFERRED,
    "cohort" TEXT REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "place" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "attendance" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "meeting" TEXT NOT NULL REFERENCES "meeting" (id) DEFERRABLE INITIALLY DEFERRED,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "party" TEXT NOT NULL
        CHECK ("party" IN ('politicians', 'administration', 'unions', 'project_leader', 'other')),
    "n_people" INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "support" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('visit', 'call', 'guidance', 'course', 'analysis', 'other')),
    "given_by" TEXT NOT NULL,
    "hours" REAL,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "obligation" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "template" TEXT NOT NULL REFERENCES "template" (id) DEFERRABLE INITIALLY DEFERRED,
    "period" TEXT NOT NULL,
    "due" TEXT NOT NULL,
    "waived" INTEGER CHECK ("waived" IN (0, 1)),
    "reason" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "report" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "template" TEXT NOT NULL REFERENCES "template" (id) DEFERRABLE INITIALLY DEFERRED,
    "period" TEXT NOT NULL,
    "status" TEXT NOT NULL
        CHECK ("status" IN ('draft', 'submitted', 'returned', 'approved')),
    "received" TEXT,
    "locked" INTEGER CHECK ("locked" IN (0, 1)),
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "answer" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "report" TEXT NOT NULL REFERENCES "report" (id) DEFERRABLE INITIALLY DEFERRED,
    "question" TEXT NOT NULL REFERENCES "question" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "number" INTEGER,
    "text" TEXT,
    "value" REAL,
    "missing" TEXT
        CHECK ("missing" IN ('blank', 'not_measured', 'not_reported', 'not_asked', 'not_applicable',
            'dont_know', 'suppressed', 'discontinued'))
) STRICT, WITHOUT ROWID;

CREATE TABLE "measure_account" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "report" TEXT NOT NULL REFERENCES "report" (id) DEFERRABLE INITIALLY DEFERRED,
    "measure" TEXT NOT NULL REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "status" TEXT NOT NULL
        CHECK ("status" IN ('planned', 'under_way', 'finished', 'shelved')),
    "n_covered" INTEGER,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "report_event" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "report" TEXT NOT NULL REFERENCES "report" (id) DEFERRABLE INITIALLY DEFERRED,
    "number" INTEGER NOT NULL,
    "event" TEXT NOT NULL
        CHECK ("event" IN ('opened', 'submitted', 'returned', 'approved', 'locked', 'reopened')),
    "moment" TEXT NOT NULL,
    "done_by" TEXT NOT NULL,
    "note" TEXT
) STRICT, WITHOUT ROWID;

-- With numbers of rows: SQLite keeps long rows by number without spilling half of each page.
CREATE TABLE "report_copy" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "report" TEXT NOT NULL REFERENCES "report" (id) DEFERRABLE INITIALLY DEFERRED,
    "number" INTEGER NOT NULL,
    "event" TEXT NOT NULL
        CHECK ("event" IN ('submitted', 'approved')),
    "body" TEXT NOT NULL,
    "hash" TEXT NOT NULL
) STRICT;

CREATE TABLE "grant_frame" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "scheme" TEXT NOT NULL REFERENCES "grant_scheme" (id) DEFERRABLE INITIALLY DEFERRED,
    "year" INTEGER NOT NULL,
    "amount" REAL NOT NULL,
    "decided_by" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "grant_commitment" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "scheme" TEXT NOT NULL REFERENCES "grant_scheme" (id) DEFERRABLE INITIALLY DEFERRED,
    "project" TEXT NOT NULL REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "year" INTEGER NOT NULL,
    "amount" REAL NOT NULL,
    "date" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "grant_condition" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "commitment" TEXT NOT NULL REFERENCES "grant_commitment" (id) DEFERRABLE INITIALLY DEFERRED,
    "code" TEXT NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('approved_report', 'use_statement', 'other')),
    "text" TEXT NOT NULL,
    "template" TEXT REFERENCES "template" (id) DEFERRABLE INITIALLY DEFERRED,
    "period" TEXT,
    "met_on" TEXT,
    "met_by" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "use_statement" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "commitment" TEXT NOT NULL REFERENCES "grant_commitment" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "used" REAL NOT NULL,
    "text" TEXT,
    "attested_by" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "payment_request" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "commitment" TEXT NOT NULL REFERENCES "grant_commitment" (id) DEFERRABLE INITIALLY DEFERRED,
    "date" TEXT NOT NULL,
    "amount" REAL NOT NULL,
    "requested_by" TEXT NOT NULL,
    "text" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "payment" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "commitment" TEXT NOT NULL REFERENCES "grant_commitment" (id) DEFERRABLE INITIALLY DEFERRED,
    "request" TEXT REFERENCES "payment_request" (id) DEFERRABLE INITIALLY DEFERRED,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('instalment', 'final_payment', 'hold_back', 'recovery', 'refusal')),
    "date" TEXT NOT NULL,
    "amount" REAL NOT NULL,
    "reason" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "attested_by" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "item" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "sort" TEXT NOT NULL
        CHECK ("sort" IN ('effect_goal', 'result_goal', 'driver_goal', 'measure_goal',
            'goal_change', 'measure', 'result', 'documentation', 'hindrance_local',
            'hindrance_central', 'learning_point', 'focus', 'project', 'report', 'answer')),
    "text" TEXT,
    "period" TEXT NOT NULL,
    "report" TEXT REFERENCES "report" (id) DEFERRABLE INITIALLY DEFERRED,
    "project" TEXT REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "theme" TEXT REFERENCES "theme" (id) DEFERRABLE INITIALLY DEFERRED,
    "cohort" TEXT REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "role" TEXT
        CHECK ("role" IN ('main', 'additional')),
    "goal" TEXT REFERENCES "goal" (id) DEFERRABLE INITIALLY DEFERRED,
    "measure" TEXT REFERENCES "measure" (id) DEFERRABLE INITIALLY DEFERRED,
    "answer" TEXT REFERENCES "answer" (id) DEFERRABLE INITIALLY DEFERRED,
    "bearer" TEXT,
    "reconstructed" INTEGER CHECK ("reconstructed" IN (0, 1)),
    "source" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "label" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "item" TEXT NOT NULL REFERENCES "item" (id) DEFERRABLE INITIALLY DEFERRED,
    "category" TEXT NOT NULL REFERENCES "category" (id) DEFERRABLE INITIALLY DEFERRED,
    "coder" TEXT NOT NULL,
    "date" TEXT,
    "note" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "adjudication" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "item" TEXT NOT NULL REFERENCES "item" (id) DEFERRABLE INITIALLY DEFERRED,
    "category" TEXT NOT NULL REFERENCES "category" (id) DEFERRABLE INITIALLY DEFERRED,
    "decided_by" TEXT NOT NULL,
    "date" TEXT,
    "reason" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "survey" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "starts" TEXT,
    "ends" TEXT,
    "population" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "respondent" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "survey" TEXT NOT NULL REFERENCES "survey" (id) DEFERRABLE INITIALLY DEFERRED,
    "project" TEXT REFERENCES "project" (id) DEFERRABLE INITIALLY DEFERRED,
    "cohort" TEXT REFERENCES "cohort" (id) DEFERRABLE INITIALLY DEFERRED,
    "affiliation" TEXT,
    "service" TEXT,
    "outcome" TEXT NOT NULL
        CHECK ("outcome" IN ('answered', 'partly', 'declined', 'not_reached', 'no_answer')),
    "answered" TEXT,
    "reconstructed" INTEGER CHECK ("reconstructed" IN (0, 1)),
    "source" TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE "survey_answer" (
    id TEXT PRIMARY KEY NOT NULL,
    record_version INTEGER NOT NULL,
    "respondent" TEXT NOT NULL REFERENCES "respondent" (id) DEFERRABLE INITIALLY DEFERRED,
    "question" TEXT NOT NULL,
    "choice" TEXT,
    "value" REAL,
    "missing" TEXT
        CHECK ("missing" IN ('blank', 'not_measured', 'not_reported', 'not_asked', 'not_applicable',
            'dont_know', 'suppressed', 'discontinued'))
) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1316318316;
PRAGMA user_version = 1;

-- What rules and tables look up: the records that belong to another.
CREATE INDEX "project_organisation_of_project" ON "project_organisation" ("project");
CREATE INDEX "project_organisation_of_organisation" ON "project_organisation" ("organisation");
CREATE INDEX "participation_of_project" ON "participation" ("project");
CREATE INDEX "withdrawal_of_project" ON "withdrawal" ("project");
CREATE INDEX "role_of_project" ON "role" ("project");
CREATE INDEX "application_of_project" ON "application" ("project");
CREATE INDEX "commitment_of_project" ON "commitment" ("project");
CREATE INDEX "exception_of_project" ON "exception" ("project");
CREATE INDEX "decision_of_application" ON "decision" ("application");
CREATE INDEX "score_of_application" ON "score" ("application");
CREATE INDEX "unit_of_organisation" ON "unit" ("organisation");
CREATE INDEX "measure_of_project" ON "measure" ("project");
CREATE INDEX "measure_unit_of_measure" ON "measure_unit" ("measure");
CREATE INDEX "measure_status_of_measure" ON "measure_status" ("measure");
CREATE INDEX "goal_of_project" ON "goal" ("project");
CREATE INDEX "goal_of_parent" ON "goal" ("parent");
CREATE INDEX "goal_target_of_goal" ON "goal_target" ("goal");
CREATE INDEX "milestone_of_project" ON "milestone" ("project");
CREATE INDEX "risk_of_project" ON "risk" ("project");
CREATE INDEX "benefit_of_project" ON "benefit" ("project");
CREATE INDEX "plan_assessment_of_project" ON "plan_assessment" ("project");
CREATE INDEX "network_member_of_network" ON "network_member" ("network");
CREATE INDEX "network_member_of_project" ON "network_member" ("project");
CREATE INDEX "attendance_of_meeting" ON "attendance" ("meeting");
CREATE INDEX "obligation_of_project" ON "obligation" ("project");
CREATE INDEX "report_of_project" ON "report" ("project");
CREATE INDEX "answer_of_report" ON "answer" ("report");
CREATE INDEX "measure_account_of_report" ON "measure_account" ("report");
CREATE INDEX "measure_account_of_measure" ON "measure_account" ("measure");
CREATE INDEX "report_event_of_report" ON "report_event" ("report");
CREATE INDEX "report_copy_of_report" ON "report_copy" ("report");
CREATE INDEX "grant_commitment_of_project" ON "grant_commitment" ("project");
CREATE INDEX "grant_condition_of_commitment" ON "grant_condition" ("commitment");
CREATE INDEX "use_statement_of_commitment" ON "use_statement" ("commitment");
CREATE INDEX "payment_request_of_commitment" ON "payment_request" ("commitment");
CREATE INDEX "payment_of_commitment" ON "payment" ("commitment");
CREATE INDEX "item_of_report" ON "item" ("report");
CREATE INDEX "item_of_project" ON "item" ("project");
CREATE INDEX "label_of_item" ON "label" ("item");
CREATE INDEX "adjudication_of_item" ON "adjudication" ("item");
CREATE INDEX "survey_answer_of_respondent" ON "survey_answer" ("respondent");
CREATE INDEX "category_of_scheme" ON "category" ("scheme");
-- A series of measurements is of one indicator and of one project, organisation …
CREATE INDEX "measurement_series"
    ON "measurement" ("project", "indicator", "organisation", "unit", "measure");
