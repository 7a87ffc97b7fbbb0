/* A scheme in two versions, items, and coders, for tests of coding. */
#ifndef NP_TESTS_PROGRAMME_CODING_CASE_H
#define NP_TESTS_PROGRAMME_CODING_CASE_H

#include "programme/folder.h"

static inline void begin_entry(a_programme *f)
{
    np_store_entry entry = {.who = "kari", .action = "import"};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
}

static inline void commit_entry(a_programme *f)
{
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static inline void put_item(a_programme *f, const char *id, const char *text)
{
    put_record(f, "item", id, "sort", "hindrance_local", "text", text, "period",
               strcmp(id, "h5") == 0 ? "2013" : "2014", NULL);
}

/* Version 1 takes one category for an item, version 2 several. */
static inline void put_schemes(a_programme *f)
{
    begin_entry(f);
    put_record(f, "scheme", "s1", "name", "Hindrances", "version", "1", "sort",
               "hindrance_local", NULL);
    put_record(f, "scheme", "s2", "name", "Hindrances", "version", "2", "previous", "s1",
               "sort", "hindrance_local", "several", "1", NULL);
    static const char *const old[][2] = {{"time", "tid, ressurs*"},
                                         {"anchoring", "forankr*, lav motivasjon"},
                                         {"leader", "prosjektleder*"},
                                         {"other", NULL}};
    for (size_t i = 0; i < 4; i++)
        put_record(f, "category", NULL, "scheme", "s1", "code", old[i][0], "name",
                   old[i][0], "name_nb", i == 1 ? "Forankring" : "Kategori", "position",
                   i == 0 ? "1" : "2", old[i][1] != NULL ? "keywords" : NULL, old[i][1],
                   NULL);
    static const char *const new[] = {"time", "money", "anchoring", "people", "other"};
    for (size_t i = 0; i < 5; i++)
        put_record(f, "category", NULL, "scheme", "s2", "code", new[i], "name", new[i],
                   NULL);
    static const char *const line[][3] = {{"time", "time", "narrower"},
                                          {"time", "money", "narrower"},
                                          {"anchoring", "anchoring", "exact"},
                                          {"leader", "people", "broader"}};
    for (size_t i = 0; i < 4; i++) {
        char source[32], target[32];
        snprintf(source, sizeof source, "s1/%s", line[i][0]);
        snprintf(target, sizeof target, "s2/%s", line[i][1]);
        put_record(f, "crosswalk", NULL, "source", source, "target", target, "relation",
                   line[i][2], NULL);
    }
    put_item(f, "h1", "For lite tid, og for få ressurser");
    put_item(f, "h2", "Svak forankring hos lederne");
    put_item(f, "h3", "Prosjektlederen sluttet");
    put_item(f, "h4", "Ledelsen prioriterer\n ikke dette");
    put_item(f, "h5", "Lav motivasjon, ressursene strekker ikke til");
    put_record(f, "item", "r1", "sort", "result", "text", "Noe annet", "period", "2014",
               NULL);
    put_record(f, "item", "c1", "sort", "hindrance_local", "reconstructed", "1", "period",
               "2014", NULL);
    commit_entry(f);
}

static inline void put_label(a_programme *f, const char *item, const char *category,
                             const char *coder)
{
    put_record(f, "label", NULL, "item", item, "category", category, "coder", coder,
               NULL);
}

#endif
