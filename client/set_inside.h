/* set_inside.h -- what a parsed set is made of, for the files that make it */
#ifndef CLIENT_SET_INSIDE_H
#define CLIENT_SET_INSIDE_H

#include "client/set.h"
#include "core/sha256.h"

#include <jansson.h>
#include <stdatomic.h>

struct plimsoll_set {
    atomic_size_t n_owners;
    json_t *tree; /* owns every text below */
    char sha256[SHA256_TEXT_MAX];
    struct plimsoll_head head;
    size_t n;
    struct plimsoll_instrument *instrument; /* [n] */
};

/* Fill the head and the instruments from set->tree; on failure the set is still good
 * for plimsoll_set_free. */
int set_fill(struct plimsoll_set *set, struct err *err);

/* One entry of "instruments". */
int set_fill_instrument(const json_t *entry, struct plimsoll_instrument *instrument,
                        struct err *err);

/* Its evidence.shared, where it has that. */
int set_fill_shared(const json_t *evidence, struct plimsoll_instrument *instrument,
                    struct err *err);

/* Its evidence.sources, where it has that. */
int set_fill_sources(const json_t *evidence, struct plimsoll_instrument *instrument,
                     struct err *err);

/* Its member "liquidation", where it has one. */
int set_fill_liquidation(const json_t *entry, struct plimsoll_instrument *instrument,
                         struct err *err);

/* Names with numbers; null, where allowed, becomes NaN. */
int set_fill_values(const json_t *object, const char *name, bool may_be_null,
                    struct plimsoll_values *values, struct err *err);

/* The member "stress" of an entry, and of the set, where they have one. */
int set_fill_stress(const json_t *entry, struct plimsoll_stress *stress,
                    struct err *err);
int set_fill_joint(const json_t *tree, struct plimsoll_joint *joint, struct err *err);
void set_free_stress(struct plimsoll_stress *stress);
void set_free_joint(struct plimsoll_joint *joint);

#endif /* CLIENT_SET_INSIDE_H */
