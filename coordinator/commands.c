#include "coordinator/commands.h"
#include "client/cmd_subscribe.h"
#include "coordinator/command.h"

#include <string.h>

static const struct command commands[] = {
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
    {"sensitivity", "which axes of a job do the figures of an instrument hang on?",
     cmd_sensitivity},
    {"choose", "the points of a calibration that no other is better than; pick one",
     cmd_choose},
    {"walkforward", "would the job's choices have held on the bars behind them?",
     cmd_walkforward},
    {"fit", "fit one model to one series and print every figure", cmd_fit},
    {"backtest", "every backtest of VaR and ES on one series", cmd_backtest},
    {"export", "write a set's margins in the shape that a venue's engine reads",
     cmd_export},
    {"liquidity", "depth, resiliency and impact of a market from its book and trades",
     cmd_liquidity},
    {"keygen", "make a pair of keys to sign with or to connect with", cmd_keygen},
    {"publish", "send a parameter set to the engines", cmd_publish},
    {"subscribe", "receive parameter sets, verify and keep them", cmd_subscribe},
    {"relay", "take publications, keep them and serve them to engines", cmd_relay},
    {"approve", "show and sign a publication that waits at a relay", cmd_approve},
    {"promote", "serve a relay's newest set to the next group now", cmd_promote},
    {"rollback", "publish a set that was in production again", cmd_rollback},
    {"freeze", "stop updates at a relay", cmd_freeze},
    {"unfreeze", "let updates pass at a relay again", cmd_unfreeze},
    {"withdraw", "drop a publication that waits at a relay", cmd_withdraw},
    {"night",
     "keep the book of scheduled calibrations: late, skipped, doubled, published",
     cmd_night},
    {"audit", "verify and show a relay's log of decisions", cmd_audit},
    {"help", "explain a command, the job file or the metrics", cmd_help},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

const struct command *commands_row(size_t i)
{
    return i < N_COMMANDS ? &commands[i] : NULL;
}

const struct command *commands_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

void commands_print(FILE *out)
{
    fputs("usage: plimsoll COMMAND [ARGUMENTS]\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
    fputs(
        "\n`plimsoll COMMAND --help` explains one of them, `plimsoll help job` the job "
        "file.\nExit codes: 0 done, 2 usage, 3 bad input, 4 some instruments have no "
        "value,\n5 refused by a gate, 70 internal, 75 stopped early (run again).\n",
        out);
}
