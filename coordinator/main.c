#include "coordinator/commands.h"

#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_command(int argc, char **argv, struct err *err)
{
    if (strcmp(argv[1], "--version") == 0) {
        puts("plimsoll " PLIMSOLL_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        commands_print(stdout);
        return 0;
    }
    const struct command *command = commands_find(argv[1]);
    if (command != NULL)
        return command->run(argc - 1, argv + 1, err);
    return err_set(err, ERR_USAGE, "'%s' is not a command (plimsoll --help lists them)",
                   argv[1]);
}

int main(int argc, char **argv)
{
    struct err err = {0};

    if (argc < 2) {
        commands_print(stderr);
        return 2;
    }
    gsl_set_error_handler_off();
    signal(SIGXFSZ, SIG_IGN); /* a limit on files' sizes is an error like a full disk */
    if (run_command(argc, argv, &err) == 0 && fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (err.kind == ERR_NONE)
        err_set(&err, ERR_IO, "standard output cannot be written");
    if (err.text[0] != '\0')
        fprintf(stderr, "plimsoll: %s\n", err.text);
    return err_exit_code(&err);
}
