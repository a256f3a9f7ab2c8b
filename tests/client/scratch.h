/* scratch.h -- a directory of a test's own, and files in it */
#ifndef TESTS_CLIENT_SCRATCH_H
#define TESTS_CLIENT_SCRATCH_H

#include "core/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[] = "/tmp/plimsoll-test-XXXXXX";

/* CUnit's suite initialisation and cleanup. */
static int make_scratch(void)
{
    return mkdtemp(scratch) == NULL;
}

static int remove_scratch(void)
{
    char command[sizeof scratch + 16];

    snprintf(command, sizeof command, "rm -rf %s", scratch);
    return system(command) != 0;
}

/* "SCRATCH/name", in one of four buffers that take turns. */
static inline const char *in_scratch(const char *name)
{
    static char path[4][FILE_PATH_MAX];
    static int turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], FILE_PATH_MAX, "%s/%s", scratch, name);
    return path[turn];
}

/* A file of this text and mode; ends the program where it cannot be made. */
static inline const char *put_scratch(const char *name, const char *text, mode_t mode)
{
    const char *path = in_scratch(name);
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0 ||
        chmod(path, mode) != 0)
        abort();
    return path;
}

#endif /* TESTS_CLIENT_SCRATCH_H */
