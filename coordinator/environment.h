/* environment.h -- on what did a run run? (for run.json and calibration.h5)
 *
 * Hosts, processors and instruction sets of all ranks, the libraries that the program
 * was built with and those that were loaded, MPI, the kernel, and what Slurm and the
 * user have set.  Nothing in parameters.json depends on any of it. */
#ifndef COORDINATOR_ENVIRONMENT_H
#define COORDINATOR_ENVIRONMENT_H

#include "core/err.h"
#include "core/json.h"
#include "mpi/team.h"

#include <stddef.h>

/* Where a rank runs; travels as bytes. */
struct environment_place {
    char host[TEAM_HOST_MAX];
    char cpu[96]; /* model name, as the kernel tells it */
    char isa[16]; /* of the kernels: worker/isa.h       */
    char kernel[96];
};

/* Of the process that calls. */
void environment_look(struct environment_place *place);
/* Collective: every rank's on rank 0, place[size]. */
void environment_gather(const struct team *team, struct environment_place place[]);

/* Two members: "machine" and "environment". */
void environment_put(struct json *json, size_t n_ranks,
                     const struct environment_place place[]);
/* The same as one JSON text on one line; free() it. */
int environment_text(size_t n_ranks, const struct environment_place place[],
                     char **text, struct err *err);

#endif /* COORDINATOR_ENVIRONMENT_H */
