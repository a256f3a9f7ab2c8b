/* estimates.h -- the file in which `plimsoll liquidity` keeps what it measured
 *
 * JSON: the schema's name and version, and `instruments`, in the order of their names,
 * each with its capture's name and SHA-256, how it was sampled, and every figure
 * (worker/liquidity.h) with its 95 % interval and its unit.  A liquidation job names
 * the file (liquidation.estimates); its digest is part of the job's. */
#ifndef COORDINATOR_ESTIMATES_H
#define COORDINATOR_ESTIMATES_H

#include "core/err.h"
#include "core/json.h"
#include "core/sha256.h"
#include "worker/liquidity.h"
#include "worker/measured.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ESTIMATES_TEXT_MAX = 256 };

/* What one capture says. */
struct estimates_entry {
    char instrument[ESTIMATES_TEXT_MAX], source[ESTIMATES_TEXT_MAX];
    char sha256[SHA256_TEXT_MAX];
    int64_t n_samples;
    double step_s;
    struct liquidity_estimate figure[LIQUIDITY_FIGURES];
    bool is_guess[LIQUIDITY_FIGURES]; /* extrapolated from the capture */
};

struct estimates {
    char sha256[SHA256_TEXT_MAX]; /* of the file's bytes */
    size_t n;
    struct estimates_entry *entry; /* [n] by name    */
    struct measured *measured;     /* [n] of those   */
};

/* ERR_INPUT names the place: "liquidity.json: instruments[2]: flow_y: is missing". */
int estimates_read(const char *path, struct estimates *estimates, struct err *err);
void estimates_free(struct estimates *estimates);

/* Put it into the file, in place of what it had of that instrument; the file need not
 * be there. */
int estimates_keep(const char *path, const struct estimates_entry *entry,
                   struct err *err);

/* The figures as members of the object that is open. */
void estimates_put_figures(struct json *json, const struct estimates_entry *entry);

#endif /* COORDINATOR_ESTIMATES_H */
