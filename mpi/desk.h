/* desk.h -- rank 0's side of a schedule: it hands out chunks and takes answers */
#ifndef MPI_DESK_H
#define MPI_DESK_H

#include "mpi/foreman.h"
#include "mpi/given.h"
#include "mpi/hand.h"
#include "mpi/mail.h"
#include "mpi/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ranks that one leader serves. */
struct group {
    int leader;
    size_t n;
    const int *rank; /* [n] ascending, the leader first              */
    size_t n_out;    /* units given to it and not answered           */
    size_t turn;     /* whose turn it is to have units meant for it */
};

struct desk {
    const struct schedule *schedule;
    struct schedule_share *share;
    struct schedule_figures *figures;
    int size;
    struct mail mail;
    size_t n_groups;
    struct group *group; /* [n_groups]; 0 is rank 0's own      */
    size_t *group_of;    /* [size], by rank                    */
    int *rank;           /* [size], the groups' behind each other */

    struct foreman foreman; /* of its own group */
    struct hand hand;
    struct given given;
    bool dry, done; /* the source has nothing now; will never have again */
    bool left;      /* told to wait for nobody                           */
    bool failed;
    struct err fault;
    int64_t beat_ns, late_ns, serving_ns; /* looked last; spent so far */
    struct buffer chunk, request, answer;
    int n_byes;
};

/* leader[size]: the rank that leads each rank; 0 leads itself. */
int desk_new(MPI_Comm comm, const struct schedule *schedule, const int leader[],
             struct schedule_share share[], struct schedule_figures *figures,
             struct desk *desk, struct err *err);
void desk_free(struct desk *desk);

/* Hand out and take in until there is no more to do; then hear everybody's last word
 * and tell the outcome.  Returns it. */
int desk_run(struct desk *desk, struct err *err);

#endif /* MPI_DESK_H */
