#include "coordinator/settings.h"

#include <stdio.h>

int settings_add(struct settings *settings, const char *text, struct err *err)
{
    if (settings->n == SETTINGS_MAX)
        return err_set(err, ERR_USAGE, "more than %d settings", SETTINGS_MAX);
    settings->text[settings->n++] = text;
    return 0;
}

int settings_add_path(struct settings *settings, const char *key, const char *path,
                      struct err *err)
{
    if (settings->n_paths == SETTINGS_PATHS_MAX)
        return err_set(err, ERR_USAGE, "--%s: is given too often", key);
    char *text = settings->path[settings->n_paths];
    const size_t size = sizeof settings->path[0];
    size_t n = (size_t)snprintf(text, size, "%s=\"", key);

    for (; *path != '\0' && n + 4 < size; path++) {
        if (*path == '"' || *path == '\\')
            text[n++] = '\\';
        text[n++] = *path;
    }
    if (*path != '\0')
        return err_set(err, ERR_USAGE, "--%s: the path is too long", key);
    text[n++] = '"';
    text[n] = '\0';
    if (settings_add(settings, text, err) != 0)
        return -1;
    settings->n_paths++;
    return 0;
}
