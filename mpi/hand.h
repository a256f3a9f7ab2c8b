/* hand.h -- how a rank works through the units that it is sent */
#ifndef MPI_HAND_H
#define MPI_HAND_H

#include "core/buffer.h"
#include "core/err.h"
#include "mpi/schedule.h"
#include "mpi/wire.h"

#include <mpi.h>
#include <stdint.h>

struct hand {
    const struct schedule_worker *worker;
    int64_t start_ns;
    struct wire_bye done; /* so far */
};

void hand_start(struct hand *hand, int rank, const struct schedule_worker *worker);

/* Work on one unit and append its answer. */
int hand_work(struct hand *hand, const struct wire_unit *unit, struct reader request,
              struct buffer *answers, struct err *err);
/* Append this rank's WIRE_BYE. */
void hand_put_bye(struct hand *hand, struct buffer *message);

/* Serve this leader until it says WIRE_END, and end as it says. */
int hand_follow(MPI_Comm comm, int leader, const struct schedule_worker *worker,
                struct err *err);

#endif /* MPI_HAND_H */
