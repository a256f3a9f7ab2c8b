#include "mpi/team.h"
#include "mpi/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

char *team_library(char out[TEAM_LIBRARY_MAX])
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int n = 0, version = 0, subversion = 0;

    MPI_Get_library_version(text, &n);
    MPI_Get_version(&version, &subversion);
    text[strcspn(text, "\n")] = '\0';
    snprintf(out, TEAM_LIBRARY_MAX, "%.200s; MPI %d.%d", text, version, subversion);
    return out;
}

void team_end(struct team *team)
{
    (void)team;
    MPI_Finalize();
}
