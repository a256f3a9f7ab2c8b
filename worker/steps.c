#include "worker/steps.h"

static void turns_of(const struct bar *bar, double turn[STEPS_LEGS + 1])
{
    const int low_first = bar->open - bar->low <= bar->high - bar->open;

    turn[0] = bar->open;
    turn[1] = low_first ? bar->low : bar->high;
    turn[2] = low_first ? bar->high : bar->low;
    turn[3] = bar->close;
}

/* a_bar prices: the first step is still on its way from the open. */
static void fill_bar(const struct bar *bar, double scale, size_t a_bar, double *price)
{
    const size_t a_leg = a_bar / STEPS_LEGS;
    double turn[STEPS_LEGS + 1];

    turns_of(bar, turn);
    for (size_t leg = 0; leg < STEPS_LEGS; leg++)
        for (size_t s = 1; s <= a_leg; s++)
            *price++ = s == a_leg ? turn[leg + 1] / scale
                                  : (turn[leg] + (turn[leg + 1] - turn[leg]) *
                                                     (double)s / (double)a_leg) /
                                        scale;
}

void steps_of(const struct bars *bars, size_t t, size_t h, size_t a_bar, double price[])
{
    const double scale = bars->close[t];

    price[0] = 1.0;
    for (size_t j = 1; j <= h; j++) {
        const struct bar bar = bars_at(bars, t + j);

        fill_bar(&bar, scale, a_bar, price + 1 + (j - 1) * a_bar);
    }
}
