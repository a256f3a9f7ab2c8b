#include "coordinator/choose.h"
#include "coordinator/command.h"
#include "coordinator/evidence.h"
#include "coordinator/origin.h"
#include "core/file.h"
#include "core/options.h"
#include "core/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll choose DIR --instrument X [--objectives A,B,...] [--limit "
    "A>=V]...\n"
    "                       [--prefer A=W,...] [--json]\n"
    "       plimsoll choose DIR --instrument X ... --pick N|knee|preferred\n"
    "                       --output FILE [--history FILE]\n"
    "       plimsoll choose DIR --instrument X --point q=3.1,... --output FILE\n"
    "\n"
    "Lists the points that a calibration in DIR kept and that no other is better than\n"
    "in everything that counts: of every point of the grid where the job's `surfaces`\n"
    "have all of it, otherwise of winner and runners-up.\n"
    "\n"
    "  --objectives A,B  what counts; unless given the objective and, of the margin\n"
    "                    study, coverage, mean_shortfall and peak_to_trough, of the\n"
    "                    liquidation study bad_debt_es, before_bankruptcy and\n"
    "                    mean_initial. Shares that are to be covered and p-values are\n"
    "                    the better the larger, all else the smaller\n"
    "  --limit A>=V      points within A>=V or A<=V only; again for more\n"
    "  --prefer A=W,...  weights, 1 where none is given: marks the point of the least\n"
    "                    weighted sum, each objective from its best (0) to its worst\n"
    "                    (1) on the front. With equal weights: the knee\n"
    "  --pick, --point   writes DIR/parameters.json with that point for X to the FILE "
    "of\n"
    "                    --output, judged anew. A point that breaks a constraint or a\n"
    "                    gate of the job is refused: exit 5\n"
    "  --history FILE    history store, instead of the calibration's: the same bytes\n";

struct asked {
    const char *directory, *pick, *point, *output, *history;
    struct choose_request request;
    char calibration[FILE_PATH_MAX], set[FILE_PATH_MAX];
    bool as_json, help;
};

static int check(struct asked *asked, struct err *err)
{
    const bool picks = asked->pick != NULL || asked->point != NULL;

    if (asked->request.instrument == NULL)
        return err_set(err, ERR_USAGE, "choose: which --instrument?");
    if (asked->pick != NULL && asked->point != NULL)
        return err_set(err, ERR_USAGE, "choose: --pick or --point, one of them");
    if (picks != (asked->output != NULL))
        return err_set(err, ERR_USAGE,
                       "choose: --output FILE goes with --pick or --point");
    if (file_join(asked->directory, "calibration.h5", asked->calibration, err) != 0)
        return -1;
    return file_join(asked->directory, "parameters.json", asked->set, err);
}

static int take_limit(void *into, const char *value, struct err *err)
{
    struct choose_request *request = &((struct asked *)into)->request;

    if (request->n_limits == CHOOSE_LIMITS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", CHOOSE_LIMITS_MAX);
    request->limit[request->n_limits++] = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"instrument", OPTIONS_TEXT, AT(request.instrument)},
    {"objectives", OPTIONS_TEXT, AT(request.objectives)},
    {"prefer", OPTIONS_TEXT, AT(request.prefer)},
    {"limit", OPTIONS_CALL, .take = take_limit},
    {"pick", OPTIONS_TEXT, AT(pick)},
    {"point", OPTIONS_TEXT, AT(point)},
    {"output", OPTIONS_TEXT, AT(output)},
    {"history", OPTIONS_TEXT, AT(history)},
    {"json", OPTIONS_FLAG, AT(as_json)},
};
#undef AT

static const struct options_table table = {"choose", "directory", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->directory = rest.word[0];
    return check(asked, err);
}

/* "3", "knee" or "preferred" as a place in the front. */
static int take_place(const char *text, const struct choose_front *front, size_t *place,
                      struct err *err)
{
    int64_t number;

    if (strcmp(text, "knee") == 0) {
        *place = front->knee;
        return 0;
    }
    if (strcmp(text, "preferred") == 0) {
        *place = front->preferred;
        return 0;
    }
    if (text_to_integer(text, strlen(text), 1, (int64_t)front->n_front, &number, err) !=
        0) {
        err->kind = ERR_USAGE;
        return err_add(err, "--pick: not knee, preferred or a number of the front");
    }
    *place = (size_t)number - 1;
    return 0;
}

static int pick_point(const struct asked *asked, const char *point, struct err *err)
{
    const struct choose_pick pick = {.calibration = asked->calibration,
                                     .set_path = asked->set,
                                     .instrument = asked->request.instrument,
                                     .point = point,
                                     .history = asked->history,
                                     .output = asked->output};

    if (choose_pick(&pick, err) != 0)
        return -1;
    printf("%s: %s, in %s\n", pick.instrument, point, pick.output);
    return 0;
}

static int pick_from_front(const struct asked *asked, const struct choose_front *front,
                           struct err *err)
{
    size_t place = 0;

    if (take_place(asked->pick, front, &place, err) != 0)
        return -1;
    char *point = choose_point(front, place);
    if (point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a point");
    const int status = pick_point(asked, point, err);
    free(point);
    return status;
}

static int answer(const struct asked *asked, const struct h5 *file,
                  const struct job *job, struct err *err)
{
    struct choose_front front;
    int status = 0;

    if (choose_find(file, job, &asked->request, &front, err) != 0)
        return -1;
    if (asked->pick != NULL)
        status = pick_from_front(asked, &front, err);
    else if (asked->as_json)
        status = choose_print_json(&front, stdout, err);
    else
        choose_print_table(&front, stdout);
    choose_free(&front);
    return status;
}

static int list(const struct asked *asked, struct err *err)
{
    struct origin origin;
    struct h5 *file;
    struct job job;

    if (h5_open(asked->calibration, EVIDENCE_KIND, &file, err) != 0)
        return -1;
    int status = origin_read(file, &origin, err);
    if (status == 0) {
        status = origin_job(file, &origin, 0, NULL, &job, err);
        if (status == 0) {
            status = answer(asked, file, &job, err);
            job_free(&job);
        }
        origin_free(&origin);
    }
    h5_close(file);
    return status;
}

int cmd_choose(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return asked.point != NULL ? pick_point(&asked, asked.point, err)
                               : list(&asked, err);
}
