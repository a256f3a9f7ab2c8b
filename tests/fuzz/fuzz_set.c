/* fuzz_set.c -- does a set of any bytes either hold what set.h promises, or get
 * refused?
 *
 * Built and run by tests/fuzz/run; a parameters.json is a good first input. */
#include "client/diff.h"
#include "client/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void claim(bool holds)
{
    if (!holds)
        abort();
}

/* A line of errors is one line, and steers no terminal. */
static void check_line(const struct err *err)
{
    claim(err->kind != ERR_NONE && err->text[0] != '\0');
    for (const char *at = err->text; *at != '\0'; at++)
        claim((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void check_tiers(const struct plimsoll_instrument *instrument)
{
    const struct plimsoll_tier *tier = instrument->tier;

    claim(instrument->n_tiers > 0 &&
          isinf(tier[instrument->n_tiers - 1].up_to_notional));
    for (size_t i = 0; i < instrument->n_tiers; i++) {
        claim(tier[i].maintenance_margin_ppm <= tier[i].initial_margin_ppm);
        claim(tier[i].initial_margin_ppm <= PLIMSOLL_PPM_MAX);
        claim(tier[i].maintenance_margin_ppm >=
              (instrument->status == PLIMSOLL_CALIBRATED));
        claim(i == 0 || tier[i].up_to_notional > tier[i - 1].up_to_notional);
        claim(i == 0 || tier[i].initial_margin_ppm >= tier[i - 1].initial_margin_ppm);
    }
}

static void check_instrument(const struct plimsoll_set *set, size_t i)
{
    const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);
    const struct plimsoll_tier *tier = NULL;
    const bool is_usable = instrument->status == PLIMSOLL_CALIBRATED;

    claim(plimsoll_set_find(set, instrument->name) == instrument);
    claim(instrument->as_of_ns <= plimsoll_set_head(set)->as_of_ns);
    claim(is_usable || instrument->reason[0] != '\0');
    claim(instrument->has_margins || !is_usable);
    if (instrument->has_margins)
        check_tiers(instrument);
    claim((plimsoll_set_margin(set, instrument->name, 1e6, &tier, NULL) == 0) ==
          is_usable);
    claim((tier != NULL) == is_usable);
    for (size_t k = 0; k < instrument->parameters.n; k++)
        claim(isfinite(instrument->parameters.value[k].value));
}

static void check_set(const struct plimsoll_set *set)
{
    FILE *nowhere = fopen("/dev/null", "w");

    claim(plimsoll_set_count(set) > 0);
    for (size_t i = 0; i < plimsoll_set_count(set); i++)
        check_instrument(set, i);
    claim(nowhere != NULL && plimsoll_diff_print(set, set, nowhere) == 0);
    fclose(nowhere);
}

/* The same bytes as a frame of the wire. */
static void check_header(const unsigned char *data, size_t n)
{
    struct stream_header header;
    struct err err = {0};

    if (stream_header_read(data, n, &header, &err) != 0) {
        check_line(&err);
        return;
    }
    claim(n == sizeof header && header.n_bytes <= PLIMSOLL_SET_BYTES_MAX);
    claim(stream_frames((enum stream_kind)header.kind) == 1 ||
          (header.version > 0 && header.epoch > 0));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    check_header(data, n);
    if (plimsoll_set_parse((const char *)data, n, &set, &err) != 0) {
        claim(set == NULL);
        check_line(&err);
        return 0;
    }
    check_set(set);
    plimsoll_set_free(set);
    return 0;
}
