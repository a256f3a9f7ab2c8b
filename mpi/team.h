/* team.h -- the ranks that work on a job together: how they start, who they are, how
 * they end */
#ifndef MPI_TEAM_H
#define MPI_TEAM_H

#include "core/err.h"

#include <mpi.h>
#include <stddef.h>

enum { TEAM_HOST_MAX = 64 };

struct team {
    MPI_Comm comm;
    int rank, size;
};

/* Local, before team_start: the rank that this process will be, as the launcher says in
 * its environment; 0 without a launcher. */
int team_rank_to_be(void);

/* Collective over all processes of the job; alone without mpirun the team is one. */
int team_start(int *argc, char ***argv, struct team *team, struct err *err);

/* Collective.  n_bytes of every rank on rank 0, in the order of ranks: all[size] times
 * n_bytes; `all` is not looked at on the others. */
void team_gather(const struct team *team, const void *mine, size_t n_bytes, void *all);

enum { TEAM_LIBRARY_MAX = 256 };

/* Which MPI this is: "Open MPI v4.1.4, ...".  Returns out. */
char *team_library(char out[TEAM_LIBRARY_MAX]);

/* Collective. */
void team_end(struct team *team);

#endif /* MPI_TEAM_H */
