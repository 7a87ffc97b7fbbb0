/* How far coders agree who gave labels to the same items.
 *
 * Cohen's kappa of two coders, for the shares p_ij of items that the first put in
 * category i and the second in j, and weights of agreement w_ij (k categories):
 *   nominal  w_ij = [i = j]
 *   linear   w_ij = 1 - |i - j| / (k - 1)
 *   squared  w_ij = 1 - (i - j)^2 / (k - 1)^2
 *   observed  po = sum w_ij p_ij         expected  pe = sum w_ij p_i. p_.j
 *   kappa     (po - pe) / (1 - pe)
 *   std_error square root of  (sum p_ij [w_ij (1 - pe) - (a_i + b_j) (1 - po)]^2
 *             - (po pe - 2 pe + po)^2) / (n (1 - pe)^4),
 *             a_i = sum_j w_ij p_.j, b_j = sum_i w_ij p_i.
 *   interval  kappa -+ qnorm((1 + conf_level) / 2) std_error
 *
 * Fleiss' kappa of any number of coders, for N items with labels, N2 of them with two or
 * more; item u has m_u labels, m_uc of them of category c:
 *   observed  po = 1 / N2 sum_{m_u >= 2} sum_c m_uc (m_uc - 1) / (m_u (m_u - 1))
 *   expected  pe = sum_c p_c^2, p_c = 1 / N sum_u m_uc / m_u
 *   kappa     (po - pe) / (1 - pe)
 *   std_error square root of 1 / (N (N - 1)) sum_u (k_u - kappa)^2,
 *             k_u = N / N2 (po_u - pe [m_u >= 2]) / (1 - pe)
 *                   - 2 (1 - kappa) (pe_u - pe) / (1 - pe), pe_u = sum_c p_c m_uc / m_u
 *   interval  kappa -+ qt((1 + conf_level) / 2, N - 1) std_error, at most 1
 * With the same number of labels for all items it is Fleiss (1971); it is not Cohen's
 * where there are two coders, who are taken to have the same shares.
 *
 * Krippendorff's alpha of any number of coders, over items with m_u >= 2 labels, n
 * labels in all, n_c of them equal to c:
 *   observed  Do = 1 / n sum_u sum_{i != j} d(c_ui, c_uj) / (m_u - 1)
 *   expected  De = 1 / (n (n - 1)) sum_c sum_k n_c n_k d(c, k)
 *   alpha     1 - Do / De
 *   nominal d = [c != k]; ordinal (sum_{g=c}^{k} n_g - (n_c + n_k) / 2)^2;
 *   interval (c - k)^2; ratio ((c - k) / (c + k))^2, 0 for two zeros
 *   sets A, B: Jaccard 1 - |A n B| / |A u B|; MASI 1 - M |A n B| / |A u B|, M = 2/3 where
 *   one set contains the other, else 1/3; 0 for equal sets, two empty ones too
 * Percentile bootstrap interval: draw r resamples the items with two labels or more by
 * stream r of the seed; quantiles interpolated as R's type 7. It is not the bootstrap of
 * Krippendorff's own programs, which resamples pairs of labels.
 *
 * Source:  Fleiss (1971), Psychol. Bull. 76, 378-382; Gwet (2014), Handbook of
 * Inter-Rater Reliability, 4th ed., ch. 5 (missing labels and the standard error); Cohen
 * (1960), Educ. Psychol. Meas. 20, 37-46, and (1968), Psychol. Bull. 70, 213-220; Fleiss,
 * Cohen and Everitt (1969), Psychol. Bull. 72, 323-327; Krippendorff (2011), Computing
 * Krippendorff's Alpha-Reliability; Passonneau (2006), Measuring agreement on set-valued
 * items (MASI), LREC. Matches: Cohen (1968), the worked example; Krippendorff (2011), the
 * example with missing data; irrCAC's fleiss.kappa.raw() on the same data. */
#ifndef NP_STATS_AGREEMENT_H
#define NP_STATS_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum { NP_KAPPA_NOMINAL = 0, NP_KAPPA_LINEAR, NP_KAPPA_SQUARED } np_kappa_weights;

typedef struct {
    size_t n; /* items that both labelled */
    double observed, expected, kappa, std_error, conf_low, conf_high;
} np_kappa;

/* first, second [n]: categories 0 … n_categories - 1 in their order, -1: no label; items
 * without both are left out. NP_E_RANGE a label or conf_level outside;
 * NP_E_NOT_IDENTIFIED no item with both labels, or all labels in one category;
 * NP_E_NO_MEMORY. Cost: n + n_categories^2. */
np_status np_cohen_kappa(np_kappa *out, const int32_t *first, const int32_t *second,
                         size_t n, size_t n_categories, np_kappa_weights weights,
                         double conf_level, np_arena *arena, np_error *err);

/* label [n_items × n_coders], an item's labels together: 0 … n_categories - 1, -1: none.
 * out->n counts the items with two labels or more. conf_level 0: 0.95. Errors as
 * np_cohen_kappa(). Cost: n_items (n_coders + n_categories). */
np_status np_fleiss_kappa(np_kappa *out, const int32_t *label, size_t n_items,
                          size_t n_coders, size_t n_categories, double conf_level,
                          np_arena *arena, np_error *err);

typedef enum {
    NP_ALPHA_NOMINAL = 0,
    NP_ALPHA_ORDINAL,
    NP_ALPHA_INTERVAL,
    NP_ALPHA_RATIO,
    NP_ALPHA_JACCARD, /* a label is a set: the sum of 2^c over its categories c < 53 */
    NP_ALPHA_MASI
} np_alpha_metric;

typedef struct {
    np_alpha_metric metric;
    double conf_level; /* in (0, 1); 0: 0.95 */
    size_t n_draws;    /* 0: no interval */
    uint64_t seed;
} np_alpha_options;

typedef struct {
    size_t n_items, n_labels;  /* items with two labels or more, and their labels */
    double observed, expected; /* disagreement */
    double alpha;
    double conf_low, conf_high; /* NaN without draws */
    size_t n_draws_used;        /* draws whose labels are not all the same */
} np_alpha;

/* label [n_items × n_coders], an item's labels together; NaN: none. NP_E_RANGE an
 * infinite label, a negative one with RATIO, no set with
 * JACCARD or MASI, or conf_level outside; NP_E_NOT_IDENTIFIED
 * no item with two labels, labels that are all the same, or fewer than half of the draws
 * of use; NP_E_NO_MEMORY.
 * Cost: (n_draws + 1) × (n_items n_coders^2 + distinct labels^2). */
np_status np_krippendorff_alpha(np_alpha *out, const double *label, size_t n_items,
                                size_t n_coders, const np_alpha_options *options,
                                np_arena *arena, np_error *err);

#endif
