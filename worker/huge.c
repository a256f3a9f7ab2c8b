#include "worker/huge.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *huge_alloc(size_t *n_bytes)
{
    *n_bytes = (*n_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, *n_bytes);

    if (memory != NULL)
        madvise(memory, *n_bytes, MADV_HUGEPAGE);
    return memory;
}
