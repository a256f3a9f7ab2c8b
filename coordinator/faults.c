#include "coordinator/faults.h"

#include <stdlib.h>

static struct fault *find(struct faults *faults, uint64_t number)
{
    for (size_t i = 0; i < faults->n; i++)
        if (faults->fault[i].number == number)
            return &faults->fault[i];
    return NULL;
}

/* NULL where there is no memory: then it is not tried again. */
static struct fault *add(struct faults *faults, uint64_t number)
{
    if (faults->n == faults->capacity) {
        const size_t capacity = 2 * faults->capacity + 16;
        struct fault *fault = realloc(faults->fault, capacity * sizeof *fault);

        if (fault == NULL)
            return NULL;
        faults->fault = fault;
        faults->capacity = capacity;
    }
    faults->fault[faults->n] = (struct fault){.number = number};
    return &faults->fault[faults->n++];
}

bool faults_note(struct faults *faults, uint64_t number, int rank)
{
    if (faults->retries == 0)
        return false;
    struct fault *fault = find(faults, number);
    if (fault == NULL)
        fault = add(faults, number);
    if (fault == NULL || fault->n_times >= faults->retries)
        return false;
    fault->n_times++;
    fault->rank = rank;
    fault->waits = true;
    faults->n_waiting++;
    return true;
}

bool faults_next(struct faults *faults, int rank, bool any, uint64_t *number)
{
    for (size_t i = 0; faults->n_waiting > 0 && i < faults->n; i++) {
        struct fault *fault = &faults->fault[i];

        if (!fault->waits || (fault->rank == rank && !any))
            continue;
        fault->waits = false;
        faults->n_waiting--;
        *number = fault->number;
        return true;
    }
    return false;
}

void faults_free(struct faults *faults)
{
    free(faults->fault);
    *faults = (struct faults){0};
}
