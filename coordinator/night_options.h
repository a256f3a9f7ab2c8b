/* night_options.h -- what is `plimsoll night` asked to do? */
#ifndef COORDINATOR_NIGHT_OPTIONS_H
#define COORDINATOR_NIGHT_OPTIONS_H

#include "coordinator/night.h"
#include "coordinator/night_judge.h"

struct night_request {
    const char *verb, *book, *directory, *prometheus;
    struct night_calendar calendar; /* first_ns -1, every_ns 0: not said             */
    struct night_wish wish;
    struct night_word word; /* slot_ns -1, state NIGHT_BEGUN: not said               */
    struct night_rule rule;
    int64_t n_last;
    bool as_json, as_line, help;
};

int night_options_read(int argc, char **argv, struct night_request *request,
                       struct err *err);
void night_options_help(void);

#endif /* COORDINATOR_NIGHT_OPTIONS_H */
