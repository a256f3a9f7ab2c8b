#include "mpi/team.h"
#include "mpi/watch.h"

#include <stdlib.h>
#include <unistd.h>

int team_rank_to_be(void)
{
    const char *rank = getenv("PMIX_RANK"); /* mpirun and srun --mpi=pmix */

    return rank != NULL ? atoi(rank) : 0;
}

int team_start(int *argc, char ***argv, struct team *team, struct err *err)
{
    int provided;

    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        return err_set(err, ERR_COMM, "MPI does not start");
    team->comm = MPI_COMM_WORLD;
    MPI_Comm_rank(team->comm, &team->rank);
    MPI_Comm_size(team->comm, &team->size);
    return 0;
}

void team_gather(const struct team *team, const void *mine, size_t n_bytes, void *all)
{
    watch_wait("all ranks to report");
    MPI_Gather(mine, (int)n_bytes, MPI_BYTE, all, (int)n_bytes, MPI_BYTE, 0,
               team->comm);
    watch_go();
}

void team_hosts(const struct team *team, char (*host)[TEAM_HOST_MAX])
{
    char mine[TEAM_HOST_MAX] = "";

    gethostname(mine, sizeof mine - 1);
    team_gather(team, mine, sizeof mine, host);
}

void team_end(struct team *team)
{
    (void)team;
    MPI_Finalize();
}
