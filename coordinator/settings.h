/* settings.h -- the settings of a job that come from a command line
 *
 * `--history FILE` is `--set history="FILE"`: one way in for every key. */
#ifndef COORDINATOR_SETTINGS_H
#define COORDINATOR_SETTINGS_H

#include "core/err.h"
#include "core/file.h"

#include <stddef.h>

enum { SETTINGS_MAX = 256, SETTINGS_PATHS_MAX = 4 };

/* All zero: none yet.  It must not move once a path is in it. */
struct settings {
    size_t n, n_paths;
    const char *text[SETTINGS_MAX];
    char path[SETTINGS_PATHS_MAX][FILE_PATH_MAX + 16];
};

/* "key=value" as it stands on the command line, which must outlive the settings. */
int settings_add(struct settings *settings, const char *text, struct err *err);
/* A path as a YAML text in double quotes, where a quote and a backslash have one before
 * them. */
int settings_add_path(struct settings *settings, const char *key, const char *path,
                      struct err *err);

#endif /* COORDINATOR_SETTINGS_H */
