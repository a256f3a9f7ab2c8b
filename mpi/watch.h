/* watch.h -- a rank that waits too long for the others ends the job
 *
 * Every wait for a message or in a collective call is announced here.  A timer of the
 * process looks at it: beyond the patience it prints one line that says what was waited
 * for and ends the process, and with it, as MPI does, the job.  The coordinator sends
 * beats while it has nothing else to say, so that silence means a fault. */
#ifndef MPI_WATCH_H
#define MPI_WATCH_H

#include "core/err.h"

/* Local.  Look every second from now on; patience_s > 0. */
int watch_start(int rank, int patience_s, struct err *err);
void watch_end(void);

/* Announce a wait; `what` must live as long as the program. */
void watch_wait(const char *what);
/* It is over. */
void watch_go(void);

#endif /* MPI_WATCH_H */
