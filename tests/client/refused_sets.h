/* refused_sets.h -- is each change of a set refused, and with these words? */
#ifndef TESTS_CLIENT_REFUSED_SETS_H
#define TESTS_CLIENT_REFUSED_SETS_H

#include "client/set.h"
#include "example_set.h"
#include "tests/check.h"

/* changes[i]: what stands in the text behind `after`, what comes in its place, and what
 * the refusal says. */
static inline void refused_sets(const char *text, const char *after, size_t n,
                                const char *const changes[][3])
{
    for (size_t i = 0; i < n; i++) {
        char *changed = example_change(text, after, changes[i][0], changes[i][1]);
        struct plimsoll_set *set = NULL;
        struct err err = {0};

        CU_ASSERT(plimsoll_set_parse(changed, strlen(changed), &set, &err) == -1);
        CHECK_CONTAINS(err.text, changes[i][2]);
        free(changed);
    }
}

#endif /* TESTS_CLIENT_REFUSED_SETS_H */
