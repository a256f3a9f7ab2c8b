/* fuzz_job.c -- any text as a job file: a whole plan, or one line that says what is
 * wrong */
#include "coordinator/job.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    const struct conf_source source = {
        .path = "job.yaml", .bytes = (const char *)bytes, .n_bytes = n_bytes};
    struct err err = {0};
    struct job job;

    if (n_bytes > 20000) /* long lists are slow, not dangerous */
        return 0;
    if (job_read(&source, &job, &err) == 0) {
        if (grid_n_points(&job.plan.grid) == 0 || job.plan.objective == NULL)
            abort();
        job_free(&job);
    } else if (err.text[0] == '\0' || strchr(err.text, '\n') != NULL) {
        abort();
    }
    return 0;
}
