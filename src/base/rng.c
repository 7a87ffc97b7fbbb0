#include "base/rng.h"

static const unsigned __int128 multiplier =
    ((unsigned __int128)2549297995355413924U << 64) | 4865540595714422341U;

uint64_t np_rng_bits(np_rng *rng)
{
    rng->state = rng->state * multiplier + rng->increment;
    uint64_t x = (uint64_t)(rng->state >> 64) ^ (uint64_t)rng->state;
    unsigned rotation = (unsigned)(rng->state >> 122);
    return (x >> rotation) | (x << ((64 - rotation) & 63));
}

np_rng np_rng_stream(uint64_t seed, uint64_t stream)
{
    np_rng rng = {.state = 0, .increment = ((unsigned __int128)stream << 1) | 1};
    np_rng_bits(&rng);
    rng.state += seed;
    np_rng_bits(&rng);
    return rng;
}

double np_rng_uniform(np_rng *rng)
{
    return ((double)(np_rng_bits(rng) >> 11) + 0.5) * 0x1p-53;
}

/* Lemire (2019), ACM TOMACS 29(1). */
uint64_t np_rng_below(np_rng *rng, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128)np_rng_bits(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t threshold = (0 - n) % n;
        while ((uint64_t)product < threshold)
            product = (unsigned __int128)np_rng_bits(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

void np_rng_shuffle(np_rng *rng, int32_t *item, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)np_rng_below(rng, i);
        int32_t held = item[i - 1];
        item[i - 1] = item[j];
        item[j] = held;
    }
}
