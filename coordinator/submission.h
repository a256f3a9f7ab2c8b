/* submission.h -- which line submits a job to Slurm? */
#ifndef COORDINATOR_SUBMISSION_H
#define COORDINATOR_SUBMISSION_H

#include "coordinator/settings.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct submission {
    const char *name, *job_path;
    bool has_output; /* the job or a setting says where its output goes */
    const struct settings *settings;
    size_t n_ranks, n_a_node;
    double seconds, node_bytes; /* as they are expected */
};

size_t submission_nodes(const struct submission *submission);

/* "sbatch ... --wrap='srun --mpi=pmix plimsoll calibrate ...'", quoted for a shell;
 * half as much time again and a quarter more memory than is expected, and a signal that
 * stops the run softly two minutes before its time is over.  free() it. */
int submission_line(const struct submission *submission, char **line, struct err *err);

#endif /* COORDINATOR_SUBMISSION_H */
