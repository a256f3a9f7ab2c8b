/* impact.h -- what does an order of this size move the price by, now and afterwards?
 *
 *     I(v) = sign(v) Y sigma |v|^delta        price = base max(1 - I, 1/20)
 *
 * with v the volume sold lately, net, as a share of one day's average volume (ADV), and
 * sigma the volatility of a day.  An order of size q is filled at the mean of I between
 * v and v + q, so that cutting it up changes nothing but by what decays in between:
 * v halves every half-life (the book refills).  delta = 1/2: the square-root law.
 *
 * B. Toth et al., "Anomalous price impact and the critical nature of liquidity in
 * financial markets", Phys. Rev. X 1 (2011) 021006: I = Y sigma sqrt(Q/V), Y about 1.
 */
#ifndef WORKER_IMPACT_H
#define WORKER_IMPACT_H

struct impact_rule {
    double y;              /* Y, >= 0 */
    double delta;          /* in (0, 1] */
    double halflife_steps; /* of v, > 0; infinite: nothing decays */
};

struct impact {
    double scale; /* Y sigma */
    double delta;
    double decay;  /* of v from step to step */
    double volume; /* v: sold less bought lately */
};

#define IMPACT_FLOOR 0.05 /* of the base is left, however much is sold */

struct impact impact_new(const struct impact_rule *rule, double sigma);

/* A step goes by. */
void impact_decay(struct impact *impact);

/* I of a volume by itself, >= 0: what a single order ends at. */
double impact_of(const struct impact *impact, double volume);

/* The price that stands now over the base price. */
double impact_price(const struct impact *impact);

/* The mean price over the base price at which q is sold (q < 0: -q is bought). */
double impact_fill(const struct impact *impact, double q);

/* ... and it is. */
void impact_add(struct impact *impact, double q);

#endif /* WORKER_IMPACT_H */
