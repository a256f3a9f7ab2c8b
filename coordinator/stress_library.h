/* stress_library.h -- which bad days does a file name?
 *
 *     windows:
 *       short-2022-05-11: [2022-05-11/2022-05-13, "beyond margin: LUNA 0.31"]
 *
 * Every run leaves such a file in its directory (stress_found.h); a job reads one
 * (stress.windows_file), which joins its own stress.windows. */
#ifndef COORDINATOR_STRESS_LIBRARY_H
#define COORDINATOR_STRESS_LIBRARY_H

#include "core/conf.h"
#include "core/err.h"
#include "worker/stress.h"

/* "2020-03-08/2020-03-20", UTC. */
int stress_span_read(const char *text, int64_t *from_ns, int64_t *to_ns,
                     struct err *err);

/* A window of a job or a library by its name and texts. */
int stress_window_read(const char *name, const struct conf_texts *texts,
                       struct stress_window *window, struct err *err);

/* The windows of a file, checked, as YAML "{...}"; free() it.  ERR_INPUT with file,
 * line and column. */
int stress_library_read(const char *path, char **windows, struct err *err);

#endif /* COORDINATOR_STRESS_LIBRARY_H */
