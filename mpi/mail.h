/* mail.h -- messages between ranks that never keep their sender waiting
 *
 * What is sent is copied, and goes out while the sender does other things: two ranks
 * that write to each other at the same time never wait for one another. */
#ifndef MPI_MAIL_H
#define MPI_MAIL_H

#include "core/buffer.h"
#include "core/err.h"

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

struct letter {
    MPI_Request request;
    void *bytes;
};

struct mail {
    MPI_Comm comm;
    struct letter *letter; /* [n] under way */
    size_t n, capacity;
    struct buffer in; /* the message received last */
};

/* ERR_COMM where n_bytes is more than an MPI message holds. */
int mail_send(struct mail *mail, int rank, int tag, const void *bytes, size_t n_bytes,
              struct err *err);

/* Is there a message (of MPI_ANY_SOURCE, MPI_ANY_TAG)? */
bool mail_is_there(struct mail *mail, int rank, int tag, MPI_Status *status);
/* Wait for one. */
void mail_await(struct mail *mail, int rank, const char *what, MPI_Status *status);
/* The message of *status into mail->in, and a reader of it. */
int mail_receive(struct mail *mail, const MPI_Status *status, struct reader *reader,
                 struct err *err);

/* Wait until all has gone out, and free. */
void mail_close(struct mail *mail);
/* Free without waiting, where somebody may never receive. */
void mail_abandon(struct mail *mail);

#endif /* MPI_MAIL_H */
