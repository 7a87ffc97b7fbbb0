/* What the files of `nullpunkt check` share; nobody else includes this. */
#ifndef NP_CLI_CMD_CHECK_H
#define NP_CLI_CMD_CHECK_H

#include "base/map.h"
#include "cli/command.h"
#include "evaluation/plan.h"
#include "evaluation/tabulation.h"
#include "programme/programme.h"
#include "programme/rules.h"

typedef struct {
    const char *file;           /* "programme.yaml"; "" where it is about a record */
    uint32_t line, column;      /* 0: not known */
    const char *kind, *id;      /* of the record; "" where it is about a file */
    const char *field;          /* key, field; may be "" */
    const char *rule;           /* the rule's word; "" for the form of a file */
    const char *message, *hint; /* hint may be "" */
    bool warning;
} np_finding;

/* Everything that is wrong; at most `most` of each rule, and of the form of each file,
 * are kept, all are counted. */
typedef struct {
    np_arena *arena;
    const char *folder;
    size_t most;
    np_finding *finding; /* [n] */
    size_t n, room;
    size_t n_problems, n_warnings;
    np_text_map *rules; /* words, or a file's name, and for each how many there are */
    size_t *n_of_rule, rules_room;
    bool no_memory;
    /* what was looked at */
    const char **file; /* [n_files] names within the folder */
    size_t n_files, files_room;
    bool has_records, checked_log, is_new_definition;
    int64_t n_records, n_entries;
    char head[NP_HASH_LENGTH];
} np_findings;

void np_findings_add(np_findings *f, const np_finding *finding);
void np_findings_looked_at(np_findings *f, const char *file);
/* np_problem_sink and np_objection_sink; `context` is the np_findings. */
void np_findings_problem(void *context, const np_error *problem);
void np_findings_warning(np_findings *f, const np_error *problem);
void np_findings_objection(void *context, const np_objection *objection);
/* Problems of files by line, then those of records as they came. */
void np_findings_sort(np_findings *f);

typedef struct {
    const np_call *call;
    const char *folder;
    np_findings found;
    np_problems *problems; /* handed to readers; tells `found` */
    np_programme programme;
    bool definition_is_right, has_plan, has_tables; /* read, without a problem */
    bool is_damaged;                                /* the file of records */
    np_plan plan;
    np_tabulation_plan tables;
} np_check;

const char *np_check_path(const np_check *c, const char *name); /* NULL: no memory */
bool np_check_is_there(const np_check *c, const char *name);
/* What stops one part of the check is a finding, and the other parts go on: NP_OK but
 * where memory has run out. */
np_status np_check_go_on(np_check *c, np_status status, np_error *failure,
                         const char *path, np_error *err);
/* The texts of the folder by themselves, and the names in them that the records must
 * know. */
np_status np_check_texts(np_check *c, np_error *err);
np_status np_check_names(np_check *c, np_error *err);

void np_findings_print(const np_call *call, const np_findings *f);
void np_findings_print_json(const np_call *call, const np_findings *f);

#endif
