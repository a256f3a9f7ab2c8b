#include "mpi/mail.h"
#include "mpi/watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Forget the letters that have gone out. */
static void sweep(struct mail *mail)
{
    for (size_t i = mail->n; i-- > 0;) {
        int gone;

        MPI_Test(&mail->letter[i].request, &gone, MPI_STATUS_IGNORE);
        if (!gone)
            continue;
        free(mail->letter[i].bytes);
        mail->letter[i] = mail->letter[--mail->n];
    }
}

/* Letters are looked at when there is no room for another: a few times each. */
static int make_room(struct mail *mail, struct err *err)
{
    if (mail->n < mail->capacity)
        return 0;
    sweep(mail);
    if (2 * mail->n < mail->capacity)
        return 0;
    const size_t capacity = 2 * mail->capacity + 16;
    struct letter *letter = realloc(mail->letter, capacity * sizeof *letter);

    if (letter == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu messages", capacity);
    mail->letter = letter;
    mail->capacity = capacity;
    return 0;
}

int mail_send(struct mail *mail, int rank, int tag, const void *bytes, size_t n_bytes,
              struct err *err)
{
    if (n_bytes > INT_MAX)
        return err_set(err, ERR_COMM, "a message of %zu bytes", n_bytes);
    if (make_room(mail, err) != 0)
        return -1;
    struct letter *letter = &mail->letter[mail->n];
    letter->bytes = malloc(n_bytes + 1);
    if (letter->bytes == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a message of %zu bytes",
                       n_bytes);
    if (n_bytes > 0)
        memcpy(letter->bytes, bytes, n_bytes);
    MPI_Isend(letter->bytes, (int)n_bytes, MPI_BYTE, rank, tag, mail->comm,
              &letter->request);
    mail->n++;
    return 0;
}

/* Open MPI looks for what has come only after it has said no (pml/ob1): asked once, it
 * tells of a message a turn too late. */
bool mail_is_there(struct mail *mail, int rank, int tag, MPI_Status *status)
{
    int flag = 0;

    for (int i = 0; i < 2 && !flag; i++)
        MPI_Iprobe(rank, tag, mail->comm, &flag, status);
    return flag != 0;
}

void mail_await(struct mail *mail, int rank, const char *what, MPI_Status *status)
{
    watch_wait(what);
    MPI_Probe(rank, MPI_ANY_TAG, mail->comm, status);
    watch_go();
}

int mail_receive(struct mail *mail, const MPI_Status *status, struct reader *reader,
                 struct err *err)
{
    int n;

    MPI_Get_count(status, MPI_BYTE, &n);
    if ((size_t)n > mail->in.capacity) {
        unsigned char *bytes = malloc((size_t)n);

        if (bytes == NULL)
            return err_set(err, ERR_MEMORY, "no memory for a message of %d bytes", n);
        buffer_free(&mail->in);
        mail->in.bytes = bytes;
        mail->in.capacity = (size_t)n;
    }
    MPI_Recv(mail->in.bytes, n, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG,
             mail->comm, MPI_STATUS_IGNORE);
    mail->in.n = (size_t)n;
    *reader = (struct reader){mail->in.bytes, mail->in.n};
    return 0;
}

void mail_abandon(struct mail *mail)
{
    buffer_free(&mail->in);
    free(mail->letter); /* MPI may still read what the letters hold: not freed */
    *mail = (struct mail){.comm = mail->comm};
}

void mail_close(struct mail *mail)
{
    watch_wait("its last messages to be received");
    while (mail->n > 0) {
        struct letter *letter = &mail->letter[--mail->n];

        MPI_Wait(&letter->request, MPI_STATUS_IGNORE);
        free(letter->bytes);
    }
    watch_go();
    mail_abandon(mail);
}
