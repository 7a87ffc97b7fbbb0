#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOST_THREADS = 64 };

typedef struct {
    np_parallel_task *task;
    void *context;
    size_t n_tasks;
    atomic_size_t next;
} pool;

typedef struct {
    pool *pool;
    unsigned thread;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    pool *p = w->pool;
    for (;;) {
        size_t i = atomic_fetch_add(&p->next, 1);
        if (i >= p->n_tasks)
            return NULL;
        p->task(p->context, i, w->thread);
    }
}

unsigned np_parallel_threads(unsigned wanted)
{
    long n = wanted > 0 ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    if (n < 1)
        return 1;
    return n > MOST_THREADS ? MOST_THREADS : (unsigned)n;
}

void np_parallel_for(size_t n_tasks, unsigned n_threads, np_parallel_task *task,
                     void *context)
{
    pool p = {.task = task, .context = context, .n_tasks = n_tasks};
    worker workers[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    unsigned n = np_parallel_threads(n_threads), n_started = 1;
    if (n > n_tasks)
        n = n_tasks == 0 ? 1 : (unsigned)n_tasks;
    for (unsigned i = 0; i < n; i++)
        workers[i] = (worker){&p, i};
    while (n_started < n &&
           pthread_create(&threads[n_started], NULL, work, &workers[n_started]) == 0)
        n_started++;
    work(&workers[0]);
    for (unsigned i = 1; i < n_started; i++)
        pthread_join(threads[i], NULL);
}
