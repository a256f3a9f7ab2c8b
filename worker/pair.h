/* pair.h -- sums that grow together, in one load, addition and store */
#ifndef WORKER_PAIR_H
#define WORKER_PAIR_H

#include <stdint.h>

typedef double pair __attribute__((vector_size(16)));
typedef uint32_t quad __attribute__((vector_size(16)));

static inline pair pair_of(double first, double second)
{
    return (pair){first, second};
}

#endif /* WORKER_PAIR_H */
