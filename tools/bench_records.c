/* The records' store beside plain SQLite: putting, opening, asking. Medians of the runs.
 *
 * usage: bench-records FOLDER [ROWS] [RUNS]
 *
 * FOLDER is a programme (tools/simulate_programme.c). ROWS measurements (100000 unless
 * given) are put into a new file beside it, and inserted into a table of the same columns
 * by SQLite alone. Questions go to the folder's own records, once through
 * np_store_query() and once as the SQL that one would write by hand.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/decimal.h"
#include "store/query.h"

enum { MOST_RUNS = 101 };

typedef struct {
    const char *folder;
    char records[1024], scratch[1024];
    int64_t rows, runs;
    np_error err;
} bench;

/* On a machine that others use the processor's time says more than the clock's. */
typedef struct {
    double wall, processor;
} spent;

static double clock_of(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static spent spent_now(void)
{
    return (spent){clock_of(CLOCK_MONOTONIC), clock_of(CLOCK_PROCESS_CPUTIME_ID)};
}

static spent spent_since(spent start)
{
    spent now = spent_now();
    return (spent){now.wall - start.wall, now.processor - start.processor};
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static spent median(const spent *run, size_t n)
{
    double wall[MOST_RUNS], processor[MOST_RUNS];
    for (size_t i = 0; i < n; i++) {
        wall[i] = run[i].wall;
        processor[i] = run[i].processor;
    }
    qsort(wall, n, sizeof *wall, by_size);
    qsort(processor, n, sizeof *processor, by_size);
    return (spent){wall[n / 2], processor[n / 2]};
}

static _Noreturn void give_up(const bench *b, const char *what)
{
    fprintf(stderr, "bench-records: %s: %s\n", what, b->err.message);
    exit(2);
}

static void remove_scratch(const bench *b)
{
    static const char *const end[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[1100];
        snprintf(path, sizeof path, "%s%s", b->scratch, end[i]);
        unlink(path);
    }
}

typedef struct {
    char id[64], period[16];
    double above, below;
} made_row;

/* In no order of the identifiers, as files of many units come. */
static made_row row_of(int64_t i, int64_t n)
{
    made_row row;
    int64_t place = (i * 7919) % n;
    snprintf(row.period, sizeof row.period, "%d%02d", 2011 + (int)(place % 120 / 12),
             (int)(place % 12) + 1);
    snprintf(row.id, sizeof row.id, "absence/p%07d/-/-/-/%s/-", (int)(place / 120),
             row.period);
    row.above = (double)(place % 50);
    row.below = 400;
    return row;
}

static void set(np_value *value, const np_kind *kind, const char *field, np_value to)
{
    value[np_kind_field(kind, field)] = to;
}

static void put_rows(bench *b, np_store *store)
{
    const np_kind *kind = np_kind_find("measurement");
    for (int64_t i = 0; i < b->rows; i++) {
        made_row row = row_of(i, b->rows);
        np_value value[NP_MOST_FIELDS] = {{0}};
        np_record record = {.kind = kind, .id = row.id, .value = value};
        set(value, kind, "indicator", NP_VALUE_OF_TEXT("absence"));
        set(value, kind, "period", NP_VALUE_OF_TEXT(row.period));
        set(value, kind, "value", NP_VALUE_OF_NUMBER(100 * row.above / row.below));
        set(value, kind, "numerator", NP_VALUE_OF_NUMBER(row.above));
        set(value, kind, "denominator", NP_VALUE_OF_NUMBER(row.below));
        if (np_store_put(store, &record, NULL, &b->err) != NP_OK)
            give_up(b, "put");
    }
}

static void put_indicator(bench *b, np_store *store)
{
    static const char *const text[][2] = {
        {"name", "Absence"},       {"definition", "Days"},
        {"uom", "per cent"},       {"level", "result"},
        {"direction", "lower"},    {"sort", "ratio"},
        {"period", "month"},       {"across_organisations", "ratio"},
        {"across_units", "ratio"}, {"across_periods", "ratio"}};
    const np_kind *kind = np_kind_find("indicator");
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = kind, .id = "absence", .value = value};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        set(value, kind, text[i][0], NP_VALUE_OF_TEXT(text[i][1]));
    set(value, kind, "version", NP_VALUE_OF_INTEGER(1));
    if (np_store_put(store, &record, NULL, &b->err) != NP_OK)
        give_up(b, "put");
}

static spent put_once(bench *b)
{
    np_store *store = NULL;
    np_store_entry entry = {.who = "bench", .action = "import"};
    remove_scratch(b);
    if (np_store_open(&store, b->scratch, NP_STORE_CREATE, &b->err) != NP_OK)
        give_up(b, "open");
    spent start = spent_now();
    if (np_store_begin(store, &entry, &b->err) != NP_OK)
        give_up(b, "begin");
    put_indicator(b, store);
    put_rows(b, store);
    if (np_store_commit(store, &b->err) != NP_OK)
        give_up(b, "commit");
    spent took = spent_since(start);
    np_store_close(store);
    remove_scratch(b);
    return took;
}

static void plain(bench *b, sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        np_fail(&b->err, NP_E_IO, "%s", sqlite3_errmsg(db));
        give_up(b, "SQLite");
    }
}

static spent insert_once(bench *b)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    remove_scratch(b);
    sqlite3_open(b->scratch, &db);
    plain(
        b, db,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE measurement (id "
        "TEXT PRIMARY KEY NOT NULL, indicator TEXT NOT NULL, period TEXT NOT NULL, value "
        "REAL, numerator REAL, denominator REAL) STRICT");
    spent start = spent_now();
    plain(b, db, "BEGIN");
    sqlite3_prepare_v2(db,
                       "INSERT INTO measurement VALUES (?1, 'absence', ?2, ?3, ?4, ?5)",
                       -1, &s, NULL);
    for (int64_t i = 0; i < b->rows; i++) {
        made_row row = row_of(i, b->rows);
        sqlite3_bind_text(s, 1, row.id, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 2, row.period, -1, SQLITE_STATIC);
        sqlite3_bind_double(s, 3, 100 * row.above / row.below);
        sqlite3_bind_double(s, 4, row.above);
        sqlite3_bind_double(s, 5, row.below);
        sqlite3_step(s);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    plain(b, db, "COMMIT");
    spent took = spent_since(start);
    sqlite3_close(db);
    remove_scratch(b);
    return took;
}

static spent open_once(bench *b)
{
    np_store *store = NULL;
    spent start = spent_now();
    if (np_store_open(&store, b->records, NP_STORE_READ, &b->err) != NP_OK)
        give_up(b, "open");
    spent took = spent_since(start);
    np_store_close(store);
    return took;
}

typedef struct {
    const char *name, *kind;
    np_query_column column[6];
    size_t n_columns;
    const char *sql; /* the same, by hand */
} question;

static const question questions[] = {
    {"ratio by organisation of units and period",
     "measurement",
     {{"unit.organisation", NP_VALUES},
      {"period", NP_VALUES},
      {"numerator", NP_SUM},
      {"denominator", NP_SUM}},
     4,
     "SELECT u.organisation, m.period, sum(m.numerator), sum(m.denominator) FROM "
     "measurement AS m LEFT JOIN unit AS u ON u.id = m.unit GROUP BY 1, 2"},
    {"reasons of absence by indicator",
     "measurement",
     {{"indicator", NP_VALUES}, {"missing", NP_VALUES}, {"id", NP_COUNT}},
     3,
     "SELECT indicator, missing, count(*) FROM measurement GROUP BY 1, 2"},
    {"measurements by service of units, no summary",
     "measurement",
     {{"unit.service", NP_VALUES}, {"id", NP_COUNT}, {"value", NP_SUM}},
     3,
     "SELECT u.service, count(*), sum(m.value) FROM measurement AS m LEFT JOIN unit AS u "
     "ON u.id = m.unit GROUP BY 1"},
    {"items by sort and cohort",
     "item",
     {{"sort", NP_VALUES}, {"project.cohort", NP_VALUES}, {"id", NP_COUNT}},
     3,
     "SELECT i.sort, p.cohort, count(*) FROM item AS i LEFT JOIN project AS p ON p.id = "
     "i.project GROUP BY 1, 2"},
    {"labels by category and period",
     "label",
     {{"category", NP_VALUES}, {"item.period", NP_VALUES}, {"id", NP_COUNT}},
     3,
     "SELECT l.category, i.period, count(*) FROM label AS l LEFT JOIN item AS i ON i.id "
     "= "
     "l.item GROUP BY 1, 2"},
};

static spent ask_once(bench *b, np_store *store, const question *q)
{
    np_arena *arena = np_arena_new(0);
    np_rows rows;
    np_query query = {
        .kind = np_kind_find(q->kind), .column = q->column, .n_columns = q->n_columns};
    spent start = spent_now();
    if (np_store_query(&rows, store, &query, arena, &b->err) != NP_OK)
        give_up(b, "query");
    spent took = spent_since(start);
    np_arena_free(arena);
    return took;
}

static spent select_once(bench *b, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    spent start = spent_now();
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        np_fail(&b->err, NP_E_IO, "%s", sqlite3_errmsg(db));
        give_up(b, "SQLite");
    }
    while (sqlite3_step(s) == SQLITE_ROW) {
    }
    sqlite3_finalize(s);
    return spent_since(start);
}

static void line(const char *work, spent ours, spent plainly)
{
    printf("| %s | %.1f | %.1f |", work, 1e3 * ours.wall, 1e3 * ours.processor);
    if (plainly.wall > 0)
        printf(" %.1f | %.1f | %.2f |\n", 1e3 * plainly.wall, 1e3 * plainly.processor,
               ours.processor / plainly.processor);
    else
        printf(" | | |\n");
}

/* By turns, so that a burden on the machine meets both. */
static void bench_putting(bench *b)
{
    spent ours[MOST_RUNS], theirs[MOST_RUNS];
    char work[64];
    for (int64_t i = 0; i < b->runs; i++) {
        ours[i] = put_once(b);
        theirs[i] = insert_once(b);
    }
    snprintf(work, sizeof work, "putting %lld measurements", (long long)b->rows);
    line(work, median(ours, (size_t)b->runs), median(theirs, (size_t)b->runs));
}

static void bench_reading(bench *b)
{
    spent ours[MOST_RUNS], theirs[MOST_RUNS];
    np_store *store = NULL;
    sqlite3 *db = NULL;
    for (int64_t i = 0; i < b->runs; i++)
        ours[i] = open_once(b);
    line("opening", median(ours, (size_t)b->runs), (spent){0});
    if (np_store_open(&store, b->records, NP_STORE_READ, &b->err) != NP_OK)
        give_up(b, "open");
    sqlite3_open_v2(b->records, &db, SQLITE_OPEN_READONLY, NULL);
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        for (int64_t i = 0; i < b->runs; i++) {
            ours[i] = ask_once(b, store, &questions[q]);
            theirs[i] = select_once(b, db, questions[q].sql);
        }
        line(questions[q].name, median(ours, (size_t)b->runs),
             median(theirs, (size_t)b->runs));
    }
    sqlite3_close(db);
    np_store_close(store);
}

int main(int argc, char *argv[])
{
    bench b = {.rows = 100000, .runs = 5};
    bool good = argc >= 2 && argc <= 4;
    if (good && argc > 2)
        good = np_integer_parse(&b.rows, argv[2], strlen(argv[2])) && b.rows > 0;
    if (good && argc > 3)
        good = np_integer_parse(&b.runs, argv[3], strlen(argv[3])) && b.runs > 0 &&
               b.runs <= MOST_RUNS;
    if (!good) {
        fputs("usage: bench-records FOLDER [ROWS] [RUNS]\n", stderr);
        return 2;
    }
    snprintf(b.records, sizeof b.records, "%s/programme.db", argv[1]);
    snprintf(b.scratch, sizeof b.scratch, "%s/bench-records.db", argv[1]);
    puts("| Work | Milliseconds | Of the processor | SQLite alone | Of the processor | "
         "Ratio of these |\n|---|--:|--:|--:|--:|--:|");
    bench_putting(&b);
    bench_reading(&b);
    return 0;
}
