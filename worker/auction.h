/* auction.h -- at which discount does somebody take the lot?
 *
 * A Dutch auction: the discount on the mark goes in even steps from `start` to X, where
 * the account's equity is used up, and the first bidder to accept has the lot at the
 * discount of that moment.  To bidder j it costs r_j to get rid of the lot, uniform on
 * (0, R) and known to j alone; R is what the market would ask, the impact of the lot.
 * So the lot is worth v_j = R - r_j above mark (1 - R), and w = R - X stands for the
 * reserve.  A Dutch auction is a first-price auction (Vickrey 1961): with n bidders of
 * the same kind, each of constant relative risk aversion rho, m = (n - 1)/(1 - rho),
 *
 *     b(v) = v - integral_w^v F(t)^m dt / F(v)^m
 *          = m/(m+1) v + w^(m+1) / ((m+1) v^m),     v >= w;  who has less stays away
 *
 * where w < 0 counts as 0 if there is competition.  Neutral, w = 0: (n - 1)/n v.  One
 * bidder alone waits for X.  Bidder j accepts at the discount R - b(v_j), at the
 * latest at X, and takes no more than its capacity.  With a logit precision L it is not
 * so sure: at each step it accepts at discount d with probability
 * 1 / (1 + exp(-L (d - (R - b(v_j))) / R)); L = 0 stands for no noise.
 *
 * W. Vickrey, "Counterspeculation, auctions, and competitive sealed tenders", J.
 * Finance 16(1) (1961).  J. G. Riley, W. F. Samuelson, "Optimal auctions", AER 71(3)
 * (1981): the reserve.  J. C. Cox, V. L. Smith, J. M. Walker, "Theory and individual
 * behavior of first-price auctions", J. Risk and Uncertainty 1 (1988): rho.  R. D.
 * McKelvey, T. R. Palfrey, "Quantal response equilibria for normal form games", Games
 * and Economic Behavior 10 (1995). */
#ifndef WORKER_AUCTION_H
#define WORKER_AUCTION_H

#include "worker/draws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BIDDERS_MAX = 16 };

struct auction_rule {
    size_t n_bidders; /* 1 ... BIDDERS_MAX              */
    double aversion;  /* rho, [0, 1)                    */
    double capacity;  /* of a bidder, share of ADV, > 0 */
    double precision; /* L, >= 0                        */
};

/* A lot: where its discount begins, X, and how it comes. */
struct auction_lot {
    double start, end; /* X below start counts as start */
    size_t n_steps;    /* from one to the other, >= 1   */
    double worst;      /* R                             */
    uint32_t number;   /* for the draws, below 2^20     */
};

/* ... on offer. */
struct auction {
    struct auction_lot lot;
    double wanted[BIDDERS_MAX]; /* discount at which each accepts; infinite: never */
    bool is_gone[BIDDERS_MAX];
};

struct auction auction_open(const struct auction_rule *rule, const struct draws *draws,
                            const struct auction_lot *lot);

/* The discount after so many steps. */
double auction_discount(const struct auction *auction, size_t age);

/* What bidders take of q at that age; those that took something are gone. */
double auction_take(const struct auction_rule *rule, const struct draws *draws,
                    struct auction *auction, size_t age, double q);

#endif /* WORKER_AUCTION_H */
