/* A fuzz target: one function that takes any bytes and must not crash. libFuzzer
 * calls it for ever (script/fuzz), replay.c once for each file of the corpus. */
#ifndef NP_TESTS_FUZZ_H
#define NP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
