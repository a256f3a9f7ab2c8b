#include "worker/search.h"

#include <stdlib.h>

static int polish(struct search *search, const struct grid *grid,
                  const struct search_batch *batch, search_rate_fn rate, void *context,
                  struct err *err)
{
    const struct search_from from = {batch->value, batch->rating, batch->n_most,
                                     batch->known};
    struct tried tried;

    tried_start(grid->n_axes, &tried);
    int status = search_polish(grid, &from, rate, context, &tried, err);
    if (status == 0)
        status = search_tell_polish(search, &tried, err);
    tried_free(&tried);
    return status;
}

static int rate_all(struct search *search, const struct search_batch *batch,
                    search_rate_fn rate, void *context, struct err *err)
{
    struct rating *rating = calloc(batch->n, sizeof *rating);

    if (rating == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu ratings", batch->n);
    int status = rate(context, batch->n, batch->value, batch->share, rating, err);
    if (status == 0)
        status = search_tell(search, rating, err);
    free(rating);
    return status;
}

int search_run(struct search *search, const struct grid *grid, search_rate_fn rate,
               void *context, struct err *err)
{
    const struct search_batch *batch;

    for (;;) {
        if (search_ask(search, &batch, err) != 0)
            return -1;
        if (batch->n == 0)
            return 0;
        if ((batch->polish ? polish(search, grid, batch, rate, context, err)
                           : rate_all(search, batch, rate, context, err)) != 0)
            return -1;
    }
}
