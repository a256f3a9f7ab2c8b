#include "coordinator/ledger_inside.h"
#include "worker/scope.h"

#include <stdlib.h>

/* The members that are still in the running wait for the next stage. */
static void start_stage(struct ledger *ledger, struct pool *pool)
{
    pool->n_waited = 0;
    for (size_t m = 0; m < pool->n; m++) {
        struct page *page = &ledger->page[pool->member[m]];

        page->waits = false;
        pool->n_waited += !page->closed;
        ledger->failed[pool->member[m]] = page->closed;
    }
}

static int ask(struct ledger *ledger, struct pool *pool, struct err *err)
{
    start_stage(ledger, pool);
    if (pool_ask(&ledger->job->plan, pool, ledger->outcome, ledger->failed, err) != 0)
        return -1;
    for (size_t m = 0; m < pool->n; m++)
        if (!ledger->page[pool->member[m]].closed)
            ledger_make_ready(ledger, pool->member[m]);
    return 0;
}

static int choose(struct ledger *ledger, struct pool *pool, struct err *err)
{
    start_stage(ledger, pool);
    if (pool_choose(&ledger->job->plan, pool, ledger->outcome, ledger->failed, err) !=
        0)
        return -1;
    pool->is_chosen = true;
    size_t *member = calloc(pool->n, sizeof *member), n = 0;
    if (member == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", pool->n);
    for (size_t m = 0; m < pool->n; m++)
        if (!ledger->page[pool->member[m]].closed)
            member[n++] = pool->member[m];
    ledger_settle(ledger, n, member);
    free(member);
    return 0;
}

int ledger_pool_note(struct ledger *ledger, size_t instrument, struct err *err)
{
    struct page *page = &ledger->page[instrument];

    if (ledger->pools.n == 0 || page->waits)
        return 0;
    struct pool *pool = &ledger->pools.pool[ledger->pools.of[instrument]];
    page->waits = true;
    if (--pool->n_waited > 0 || pool->is_chosen)
        return 0;
    if (!pool->is_asked && ask(ledger, pool, err) != 0)
        return -1;
    /* asked now and none left to judge, or all of them are judged */
    return pool->n_waited == 0 ? choose(ledger, pool, err) : 0;
}
