#include "coordinator/command.h"
#include "coordinator/job.h"
#include "worker/study.h"

#include <stdio.h>
#include <string.h>

static void print_metrics(void)
{
    for (size_t s = 0; study_row(s) != NULL; s++) {
        const struct study *study = study_row(s);

        printf("Metrics of the %s study: %s\n\n", study->name, study->meaning);
        for (size_t i = 0; i < study->n_metrics; i++)
            printf("  %-18s %-22s %s\n", study->metrics[i].name, study->metrics[i].unit,
                   study->metrics[i].meaning);
    }
    puts("\nThe definitions stand in worker/README.md. An undefined figure is null.");
}

int cmd_help(int argc, char **argv, struct err *err)
{
    static const char usage[] = "usage: plimsoll help job|metrics\n\n"
                                "  job      every key of a job file: type, bounds, "
                                "default, meaning\n"
                                "  metrics  every figure of a backtest\n\n"
                                "`plimsoll COMMAND --help` explains a command.\n";

    if (argc == 1 || strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "job") == 0) {
        job_help(stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "metrics") == 0) {
        print_metrics();
        return 0;
    }
    return err_set(err, ERR_USAGE, "help: there is none on '%s' (job, metrics)",
                   argv[1]);
}
