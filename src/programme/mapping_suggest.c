/* A first mapping, from the headings of a file. */
#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "programme/mapping.h"
#include "programme/value.h"

/* What columns are called in the files of municipalities and agencies, and which fields
 * they may be; the first that the kind has. */
static const struct {
    const char *heading, *field;
} names[] = {
    {"navn", "name"},
    {"kommune", "name|organisation"},
    {"kommunenavn", "name"},
    {"kname", "name"},
    {"tittel", "title|name"},
    {"kommunenr", "code|organisation"},
    {"kommunenummer", "code|organisation"},
    {"knr", "code|organisation"},
    {"komnr", "code|organisation"},
    {"organisasjon", "organisation"},
    {"geografisk enhet", "organisation"},
    {"region", "organisation"},
    {"kode", "code"},
    {"prosjekt", "project"},
    {"tema", "theme"},
    {"pulje", "cohort"},
    {"kull", "cohort"},
    {"tiltak", "measure|name"},
    {"mål", "goal|text"},
    {"nivå", "level"},
    {"indikator", "indicator"},
    {"enhet", "unit|name"},
    {"virksomhet", "unit|name"},
    {"orgnr", "number"},
    {"organisasjonsnummer", "number"},
    {"nr", "number"},
    {"nummer", "number"},
    {"ansatte", "n_employees"},
    {"antall ansatte", "n_employees"},
    {"antall omfattet", "n_covered"},
    {"omfatter", "n_covered"},
    {"år", "period|year"},
    {"aar", "period|year"},
    {"årstall", "period|year"},
    {"year", "period"},
    {"periode", "period"},
    {"kvartal", "period"},
    {"verdi", "value"},
    {"resultat", "value"},
    {"teller", "numerator"},
    {"nevner", "denominator"},
    {"nullpunkt", "baseline"},
    {"måltall", "target"},
    {"start", "starts|valid_from|joined"},
    {"startdato", "starts|valid_from|joined"},
    {"slutt", "ends|valid_to|left_on"},
    {"sluttdato", "ends|valid_to|left_on"},
    {"fra", "starts|valid_from"},
    {"til", "ends|valid_to"},
    {"gyldig fra", "valid_from"},
    {"gyldig til", "valid_to"},
    {"dato", "date"},
    {"frist", "due"},
    {"status", "status"},
    {"rolle", "role"},
    {"type", "sort"},
    {"art", "sort"},
    {"beskrivelse", "description"},
    {"tekst", "text"},
    {"årsak", "reason"},
    {"begrunnelse", "reason"},
    {"merknad", "note"},
    {"kommentar", "note"},
    {"notat", "note"},
    {"e-post", "email"},
    {"epost", "email"},
    {"person", "person"},
    {"kategori", "category"},
    {"koder", "coder"},
    {"beløp", "amount"},
    {"sum", "amount"},
};

enum { LONGEST_HEADING = 120 };

/* In small letters, "_" and "." as blanks; æ, ø and å, too. */
static void plain_heading(char out[LONGEST_HEADING], const char *heading)
{
    size_t n = 0;
    np_str text = np_str_trim(np_str_of(heading));
    for (size_t i = 0; i < text.length && n + 4 < LONGEST_HEADING;) {
        uint32_t c;
        i += np_utf8_decode(&c, text.text + i);
        if (c < 0x80)
            c = (uint32_t)tolower((int)c);
        else if (c == 0xc6 || c == 0xd8 || c == 0xc5)
            c += 0x20;
        c = c == '_' || c == '.' ? ' ' : c;
        n += np_utf8_encode(out + n, c);
    }
    out[n] = '\0';
}

/* The first of the fields "a|b" that the kind has, or n_fields. */
static size_t first_field(const np_kind *kind, const char *fields)
{
    for (const char *p = fields; *p != '\0';) {
        size_t n = strcspn(p, "|");
        char word[40];
        np_text_format(word, sizeof word, "%.*s", (int)n, p);
        size_t f = np_kind_field(kind, word);
        if (f < kind->n_fields)
            return f;
        p += n + (p[n] == '|');
    }
    return kind->n_fields;
}

/* The field that a heading names; n_fields: none; n_fields + 1: the identifier. */
static size_t guess_field(const np_kind *kind, const char *heading)
{
    char plain[LONGEST_HEADING], word[LONGEST_HEADING];
    plain_heading(plain, heading);
    if (strcmp(plain, "id") == 0)
        return kind->n_fields + 1;
    np_text_format(word, sizeof word, "%s", plain);
    for (char *p = word; *p != '\0'; p++)
        *p = *p == ' ' ? '_' : *p;
    size_t f = np_kind_field(kind, word);
    for (size_t i = 0; f == kind->n_fields && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].heading, plain) == 0)
            f = first_field(kind, names[i].field);
    return f;
}

typedef struct {
    const np_kind *kind;
    const char *const *heading;
    size_t n;
    const char *column[NP_MOST_FIELDS + 2]; /* the heading of each field */
    size_t n_found, n_periods;
} suggestion;

static bool is_period(const char *heading)
{
    np_period period;
    np_str text = np_str_trim(np_str_of(heading));
    return np_period_parse(&period, text.text, text.length);
}

static bool is_wide(const suggestion *s)
{
    return s->n_periods > 0 && np_kind_field(s->kind, "period") < s->kind->n_fields &&
           np_kind_field(s->kind, "value") < s->kind->n_fields;
}

static suggestion suggest(const np_kind *kind, const char *const *heading, size_t n)
{
    suggestion s = {.kind = kind, .heading = heading, .n = n};
    for (size_t j = 0; j < n; j++) {
        size_t f = guess_field(kind, heading[j]);
        s.n_periods += is_period(heading[j]);
        if (f == kind->n_fields || s.column[f] != NULL)
            continue;
        s.column[f] = heading[j];
        s.n_found++;
    }
    return s;
}

/* Headings that fit, less the required fields that nothing fits. */
static int score(const suggestion *s)
{
    int points = 2 * (int)s->n_found;
    for (size_t f = 0; f < s->kind->n_fields; f++)
        if (s->kind->field[f].required && s->column[f] == NULL)
            points--;
    return points + (is_wide(s) ? 3 : 0);
}

static const np_kind *best_kind(const char *const *heading, size_t n)
{
    size_t n_kinds;
    const np_kind *kind = np_kinds(&n_kinds), *best = NULL;
    int most = 0;
    for (size_t k = 0; k < n_kinds; k++) {
        suggestion s = suggest(&kind[k], heading, n);
        if (kind[k].defined || s.n_found + s.n_periods == 0 ||
            (best != NULL && score(&s) <= most))
            continue;
        best = &kind[k];
        most = score(&s);
    }
    return best;
}

/* What YAML has as itself (1.1, c-printable). */
static bool is_printable(uint32_t c)
{
    return (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

static void put_quoted(np_buf *out, const char *text)
{
    np_buf_add_char(out, '"');
    for (size_t n; *text != '\0'; text += n) {
        uint32_t c;
        n = np_utf8_decode(&c, text);
        if (!is_printable(c)) {
            np_buf_format(out, "\\u%04x", (unsigned)c);
            continue;
        }
        if (c == '"' || c == '\\')
            np_buf_add_char(out, '\\');
        np_buf_add_bytes(out, text, n);
    }
    np_buf_add_char(out, '"');
}

static void put_field(np_buf *out, const suggestion *s, size_t f)
{
    const np_field *field = &s->kind->field[f];
    np_buf_format(out, "  %s: {column: ", field->name);
    put_quoted(out, s->column[f]);
    bool code = strcmp(field->name, "code") == 0 ||
                (field->among != NULL && field->type == NP_FIELD_REFERENCE &&
                 strcmp(field->among, "organisation") == 0);
    if (code)
        np_buf_add(out, ", digits: 4");
    np_buf_add_char(out, '}');
    if (field->type == NP_FIELD_CHOICE)
        np_buf_format(out, " # words: {...: %s}", field->among);
    np_buf_add_char(out, '\n');
}

static void put_missing_fields(np_buf *out, const suggestion *s)
{
    bool wide = is_wide(s);
    if (s->kind->key == NULL && s->column[s->kind->n_fields + 1] == NULL)
        np_buf_format(out, "  # id: {pattern: \"{...}-{...}\"} # %s\n",
                      _("required: a column, or made of others"));
    for (size_t f = 0; f < s->kind->n_fields; f++) {
        const np_field *field = &s->kind->field[f];
        bool repeated = wide && strcmp(field->name, "period") == 0;
        if (field->required && s->column[f] == NULL && !repeated)
            np_buf_format(out, "  # %s: {constant: ...} # %s\n", field->name,
                          _("required: a column or a constant"));
    }
}

static void put_repeat(np_buf *out, const suggestion *s)
{
    np_buf_add(out, "repeat:\n  period: {into: value, columns: {");
    bool first = true;
    for (size_t j = 0; j < s->n; j++) {
        if (!is_period(s->heading[j]))
            continue;
        np_buf_add(out, first ? "" : ", ");
        put_quoted(out, s->heading[j]);
        np_buf_format(out, ": ");
        put_quoted(out, s->heading[j]);
        first = false;
    }
    np_buf_add(out, "}}\n");
}

static void put_ignored(np_buf *out, const suggestion *s)
{
    bool any = false;
    for (size_t j = 0; j < s->n; j++) {
        bool used = is_wide(s) && is_period(s->heading[j]);
        for (size_t f = 0; f < s->kind->n_fields + 2; f++)
            used = used || s->column[f] == s->heading[j];
        if (used)
            continue;
        if (!any)
            np_buf_format(out, "ignore: # %s\n", _("nothing is made of these"));
        any = true;
        np_buf_add(out, "  - ");
        put_quoted(out, s->heading[j]);
        np_buf_add_char(out, '\n');
    }
}

np_status np_mapping_suggest(np_buf *out, const char *const *heading, size_t n,
                             const np_kind *kind, np_error *err)
{
    if (kind == NULL)
        kind = best_kind(heading, n);
    if (kind == NULL) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("no heading is like the name of a field"));
        return np_error_hint(err, _("say with --as what kind of records they are"));
    }
    suggestion s = suggest(kind, heading, n);
    np_buf_format(out, "# %s\nkind: %s\ncolumns:\n",
                  _("A suggestion by the headings: correct it before it is used."),
                  kind->name);
    if (s.column[kind->n_fields + 1] != NULL) {
        np_buf_add(out, "  id: {column: ");
        put_quoted(out, s.column[kind->n_fields + 1]);
        np_buf_add(out, "}\n");
    }
    for (size_t f = 0; f < kind->n_fields; f++)
        if (s.column[f] != NULL)
            put_field(out, &s, f);
    put_missing_fields(out, &s);
    if (is_wide(&s))
        put_repeat(out, &s);
    put_ignored(out, &s);
    return np_buf_done(out) == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                                    : NP_OK;
}
