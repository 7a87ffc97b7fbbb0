/* A small evaluation, made by hand, that has one of everything a report prints. */
#ifndef NP_TESTS_REPORT_SAMPLE_RESULT_H
#define NP_TESTS_REPORT_SAMPLE_RESULT_H

#include "evaluation/result.h"

const np_evaluation *sample_result(void);

#endif
