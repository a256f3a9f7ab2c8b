/* foreman.h -- how a leader shares the units it holds among the ranks of its group
 *
 * Each unit is meant for one rank, which has its instrument in hand; a rank that has
 * nothing left gets one of the longest queue.  Messages carry about a millisecond of
 * work, and so many are sent ahead that no rank waits while the leader itself works;
 * as the units run out they are kept back, so that the last ones are shared evenly. */
#ifndef MPI_FOREMAN_H
#define MPI_FOREMAN_H

#include "core/buffer.h"
#include "core/err.h"
#include "mpi/mail.h"
#include "mpi/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whoever serves more ranks than these does not work too: waiting for it would cost
 * the others more than it does. */
enum { FOREMAN_WORKS_UP_TO = 32 };

struct unit_held {
    struct unit_held *next;
    struct wire_unit head;
    unsigned char bytes[]; /* [head.n_bytes] */
};

struct member {
    int rank;
    int n_ahead;                    /* messages sent to it and not answered */
    int n_units;                    /* in them                              */
    struct unit_held *first, *last; /* meant for it, the next one first */
    size_t n_held, n_alone; /* n_alone of them, the first, are for nobody else */
};

struct foreman {
    struct mail *mail;
    size_t n;              /* ranks of the group                  */
    struct member *member; /* [n] by rank, [0] is the leader      */
    bool works;
    size_t n_held;  /* units, of all members               */
    size_t n_sent;  /* units sent to them and not answered */
    double unit_ns; /* mean time of a unit; 0: not known   */
    double long_ns; /* of a long one of late               */
    struct buffer message;
    /* Told of every unit that goes to a rank; may be NULL. */
    void (*gives)(void *context, uint64_t number, int rank);
    void *context;
};

/* rank[n] ascending, the leader first. */
int foreman_new(struct mail *mail, size_t n, const int rank[], bool works,
                struct foreman *foreman, struct err *err);
void foreman_free(struct foreman *foreman);

/* Hold a unit for the member of its head's rank. */
int foreman_hold(struct foreman *foreman, const struct wire_unit *head,
                 const void *bytes, struct err *err);
/* Forget all that is held. */
void foreman_drop(struct foreman *foreman);

/* One turn: units for everyone who has none, one kept for the leader if it works and
 * kept is not NULL (*kept, else NULL; the caller frees it), more for the others to go
 * on with. */
int foreman_share(struct foreman *foreman, struct unit_held **kept, struct err *err);

/* A message with answers came from this rank, n of them; one took elapsed_ns. */
void foreman_heard(struct foreman *foreman, int rank, int n_answers);
void foreman_timed(struct foreman *foreman, int64_t elapsed_ns);

/* The same message to every other member. */
int foreman_tell(struct foreman *foreman, int tag, const void *bytes, size_t n_bytes,
                 struct err *err);

/* A member without work other than `but`; NULL: none. */
struct member *foreman_idle(struct foreman *foreman, int but);

#endif /* MPI_FOREMAN_H */
