/* faults.h -- what is to be done about a unit that went wrong?
 *
 * It is tried again `retries` times, by another rank where there is one and by no
 * other.  Then the job's policy (schedule.on_fault) decides: end the job, give the
 * instrument up, or go on without the points of that box, whose nearest neighbours
 * stand in for them. */
#ifndef COORDINATOR_FAULTS_H
#define COORDINATOR_FAULTS_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_policy { FAULT_ABORT, FAULT_GIVE_UP, FAULT_CONTINUE };

struct fault {
    uint64_t number; /* of the unit                            */
    int64_t n_times; /* it went wrong                          */
    int rank;        /* that had it last                       */
    bool waits;      /* to be given again                      */
};

struct faults {
    int64_t retries;
    size_t n, capacity, n_waiting;
    struct fault *fault;
};

/* The unit went wrong on this rank: is it to be tried again? */
bool faults_note(struct faults *faults, uint64_t number, int rank);
/* A unit to try again that another rank than this has had, or anybody where `any`;
 * false where there is none. */
bool faults_next(struct faults *faults, int rank, bool any, uint64_t *number);
void faults_free(struct faults *faults);

#endif /* COORDINATOR_FAULTS_H */
