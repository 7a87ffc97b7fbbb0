#include <Rmath.h>
#include <math.h>

#include "base/rng.h"
#include "stats/did/honest_internal.h"

enum { MT_N = 624, MT_M = 397 };

/* set.seed(): fifty steps of a linear congruence, then one for each word of the state,
 * of which the first is the position, set to "all used". */
honest_r_generator honest_r_seed(uint32_t seed)
{
    honest_r_generator g = {.next = MT_N};
    for (int i = 0; i < 50; i++)
        seed = 69069 * seed + 1;
    seed = 69069 * seed + 1;
    for (int i = 0; i < MT_N; i++) {
        seed = 69069 * seed + 1;
        g.state[i] = seed;
    }
    return g;
}

/* Matsumoto and Nishimura (1998), ACM TOMACS 8(1). */
static uint32_t twist(uint32_t high, uint32_t low, uint32_t far)
{
    uint32_t y = (high & 0x80000000U) | (low & 0x7fffffffU);
    return far ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908b0dfU : 0);
}

static void renew(honest_r_generator *g)
{
    uint32_t *s = g->state;
    for (int i = 0; i < MT_N - MT_M; i++)
        s[i] = twist(s[i], s[i + 1], s[i + MT_M]);
    for (int i = MT_N - MT_M; i < MT_N - 1; i++)
        s[i] = twist(s[i], s[i + 1], s[i + MT_M - MT_N]);
    s[MT_N - 1] = twist(s[MT_N - 1], s[0], s[MT_M - 1]);
    g->next = 0;
}

/* In (0, 1): R keeps the ends out by half of its unit. */
double honest_r_uniform(honest_r_generator *g)
{
    static const double unit = 2.328306437080797e-10;
    if (g->next == MT_N)
        renew(g);
    uint32_t y = g->state[g->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    y ^= y >> 18;
    double u = y * 2.3283064365386963e-10;
    return u <= 0 ? 0.5 * unit : 1 - u <= 0 ? 1 - 0.5 * unit : u;
}

double honest_r_probability(honest_r_generator *g)
{
    static const double big = 134217728; /* 2^27 */
    double u = honest_r_uniform(g);
    u = (int)(big * u) + honest_r_uniform(g);
    return u / big;
}

void honest_normal_draws(double *z, size_t n_draws, size_t p, const honest_job *job)
{
    if (job->spec.convention == NP_HONEST_AS_HONESTDID) {
        honest_r_generator g = honest_r_seed((uint32_t)job->spec.seed);
        for (size_t i = 0; i < n_draws * p; i++)
            z[i] = qnorm5(honest_r_probability(&g), 0, 1, 1, 0);
        return;
    }
    for (size_t r = 0; r < n_draws; r++) {
        np_rng rng = np_rng_stream(job->spec.seed, r);
        for (size_t i = 0; i < p; i++)
            z[r * p + i] = qnorm5(np_rng_uniform(&rng), 0, 1, 1, 0);
    }
}
