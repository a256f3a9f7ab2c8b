/* leader.h -- how the leader of a group serves its ranks and answers for them */
#ifndef MPI_LEADER_H
#define MPI_LEADER_H

#include "core/err.h"
#include "mpi/schedule.h"

#include <mpi.h>
#include <stddef.h>

/* Serve rank 0 with the n ranks of this group, this rank the first of them, until it
 * says WIRE_END, and end as it says. */
int leader_serve(MPI_Comm comm, size_t n, const int rank[],
                 const struct schedule_worker *worker, struct err *err);

#endif /* MPI_LEADER_H */
