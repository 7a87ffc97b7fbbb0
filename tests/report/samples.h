/* Figures and documents that the tests of the report share. */
#ifndef NP_TESTS_REPORT_SAMPLES_H
#define NP_TESTS_REPORT_SAMPLES_H

#include "report/figure.h"

enum { N_SAMPLE_FIGURES = 7 };

/* 0: lines with start lines and counterfactual; 1: event study; 2: forest;
 * 3: small multiples; 4: lines whose ends all but coincide. */
const np_figure *sample_figure(int which);

#endif
