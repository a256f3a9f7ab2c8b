/* What `plimsoll relay --status` makes of what a relay has written. */
#include "coordinator/relay_view.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

/* free() it. */
static char *view(const char *json)
{
    struct err err = {0};
    size_t n_bytes;
    char *text;
    FILE *out = open_memstream(&text, &n_bytes);

    if (relay_view_print(json, strlen(json), out, &err) != 0)
        fprintf(out, "%s", err.text);
    fclose(out);
    return text;
}

static void the_other_relay_was_heard_or_not_yet(void)
{
    char *text = view("{\"schema\":\"plimsoll-relay-status\",\"other\":{\"address\":"
                      "\"tcp://b:1\",\"heard_s\":null,\"is_serving\":false}}");
    CHECK_CONTAINS(text, "other relay  tcp://b:1, not heard yet\n");
    free(text);
    text = view("{\"schema\":\"plimsoll-relay-status\",\"other\":{\"address\":"
                "\"tcp://b:1\",\"heard_s\":0.25,\"is_serving\":true,\"version\":7}}");
    CHECK_CONTAINS(text, "tcp://b:1, serving, version 7, heard 0.2 s before\n");
    free(text);
}

static void what_is_no_status_is_refused(void)
{
    char *text = view("{\"schema\":\"plimsoll-parameters\"}");
    CHECK_CONTAINS(text, "is no status of a relay");
    free(text);
    text = view("{");
    CHECK_CONTAINS(text, "is not JSON");
    free(text);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the_other_relay_was_heard_or_not_yet", the_other_relay_was_heard_or_not_yet},
        {"what_is_no_status_is_refused", what_is_no_status_is_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_view", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
