/* gpd_parts.h -- L(t) = ln(1 + t) / t and its derivatives, also where t is near 0 */
#ifndef WORKER_GPD_PARTS_H
#define WORKER_GPD_PARTS_H

/* out = L(t), L'(t), L''(t), t > -1.
 *
 *     L'  = (t/(1+t) - ln(1+t)) / t^2
 *     L'' = (2 ln(1+t) - t (2 + 3t) / (1+t)^2) / t^3
 *
 * and for |t| < 0.1, where these cancel, the series  L = sum (-t)^k / (k + 1). */
void gpd_expand(double t, double out[3]);

#endif /* WORKER_GPD_PARTS_H */
