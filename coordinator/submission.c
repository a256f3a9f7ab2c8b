#include "coordinator/submission.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t submission_nodes(const struct submission *submission)
{
    return (submission->n_ranks + submission->n_a_node - 1) / submission->n_a_node;
}

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=./:,@%";

    return word[0] != '\0' && word[strspn(word, plain)] == '\0';
}

/* In single quotes, where a single quote is '\''. */
static void put_word(FILE *out, const char *word)
{
    if (is_plain(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

static void put_command(FILE *out, const struct submission *submission)
{
    fputs("srun --mpi=pmix plimsoll calibrate ", out);
    put_word(out, submission->job_path);
    for (size_t i = 0; i < submission->settings->n; i++) {
        fputs(" --set ", out);
        put_word(out, submission->settings->text[i]);
    }
    if (submission->has_output)
        return;
    fputs(" --output out/", out);
    put_word(out, submission->name);
}

/* At least ten minutes, in whole ones. */
static void put_time(FILE *out, double seconds)
{
    const double minutes = fmax(ceil((1.5 * seconds + 180.0) / 60.0), 10.0);

    fprintf(out, " --time=%.0f:%02.0f:00", floor(minutes / 60.0), fmod(minutes, 60.0));
}

static void put_line(FILE *out, const struct submission *submission,
                     const char *wrapped)
{
    fputs("sbatch --job-name=", out);
    put_word(out, submission->name);
    fprintf(out, " --ntasks=%zu --ntasks-per-node=%zu --cpus-per-task=1 --mem=%.0fM",
            submission->n_ranks, submission->n_a_node,
            ceil(1.25 * submission->node_bytes / (1024.0 * 1024.0)));
    put_time(out, submission->seconds);
    fputs(" --signal=USR1@120 --requeue --open-mode=append --wrap=", out);
    put_word(out, wrapped);
}

int submission_line(const struct submission *submission, char **line, struct err *err)
{
    char *wrapped = NULL;
    size_t n_bytes;
    int status = -1;
    FILE *out = open_memstream(&wrapped, &n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a line");
    put_command(out, submission);
    if (fclose(out) == 0) {
        out = open_memstream(line, &n_bytes);
        if (out != NULL) {
            put_line(out, submission, wrapped);
            status = fclose(out);
        }
    }
    free(wrapped);
    return status == 0 ? 0 : err_set(err, ERR_MEMORY, "no memory for a line");
}
