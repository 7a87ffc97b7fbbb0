#include "evaluation/coder_agreement.h"

#include <math.h>
#include <string.h>

enum { DEFAULT_DRAWS = 1000 };

typedef struct {
    np_coder_agreement *a;
    const np_coder_agreement_spec *spec;
    np_arena *arena;
    np_error *err;
    double level;
    int32_t *code; /* scratch [n_items × n_coders]: a label, -1: none */
    double *label; /* the same for alpha */
} work;

static np_category_set set_at(const np_coding_labels *l, size_t item, size_t coder)
{
    return l->set[item * l->n_coders + coder];
}

static double jaccard(np_category_set a, np_category_set b)
{
    return (double)__builtin_popcountll(a & b) / (double)__builtin_popcountll(a | b);
}

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_agreement_measure of_kappa(work *w, const char *name, const char *variant,
                                     np_status status, const np_kappa *k,
                                     const np_error *why)
{
    np_agreement_measure m = {.name = name, .variant = variant};
    if (status == NP_OK) {
        m.n = k->n;
        m.value = k->kappa;
        m.conf_low = k->conf_low;
        m.conf_high = k->conf_high;
        return m;
    }
    m.value = m.conf_low = m.conf_high = NAN;
    m.why_not = np_arena_copy_text(w->arena, why->message, strlen(why->message));
    if (m.why_not == NULL)
        m.why_not = "";
    return m;
}

static void add_measure(np_coder_agreement *a, np_agreement_measure m)
{
    a->measure[a->n_measures++] = m;
}

static int32_t code_of(np_category_set set)
{
    return set == 0 ? -1 : (int32_t)__builtin_ctzll(set);
}

static void fill_codes(work *w)
{
    const np_coding_labels *l = &w->a->labels;
    for (size_t i = 0; i < l->n_items * l->n_coders; i++)
        w->code[i] = code_of(l->set[i]);
}

/* Given or not given one category, of those who labelled the item. */
static void fill_given(work *w, size_t category)
{
    const np_coding_labels *l = &w->a->labels;
    for (size_t i = 0; i < l->n_items * l->n_coders; i++)
        w->code[i] = l->set[i] == 0 ? -1 : (int32_t)(l->set[i] >> category & 1);
}

static np_status cohen(np_kappa *out, work *w, size_t first, size_t second,
                       size_t n_categories, np_kappa_weights weights, np_error *why)
{
    const np_coding_labels *l = &w->a->labels;
    np_arena_mark mark = np_arena_set_mark(w->arena);
    int32_t *x = np_arena_array(w->arena, int32_t, 2 * l->n_items + 1);
    if (x == NULL)
        return no_memory(why);
    for (size_t i = 0; i < l->n_items; i++) {
        x[i] = w->code[i * l->n_coders + first];
        x[l->n_items + i] = w->code[i * l->n_coders + second];
    }
    np_status status = np_cohen_kappa(out, x, x + l->n_items, l->n_items, n_categories,
                                      weights, w->level, w->arena, why);
    np_arena_release(w->arena, mark);
    return status;
}

/* Cohen's for two coders, Fleiss' for more. */
static np_agreement_measure kappa_of_codes(work *w, size_t n_categories,
                                           np_kappa_weights weights)
{
    const np_coding_labels *l = &w->a->labels;
    np_kappa k;
    np_error why = {0};
    if (l->n_coders == 2)
        return of_kappa(w, N_("Cohen's kappa"),
                        weights == NP_KAPPA_NOMINAL ? "nominal" : "linear",
                        cohen(&k, w, 0, 1, n_categories, weights, &why), &k, &why);
    np_status status = np_fleiss_kappa(&k, w->code, l->n_items, l->n_coders, n_categories,
                                       w->level, w->arena, &why);
    return of_kappa(w, N_("Fleiss' kappa"), "nominal", status, &k, &why);
}

static np_agreement_measure alpha(work *w, np_alpha_metric metric, const char *variant)
{
    const np_coding_labels *l = &w->a->labels;
    np_alpha_options options = {.metric = metric,
                                .conf_level = w->level,
                                .n_draws = w->spec->n_draws > 0 ? w->spec->n_draws
                                                                : DEFAULT_DRAWS,
                                .seed = w->spec->seed};
    np_alpha got = {0};
    np_error why = {0};
    np_status status = np_krippendorff_alpha(&got, w->label, l->n_items, l->n_coders,
                                             &options, w->arena, &why);
    /* Too few items for an interval are enough for an estimate. */
    if (status == NP_E_NOT_IDENTIFIED) {
        options.n_draws = 0;
        np_error again = {0};
        status = np_krippendorff_alpha(&got, w->label, l->n_items, l->n_coders, &options,
                                       w->arena, &again);
    }
    np_kappa k = {.n = got.n_items,
                  .kappa = got.alpha,
                  .conf_low = got.conf_low,
                  .conf_high = got.conf_high};
    return of_kappa(w, N_("Krippendorff's alpha"), variant, status, &k, &why);
}

static void measure_single(work *w)
{
    np_coder_agreement *a = w->a;
    fill_codes(w);
    for (size_t i = 0; i < a->labels.n_items * a->labels.n_coders; i++)
        w->label[i] = w->code[i] < 0 ? NAN : (double)w->code[i];
    add_measure(a, kappa_of_codes(w, a->scheme.n, NP_KAPPA_NOMINAL));
    if (w->spec->ordinal && a->labels.n_coders == 2)
        add_measure(a, kappa_of_codes(w, a->scheme.n, NP_KAPPA_LINEAR));
    add_measure(a, alpha(w, NP_ALPHA_NOMINAL, "nominal"));
    if (w->spec->ordinal)
        add_measure(a, alpha(w, NP_ALPHA_ORDINAL, "ordinal"));
}

static void measure_sets(work *w)
{
    np_coder_agreement *a = w->a;
    for (size_t i = 0; i < a->labels.n_items * a->labels.n_coders; i++)
        w->label[i] = a->labels.set[i] == 0 ? NAN : (double)a->labels.set[i];
    add_measure(a, alpha(w, NP_ALPHA_JACCARD, "jaccard"));
    add_measure(a, alpha(w, NP_ALPHA_MASI, "masi"));
}

static void compare_pair(np_coder_agreement *a, np_coder_pair *pair, size_t *confusion)
{
    const np_coding_labels *l = &a->labels;
    for (size_t i = 0; i < l->n_items; i++) {
        np_category_set x = set_at(l, i, pair->first), y = set_at(l, i, pair->second);
        if (x == 0 || y == 0)
            continue;
        pair->n++;
        pair->equal += x == y;
        pair->overlap += jaccard(x, y);
        if (confusion != NULL)
            confusion[(size_t)code_of(x) * a->scheme.n + (size_t)code_of(y)]++;
    }
    a->n_pairs_of_labels += pair->n;
    a->equal += pair->equal;
    a->overlap += pair->overlap;
    pair->equal /= (double)pair->n;
    pair->overlap /= (double)pair->n;
}

static np_status compare_pairs(work *w)
{
    np_coder_agreement *a = w->a;
    size_t n = a->labels.n_coders, k = a->scheme.n;
    np_coder_pair *pair = np_arena_array(w->arena, np_coder_pair, n * n / 2 + 1);
    size_t *confusion =
        a->scheme.several ? NULL : np_arena_array(w->arena, size_t, k * k + 1);
    if (pair == NULL || (confusion == NULL && !a->scheme.several))
        return no_memory(w->err);
    for (size_t first = 0; first < n; first++)
        for (size_t second = first + 1; second < n; second++) {
            np_coder_pair *p = &pair[a->n_pairs++];
            *p = (np_coder_pair){.first = first, .second = second};
            compare_pair(a, p, confusion);
            np_kappa kappa;
            np_error why = {0};
            if (a->scheme.several)
                continue;
            np_status status = cohen(&kappa, w, first, second, k, NP_KAPPA_NOMINAL, &why);
            p->kappa = of_kappa(w, N_("Cohen's kappa"), "nominal", status, &kappa, &why);
        }
    a->equal /= (double)a->n_pairs_of_labels;
    a->overlap /= (double)a->n_pairs_of_labels;
    a->pair = pair;
    a->confusion = confusion;
    return NP_OK;
}

static size_t count_coders(const np_coding_labels *l, size_t item)
{
    size_t n = 0;
    for (size_t c = 0; c < l->n_coders; c++)
        n += set_at(l, item, c) != 0;
    return n;
}

/* Of the times that a coder of a pair gave the category: how often the other did. */
static void compare_category(np_category_agreement *out, size_t *n_given,
                             const np_coding_labels *l, size_t category)
{
    double both = 0, given = 0;
    for (size_t i = 0; i < l->n_items; i++) {
        double coders = (double)count_coders(l, i), gave = 0;
        if (coders < 2)
            continue;
        for (size_t c = 0; c < l->n_coders; c++) {
            size_t here = (size_t)(set_at(l, i, c) >> category & 1);
            n_given[c] += here;
            gave += (double)here;
        }
        both += gave * (gave - 1);
        given += gave * (coders - 1);
    }
    out->n_given = n_given;
    out->agreed = given > 0 ? both / given : NAN;
}

static np_status compare_categories(work *w)
{
    np_coder_agreement *a = w->a;
    size_t k = a->scheme.n, n = a->labels.n_coders;
    np_category_agreement *all = np_arena_array(w->arena, np_category_agreement, k + 1);
    size_t *given = np_arena_array(w->arena, size_t, k * n + 1);
    if (all == NULL || given == NULL)
        return no_memory(w->err);
    for (size_t c = 0; c < k; c++) {
        compare_category(&all[c], given + c * n, &a->labels, c);
        fill_given(w, c);
        all[c].kappa = kappa_of_codes(w, 2, NP_KAPPA_NOMINAL);
    }
    a->category = all;
    return NP_OK;
}

static np_status find_disagreed(work *w)
{
    np_coder_agreement *a = w->a;
    const np_coding_labels *l = &a->labels;
    size_t *place = np_arena_array(w->arena, size_t, l->n_items + 1);
    if (place == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < l->n_items; i++) {
        np_category_set seen = 0;
        bool differ = false;
        for (size_t c = 0; c < l->n_coders; c++) {
            np_category_set set = set_at(l, i, c);
            differ = differ || (set != 0 && seen != 0 && set != seen);
            seen = set != 0 ? set : seen;
        }
        a->n_twice += count_coders(l, i) > 1;
        if (differ)
            place[a->n_disagreed++] = i;
    }
    a->n_items = l->n_items;
    a->disagreed = place;
    return NP_OK;
}

static np_status compare(work *w)
{
    np_coder_agreement *a = w->a;
    size_t n = a->labels.n_items * a->labels.n_coders;
    np_status status = find_disagreed(w);
    if (status == NP_OK && a->n_twice == 0) {
        np_fail(w->err, NP_E_NOT_IDENTIFIED,
                _("no item has labels of two coders in the scheme %s"), a->scheme.id);
        return np_error_hint(w->err, _("let two code the same items: nullpunkt coding "
                                       "sheet --sample 50 --seed 1 for each of them"));
    }
    w->code = np_arena_array(w->arena, int32_t, n + 1);
    w->label = np_arena_array(w->arena, double, n + 1);
    if (status == NP_OK && (w->code == NULL || w->label == NULL))
        status = no_memory(w->err);
    if (status != NP_OK)
        return status;
    if (a->scheme.several)
        measure_sets(w);
    else
        measure_single(w);
    status = compare_pairs(w);
    return status == NP_OK ? compare_categories(w) : status;
}

np_status np_coder_agreement_compute(np_coder_agreement *out, np_store *store,
                                     const char *scheme,
                                     const np_coder_agreement_spec *spec, np_arena *arena,
                                     np_error *err)
{
    np_coder_agreement a = {0};
    work w = {.a = &a,
              .spec = spec,
              .arena = arena,
              .err = err,
              .level = spec->conf_level == 0 ? 0.95 : spec->conf_level};
    np_status status = np_coding_scheme_read(&a.scheme, store, scheme, arena, err);
    if (status == NP_OK)
        status =
            np_coding_labels_read(&a.labels, store, &a.scheme, &spec->filter, arena, err);
    if (status == NP_OK)
        status = compare(&w);
    if (status == NP_OK)
        *out = a;
    return status;
}
