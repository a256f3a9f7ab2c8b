/* command.h -- the commands of the program, one function each
 *
 * argv[0] is the command's own name.  A command prints its results on standard
 * output; 0, or -1 with the error that main turns into a line and an exit code. */
#ifndef COORDINATOR_COMMAND_H
#define COORDINATOR_COMMAND_H

#include "core/err.h"

int cmd_import(int argc, char **argv, struct err *err);
int cmd_simulate(int argc, char **argv, struct err *err);
int cmd_plan(int argc, char **argv, struct err *err);
int cmd_calibrate(int argc, char **argv, struct err *err);
int cmd_plan(int argc, char **argv, struct err *err);
int cmd_status(int argc, char **argv, struct err *err);
int cmd_inspect(int argc, char **argv, struct err *err);
int cmd_export(int argc, char **argv, struct err *err);
int cmd_liquidity(int argc, char **argv, struct err *err);
int cmd_keygen(int argc, char **argv, struct err *err);
int cmd_publish(int argc, char **argv, struct err *err);
int cmd_backtest(int argc, char **argv, struct err *err);
int cmd_sensitivity(int argc, char **argv, struct err *err);
int cmd_walkforward(int argc, char **argv, struct err *err);
int cmd_choose(int argc, char **argv, struct err *err);
int cmd_fit(int argc, char **argv, struct err *err);
int cmd_relay(int argc, char **argv, struct err *err);
int cmd_approve(int argc, char **argv, struct err *err);
int cmd_promote(int argc, char **argv, struct err *err);
int cmd_rollback(int argc, char **argv, struct err *err);
int cmd_freeze(int argc, char **argv, struct err *err);
int cmd_unfreeze(int argc, char **argv, struct err *err);
int cmd_withdraw(int argc, char **argv, struct err *err);
int cmd_night(int argc, char **argv, struct err *err);
int cmd_audit(int argc, char **argv, struct err *err);
int cmd_help(int argc, char **argv, struct err *err);

#endif /* COORDINATOR_COMMAND_H */
