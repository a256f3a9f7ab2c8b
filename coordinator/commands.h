/* commands.h -- which commands are there?
 *
 * One table, which main runs from and the manual pages and the shell's completion are
 * made from. */
#ifndef COORDINATOR_COMMANDS_H
#define COORDINATOR_COMMANDS_H

#include "core/err.h"

#include <stddef.h>
#include <stdio.h>

struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv, struct err *err);
};

const struct command *commands_row(size_t i);          /* NULL after the last  */
const struct command *commands_find(const char *name); /* NULL: there is none */

/* `plimsoll --help`. */
void commands_print(FILE *out);

#endif /* COORDINATOR_COMMANDS_H */
