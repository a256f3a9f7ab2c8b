#include "coordinator/command.h"
#include "coordinator/commands.h"
#include "coordinator/job.h"
#include "coordinator/manual.h"
#include "coordinator/relay_table.h"
#include "worker/study.h"

#include <stdio.h>
#include <string.h>

static int longer(int width, const char *text)
{
    const int n = (int)strlen(text);

    return n > width ? n : width;
}

static void print_study_metrics(const struct study *study, FILE *out)
{
    int name = 0, unit = 0;

    for (size_t i = 0; i < study->n_metrics; i++) {
        name = longer(name, study->metrics[i].name);
        unit = longer(unit, study->metrics[i].unit);
    }
    fprintf(out, "Metrics of the %s study: %s\n\n", study->name, study->meaning);
    for (size_t i = 0; i < study->n_metrics; i++)
        fprintf(out, "%c %-*s  %-*s  %s\n", study->metrics[i].of == NULL ? '*' : ' ',
                name, study->metrics[i].name, unit, study->metrics[i].unit,
                study->metrics[i].meaning);
    fputc('\n', out);
}

static void print_metrics(FILE *out)
{
    for (size_t s = 0; study_row(s) != NULL; s++)
        print_study_metrics(study_row(s), out);
    fputs("* known of judged points alone: validation.gates may ask for it; objective, "
          "constraints\n  and surfaces, which are looked at in every point that is "
          "tried, may not.\n\n"
          "P-values with * are exact or simulated and hold their level in samples of "
          "any size.\nThose known of every point are asymptotic, which costs little: "
          "at a level of 1 %,\nkupiec_phase_p of a single phase rejects 0.9 % of right "
          "margins on average and 1.7 % at\nworst; independence_p rejects up to twice "
          "its level.  Gates that have to hold it ask for\nbinomial_p and "
          "independence_exact_p instead.  kupiec_p and kupiec_p_upper take horizons\n"
          "that overlap for independent and only describe.\n\n"
          "The definitions stand in worker/README.md. An undefined figure is null.\n",
          out);
}

static void print_stress(FILE *out)
{
    fputs("Days that every set is tried on, beside stress.windows and "
          "stress.windows_file:\n\n",
          out);
    for (size_t i = 0; i < stress_n_events(); i++)
        fprintf(out, "  %-16s %-24s %s\n", stress_events[i].name, stress_events[i].span,
                stress_events[i].what);
    for (size_t s = 0; study_row(s) != NULL; s++) {
        const struct study *study = study_row(s);

        fprintf(out, "\nFigures under stress of the %s study:\n\n", study->name);
        for (size_t i = 0; i < study->n_stress; i++)
            fprintf(out, "  %-16s %-24s %s\n", study->stress[i].name,
                    study->stress[i].unit, study->stress[i].meaning);
    }
    fputs("\nThe definitions stand in worker/STRESS.md.\n", out);
}

static const char usage[] =
    "usage: plimsoll help job|relay|metrics|stress\n"
    "       plimsoll help --man [COMMAND|job|relay.yaml] | --completion | "
    "--manuals DIR\n"
    "\n"
    "  job              every key of a job file: type, bounds, default, meaning\n"
    "  relay            the same of a relay's configuration\n"
    "  metrics          every figure of a backtest\n"
    "  stress           the bad days that every set is tried on, and their "
    "figures\n"
    "  --man COMMAND    the manual page of a command, of the job file, of a relay's\n"
    "                   configuration, or without one of the program:\n"
    "                   plimsoll help --man fit | man -l -\n"
    "  --completion     the completion for bash: source <(plimsoll help "
    "--completion)\n"
    "  --manuals DIR    all of these as files, for an installation\n"
    "\n"
    "`plimsoll COMMAND --help` explains a command, and so does `plimsoll help "
    "COMMAND`,\nbut for relay.\n";

static const struct {
    const char *name;
    void (*print)(FILE *out);
} topics[] = {{"job", job_help},
              {"relay", relay_help},
              {"metrics", print_metrics},
              {"stress", print_stress}};

static int explain(char *what, struct err *err)
{
    const struct command *command = commands_find(what);
    char help_option[] = "--help";

    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(what, topics[i].name) == 0) {
            topics[i].print(stdout);
            return 0;
        }
    if (command != NULL)
        return command->run(2, (char *[]){what, help_option, NULL}, err);
    return err_set(err, ERR_USAGE, "help: there is none on '%s' (plimsoll help --help)",
                   what);
}

int cmd_help(int argc, char **argv, struct err *err)
{
    const char *what = argc > 1 ? argv[1] : "--help";

    if (strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (strcmp(what, "--man") == 0 && argc <= 3)
        return manual_page(argc == 3 ? argv[2] : NULL, stdout, err);
    if (strcmp(what, "--completion") == 0 && argc == 2)
        return manual_completion(stdout, err);
    if (strcmp(what, "--manuals") == 0 && argc == 3)
        return manual_write(argv[2], err);
    if (argc == 2)
        return explain(argv[1], err);
    return err_set(err, ERR_USAGE,
                   "help: '%s': too many words, or too few (plimsoll help --help)",
                   what);
}
