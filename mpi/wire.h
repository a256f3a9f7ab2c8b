/* wire.h -- every message that passes between the coordinator and the ranks
 *
 *     coordinator (rank 0)          leader of a node              rank of the node
 *     WIRE_UNITS  a chunk     ->
 *                                   WIRE_UNITS  a few       ->
 *                                                           <-  WIRE_ANSWERS  theirs
 *                             <-  WIRE_ANSWERS  of the node
 *                             <-                            <-  WIRE_FAILED  I cannot
 *     WIRE_BEAT  I am alive   ->                            ->
 *     WIRE_STOP  no more      ->                            ->
 *                                                           <-  WIRE_BYE  my report
 *                             <-  WIRE_BYE  of every rank
 *     WIRE_END   the outcome  ->                            ->
 *
 * Rank 0 leads its own node.  A rank answers the units of a message together; after
 * WIRE_STOP it ends the unit in hand and begins no other.  WIRE_FAILED and WIRE_END
 * carry a struct err.  The structs travel as bytes: all ranks run this same executable
 * on machines of one kind. */
#ifndef MPI_WIRE_H
#define MPI_WIRE_H

#include <stdint.h>

enum wire_tag {
    WIRE_UNITS = 1,
    WIRE_ANSWERS,
    WIRE_FAILED,
    WIRE_BEAT,
    WIRE_STOP,
    WIRE_BYE,
    WIRE_END
};

/* WIRE_UNITS: so many of these, each followed by its n_bytes. */
struct wire_unit {
    uint64_t number; /* the source's number for it                     */
    uint32_t rank;   /* that has what it needs in hand; another may do it */
    uint32_t n_bytes;
    uint32_t alone; /* 1: that rank and no other */
    uint32_t zero;
};

/* WIRE_ANSWERS: likewise. */
struct wire_answer {
    uint64_t number;
    uint64_t n_bytes;
    int64_t elapsed_ns; /* time spent on the unit */
    uint32_t rank;      /* that did it            */
    uint32_t zero;
};

/* WIRE_BYE: one of these for each rank, followed by the n_bytes of its report. */
struct wire_bye {
    uint64_t n_units;
    int64_t busy_ns;    /* inside work()                          */
    int64_t serving_ns; /* a leader's time with the others' mail  */
    int64_t elapsed_ns; /* from its start to this message         */
    uint32_t rank;
    uint32_t n_bytes;
};

_Static_assert(sizeof(struct wire_unit) == 24, "wire_unit has no padding");
_Static_assert(sizeof(struct wire_answer) == 32, "wire_answer has no padding");
_Static_assert(sizeof(struct wire_bye) == 40, "wire_bye has no padding");

#endif /* MPI_WIRE_H */
