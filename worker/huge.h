/* huge.h -- memory that is walked in all directions
 *
 * In huge pages where the system gives them: small ones would cost more in address
 * translation than in data. */
#ifndef WORKER_HUGE_H
#define WORKER_HUGE_H

#include <stddef.h>

/* At least so many bytes, rounded up in place, on a boundary of 2 MiB; NULL: no memory.
 * free() gives it back. */
void *huge_alloc(size_t *n_bytes);

#endif /* WORKER_HUGE_H */
