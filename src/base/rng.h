/* Random numbers in streams: draw r of a method takes stream r, so that the
 * digits are the same with any number of threads and on every machine.
 *
 * Source: O'Neill (2014), PCG-XSL-RR-128/64; the increment is the stream. */
#ifndef NP_BASE_RNG_H
#define NP_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    unsigned __int128 state, increment;
} np_rng;

np_rng np_rng_stream(uint64_t seed, uint64_t stream);
uint64_t np_rng_bits(np_rng *rng);
double np_rng_uniform(np_rng *rng);             /* in (0, 1), 53 bits */
uint64_t np_rng_below(np_rng *rng, uint64_t n); /* 0 … n-1, without bias; n > 0 */
void np_rng_shuffle(np_rng *rng, int32_t *item, size_t n);

#endif
