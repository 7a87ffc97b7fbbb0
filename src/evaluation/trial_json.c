#include "evaluation/trial_json.h"

static const char *verdict_code(np_honest_verdict verdict)
{
    switch (verdict) {
    case NP_HONEST_NOT_SOUGHT:
        return "not-sought";
    case NP_HONEST_NO_CONCLUSION:
        return "no-conclusion";
    case NP_HONEST_NEVER_HOLDS:
        return "never-holds";
    case NP_HONEST_HOLDS_UNTIL:
        return "holds-until";
    case NP_HONEST_ALWAYS_HOLDS:
        return "always-holds";
    }
    return "";
}

static void put_interval(np_json *j, const np_honest_interval *v)
{
    np_json_object(j);
    np_json_put_number(j, "bound", v->bound);
    np_json_put_number(j, "conf_low", v->conf_low);
    np_json_put_number(j, "conf_high", v->conf_high);
    np_json_put_bool(j, "open_low", v->open_low);
    np_json_put_bool(j, "open_high", v->open_high);
    np_json_end_object(j);
}

void np_honest_json_members(np_json *j, const np_honest *h, const char *sentence)
{
    np_json_key(j, "original");
    np_json_object(j);
    np_json_put_number(j, "estimate", h->estimate);
    np_json_put_number(j, "std_error", h->std_error);
    np_json_put_number(j, "conf_low", h->conf_low);
    np_json_put_number(j, "conf_high", h->conf_high);
    np_json_end_object(j);
    np_json_key(j, "intervals");
    np_json_array(j);
    for (size_t i = 0; i < h->n_intervals; i++)
        put_interval(j, &h->interval[i]);
    np_json_end_array(j);
    np_json_key(j, "breakdown");
    np_json_object(j);
    np_json_put_text(j, "verdict", verdict_code(h->verdict));
    np_json_put_number(j, "value", h->breakdown);
    if (sentence != NULL)
        np_json_put_text(j, "sentence", sentence);
    np_json_end_object(j);
}

static void put_row(np_json *j, const np_robustness_row *r)
{
    np_json_object(j);
    np_json_put_text(j, "left_out", r->left_out[0] == '\0' ? NULL : r->left_out);
    np_json_put_number(j, "cohort", r->cohort);
    np_json_put_number(j, "date", r->date);
    np_json_put_number(j, "estimate", r->estimate);
    np_json_put_number(j, "std_error", r->std_error);
    np_json_put_number(j, "p_value", r->p_value);
    np_json_put_number(j, "conf_low", r->conf_low);
    np_json_put_number(j, "conf_high", r->conf_high);
    np_json_put_number(j, "change", r->change);
    np_json_put_text(j, "refused", r->refused);
    np_json_end_object(j);
}

void np_robustness_json_members(np_json *j, const np_robustness *r)
{
    np_json_put_number(j, "estimate", r->estimate);
    np_json_put_number(j, "std_error", r->std_error);
    np_json_key(j, "rows");
    np_json_array(j);
    for (size_t i = 0; i < r->n_rows; i++)
        put_row(j, &r->row[i]);
    np_json_end_array(j);
}

void np_randomisation_json_members(np_json *j, const np_randomisation *r)
{
    np_json_put_number(j, "estimate", r->estimate);
    np_json_put_number(j, "statistic", r->statistic);
    np_json_put_number(j, "p_value", r->p_value);
    np_json_put_integer(j, "draws", (int64_t)r->draws);
    np_json_put_bool(j, "enumerated", r->enumerated);
    np_json_put_integer(j, "n_reached", (int64_t)r->n_reached);
    np_json_put_integer(j, "n_assigned", (int64_t)r->n_assigned);
    np_json_put_number(j, "conf_low", r->conf_low);
    np_json_put_number(j, "conf_high", r->conf_high);
}
