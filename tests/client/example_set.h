/* example_set.h -- a valid parameter set, and copies of it that differ in one place */
#ifndef TESTS_CLIENT_EXAMPLE_SET_H
#define TESTS_CLIENT_EXAMPLE_SET_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLE_SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char example_set[] =
    "{\"schema\": \"plimsoll-parameters\", \"schema_version\": 1,\n"
    "\"job\": {\"name\": \"nightly\", \"sha256\": \"" EXAMPLE_SHA "\"},\n"
    "\"program\": \"plimsoll 0.1.0\", \"study\": \"margin\",\n"
    "\"history_sha256\": \"" EXAMPLE_SHA "\",\n"
    "\"as_of\": \"2024-12-30T23:00:00Z\", \"interval\": \"1h\",\n"
    "\"horizon_bars\": 8, \"confidence\": 0.99, \"n_points\": 23616,\n"
    "\"instruments\": [\n"
    "{\"instrument\": \"ADA-PERP\", \"status\": \"failed\",\n"
    " \"reason\": \"no point reaches the coverage\",\n"
    " \"as_of\": \"2024-12-30T22:00:00Z\"},\n"
    "{\"instrument\": \"BTC-PERP\", \"status\": \"calibrated\", \"reason\": \"\",\n"
    " \"as_of\": \"2024-12-30T23:00:00Z\",\n"
    " \"parameters\": {\"lambda\": 0.97, \"q\": 2.5},\n"
    " \"initial_margin_ppm\": 50000, \"maintenance_margin_ppm\": 25000,\n"
    " \"tiers\": [{\"up_to_notional\": 1000000, \"initial_margin_ppm\": 50000,\n"
    "  \"maintenance_margin_ppm\": 25000},\n"
    "  {\"up_to_notional\": null, \"initial_margin_ppm\": 80000,\n"
    "  \"maintenance_margin_ppm\": 40000}],\n"
    " \"evidence\": {\"training\": {\"coverage\": 0.991, \"kupiec_p\": null}}},\n"
    "{\"instrument\": \"ETH-PERP\", \"status\": \"held\",\n"
    " \"reason\": \"q moved by more than 0.2\", \"as_of\": \"2024-12-30T23:00:00Z\",\n"
    " \"parameters\": {\"lambda\": 0.94, \"q\": 3},\n"
    " \"initial_margin_ppm\": 60000, \"maintenance_margin_ppm\": 30000,\n"
    " \"tiers\": [{\"up_to_notional\": null, \"initial_margin_ppm\": 60000,\n"
    "  \"maintenance_margin_ppm\": 30000}],\n"
    " \"evidence\": {\"training\": {\"coverage\": 0.99}, \"test\": {\"coverage\": "
    "0.98}}}\n"
    "]}\n";

/* The text with the first `old` behind the first `after` replaced by `new`; free() it.
 * Ends the program where there is none: a test must not go on with the valid set. */
static inline char *example_change(const char *text, const char *after, const char *old,
                                   const char *new)
{
    const char *start = strstr(text, after);
    const char *found = start != NULL ? strstr(start, old) : NULL;

    if (found == NULL)
        abort();
    const size_t n_before = (size_t)(found - text);
    char *changed = malloc(strlen(text) + strlen(new) + 1);
    if (changed == NULL)
        abort();
    memcpy(changed, text, n_before);
    strcpy(changed + n_before, new);
    strcat(changed, found + strlen(old));
    return changed;
}

#endif /* TESTS_CLIENT_EXAMPLE_SET_H */
