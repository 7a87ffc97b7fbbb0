/* Work on all cores whose result does not depend on how many there are: the
 * caller cuts the work into tasks by the size of the data alone, each task
 * writes its own partial result, and the caller adds the partial results in
 * task order. */
#ifndef NP_BASE_PARALLEL_H
#define NP_BASE_PARALLEL_H

#include <stddef.h>

/* Rows per task where nothing speaks for another size. */
enum { NP_PARALLEL_ROWS = 1 << 16 };

typedef void np_parallel_task(void *context, size_t task, unsigned thread);

/* Calls task(context, 0 … n_tasks-1, thread) once each, on at most n_threads
 * threads (0: as many as there are processors), the caller's among them;
 * `thread` is below np_parallel_threads(n_threads). Returns when all are
 * done. Where threads cannot be started, the caller's does all. */
void np_parallel_for(size_t n_tasks, unsigned n_threads, np_parallel_task *task,
                     void *context);

unsigned np_parallel_threads(unsigned wanted); /* 0: the number of processors */

#endif
