#include "mpi/schedule.h"
#include "mpi/desk.h"
#include "mpi/hand.h"
#include "mpi/leader.h"

#include <stdlib.h>

/* The ranks of a group: of one node, cut into runs of `ranks_a_leader`. */
static void split(MPI_Comm comm, int ranks_a_leader, MPI_Comm *group)
{
    MPI_Comm node;
    int rank, place;

    MPI_Comm_rank(comm, &rank);
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node);
    if (ranks_a_leader <= 0) {
        *group = node;
        return;
    }
    MPI_Comm_rank(node, &place);
    MPI_Comm_split(node, place / ranks_a_leader, rank, group);
    MPI_Comm_free(&node);
}

/* The group's ranks in comm, ascending; aborts where there is no memory, for the others
 * wait in collective calls. */
static int *gather_group(MPI_Comm comm, int ranks_a_leader, int *n)
{
    MPI_Comm group;
    int rank;

    MPI_Comm_rank(comm, &rank);
    split(comm, ranks_a_leader, &group);
    MPI_Comm_size(group, n);
    int *member = calloc((size_t)*n, sizeof *member);
    if (member == NULL)
        MPI_Abort(comm, 70);
    MPI_Allgather(&rank, 1, MPI_INT, member, 1, MPI_INT, group);
    MPI_Comm_free(&group);
    return member;
}

static int coordinate(MPI_Comm comm, const struct schedule *schedule,
                      const int leader[], struct schedule_share share[],
                      struct schedule_figures *figures, struct err *err)
{
    struct desk desk;

    if (desk_new(comm, schedule, leader, share, figures, &desk, err) != 0)
        MPI_Abort(comm, 70);
    const int status = desk_run(&desk, err);
    desk_free(&desk);
    return status;
}

int schedule_run(MPI_Comm comm, const struct schedule *schedule,
                 struct schedule_share share[], struct schedule_figures *figures,
                 struct err *err)
{
    int rank, size, n, status;

    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int *group = gather_group(comm, schedule->ranks_a_leader, &n);
    int *leader = calloc((size_t)size, sizeof *leader);
    if (leader == NULL)
        MPI_Abort(comm, 70);
    MPI_Gather(&group[0], 1, MPI_INT, leader, 1, MPI_INT, 0, comm);
    if (rank == 0)
        status = coordinate(comm, schedule, leader, share, figures, err);
    else if (rank == group[0])
        status = leader_serve(comm, (size_t)n, group, &schedule->worker, err);
    else
        status = hand_follow(comm, group[0], &schedule->worker, err);
    free(leader);
    free(group);
    return status;
}
