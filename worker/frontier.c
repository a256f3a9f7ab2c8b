#include "worker/frontier.h"

static void put(struct frontier *frontier, size_t i, double a, double b, double c)
{
    frontier->a[i] = a;
    frontier->b[i] = b;
    frontier->c[i] = c;
}

/* What has just rejected a bar is likely to reject the next: it moves to the front. */
static void move_to_front(struct frontier *frontier, size_t i)
{
    const double a = frontier->a[i], b = frontier->b[i], c = frontier->c[i];

    put(frontier, i, frontier->a[0], frontier->b[0], frontier->c[0]);
    put(frontier, 0, a, b, c);
}

void frontier_offer(struct frontier *frontier, double a, double b, double c)
{
    size_t kept = 0;

    for (size_t i = 0; i < frontier->n; i++)
        if (frontier->a[i] >= a && frontier->b[i] >= b && frontier->c[i] >= c) {
            move_to_front(frontier, i);
            return;
        }
    for (size_t i = 0; i < frontier->n; i++)
        if (!(a >= frontier->a[i] && b >= frontier->b[i] && c >= frontier->c[i]))
            put(frontier, kept++, frontier->a[i], frontier->b[i], frontier->c[i]);
    put(frontier, kept, a, b, c);
    frontier->n = kept + 1;
}
