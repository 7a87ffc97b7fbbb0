#include "stats/glm.h"
#include "stats/model_internal.h"

static const char *title_of(np_family family)
{
    switch (family) {
    case NP_FAMILY_GAUSSIAN:
        break;
    case NP_FAMILY_POISSON:
        return _("Poisson regression");
    case NP_FAMILY_NEGBIN:
        return _("Negative binomial regression");
    case NP_FAMILY_LOGIT:
        return _("Logit");
    case NP_FAMILY_PROBIT:
        return _("Probit");
    case NP_FAMILY_CLOGLOG:
        return _("Complementary log-log regression");
    case NP_FAMILY_GAMMA_INVERSE:
        return _("Gamma regression (inverse link)");
    case NP_FAMILY_GAMMA_LOG:
        return _("Gamma regression (log link)");
    case NP_FAMILY_QUASIPOISSON:
        return _("Quasi-Poisson regression");
    }
    return "";
}

np_status np_model_fit_likelihood(np_model_builder *b)
{
    np_glm *glm = np_arena_array(b->arena, np_glm, 1);
    if (glm == NULL)
        return np_model_no_memory(b);
    if (b->out->design.endogenous.k > 0) {
        np_fail(b->err, NP_E_USAGE, _("instruments belong to least squares"));
        return np_error_hint(b->err, _("leave --family away, or the part with \"~\""));
    }
    const np_glm_tables tables = {.profile = b->spec->want_profile,
                                  .margins = b->spec->want_margins,
                                  .profile_method = b->spec->profile_on_grid
                                                        ? NP_PROFILE_R_GRID
                                                        : NP_PROFILE_EXACT};
    np_status status = np_glm_model(&b->out->estimates, glm, &b->out->design, &b->own,
                                    &tables, b->arena, b->err);
    if (status == NP_OK) {
        b->out->title = title_of(b->spec->family);
        b->out->residual = glm->residual;
    }
    return status;
}
