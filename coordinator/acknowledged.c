#include "coordinator/acknowledged.h"

#include <string.h>

void acknowledged_add(struct acknowledged *acknowledged, const void *id, size_t n_bytes)
{
    const size_t n = acknowledged->n;

    if (n_bytes == 0 || n_bytes > ROUTING_ID_MAX || n == ACKNOWLEDGED_MAX)
        return;
    for (size_t i = 0; i < n; i++)
        if (acknowledged->peer[i].n_bytes == n_bytes &&
            memcmp(acknowledged->peer[i].bytes, id, n_bytes) == 0)
            return;
    acknowledged->peer[n].n_bytes = (uint8_t)n_bytes;
    memcpy(acknowledged->peer[n].bytes, id, n_bytes);
    acknowledged->n++;
}
