/* wire.h -- every message that passes between the coordinator and the ranks
 *
 *     coordinator (rank 0)                 rank r >= 1
 *     WIRE_UNIT    work on this       ->
 *     WIRE_UNIT    and then on this   ->
 *                                     <-   WIRE_ANSWER   the first is done; or
 *                                     <-   WIRE_FAILED   this rank cannot go on
 *     WIRE_UNIT    one more           ->
 *     WIRE_STOP    no more            ->
 *
 * A message is a struct wire_head followed by n_bytes that only the callers of
 * schedule.h understand.  The structs travel as bytes: all ranks run this same
 * executable on machines of one kind. */
#ifndef MPI_WIRE_H
#define MPI_WIRE_H

#include <stdint.h>

enum wire_tag { WIRE_UNIT = 1, WIRE_ANSWER, WIRE_FAILED, WIRE_STOP };

/* A unit is sent while its rank may be busy sending: it must fit the eager limit of
 * every transport (4096 bytes in Open MPI's shared memory), or both would wait. */
enum { WIRE_UNIT_MAX = 2048 };

struct wire_head {
    uint64_t unit;      /* the coordinator's number for it            */
    uint64_t n_bytes;   /* that follow                                */
    int64_t elapsed_ns; /* WIRE_ANSWER: time spent on the unit        */
};

_Static_assert(sizeof(struct wire_head) == 24, "wire_head has no padding");

#endif /* MPI_WIRE_H */
