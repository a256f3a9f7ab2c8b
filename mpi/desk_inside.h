/* desk_inside.h -- what do the parts of rank 0's desk ask of each other? */
#ifndef MPI_DESK_INSIDE_H
#define MPI_DESK_INSIDE_H

#include "mpi/desk.h"
#include "mpi/wire.h"

/* desk_give.c: units for the groups whose stock has run down. */
int desk_restock(struct desk *desk, struct err *err);

/* desk_late.c: where nothing else is left to give, what is late goes to somebody else
 * too; an error where nobody is left who could answer it. */
int desk_help_the_late(struct desk *desk, int64_t now_ns, struct err *err);

/* desk_take.c: an answer, or last words; whoever answers a unit first is heard. */
int desk_take_answer(struct desk *desk, const struct wire_answer *head,
                     struct reader answer, struct err *err);
int desk_take_byes(struct desk *desk, struct reader message, struct err *err);

/* What has come, but no more than a few: whoever waits for units is not to wait for all
 * answers too.  *n: how many; DESK_SOME: there may be more. */
enum { DESK_SOME = 8 };
int desk_hear_some(struct desk *desk, int *n, struct err *err);

#endif /* MPI_DESK_INSIDE_H */
