#include "client/cmd_subscribe.h"
#include "coordinator/command.h"

#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"import", "read vendors' price files into a history store", cmd_import},
    {"simulate", "make a synthetic market whose true quantiles are known",
     cmd_simulate},
    {"plan", "say before submission how long a job takes, and how much memory",
     cmd_plan},
    {"calibrate", "find the parameters of every instrument (also under mpirun, srun)",
     cmd_calibrate},
    {"status", "tell how far a calibration is, or how it ended", cmd_status},
    {"inspect", "show a history store, a calibration's evidence or a parameter set",
     cmd_inspect},
    {"fit", "fit one volatility model to one series and print every figure", cmd_fit},
    {"backtest", "every backtest of VaR and ES on one series", cmd_backtest},
    {"publish", "send a parameter set to the engines", cmd_publish},
    {"subscribe", "receive parameter sets, verify and keep them", cmd_subscribe},
    {"help", "explain a command, the job file or the metrics", cmd_help},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *out)
{
    fputs("usage: plimsoll COMMAND [ARGUMENTS]\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs(
        "\n`plimsoll COMMAND --help` explains one of them, `plimsoll help job` the job "
        "file.\nExit codes: 0 done, 2 usage, 3 bad input, 4 some instruments have no "
        "value,\n5 refused by a gate, 70 internal, 75 stopped early (run again).\n",
        out);
}

static int run_command(int argc, char **argv, struct err *err)
{
    if (strcmp(argv[1], "--version") == 0) {
        puts("plimsoll " PLIMSOLL_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return 0;
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1, err);
    return err_set(err, ERR_USAGE, "'%s' is not a command (plimsoll --help lists them)",
                   argv[1]);
}

int main(int argc, char **argv)
{
    struct err err = {0};

    if (argc < 2) {
        print_usage(stderr);
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
