#include "client/set.h"
#include "coordinator/offer.h"
#include "coordinator/relay_control.h"
#include "core/clock.h"
#include "tests/system/chaos/chaos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTRUMENTS = 40 };

/* ---- sets ---- */

static const char HEX[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void put_instrument(FILE *out, int i, struct sample *random)
{
    const int initial = 20000 + (int)sample_below(random, 80000);
    const int maintenance = initial / 2;

    fprintf(
        out,
        "%s{\"instrument\": \"C%02d-PERP\", \"status\": \"calibrated\", \"reason\": "
        "\"\",\n \"as_of\": \"2024-12-30T23:00:00Z\",\n \"parameters\": {\"lambda\": "
        "0.97, \"q\": %.17g},\n \"initial_margin_ppm\": %d, "
        "\"maintenance_margin_ppm\": %d,\n \"tiers\": [{\"up_to_notional\": null, "
        "\"initial_margin_ppm\": %d, \"maintenance_margin_ppm\": %d}],\n "
        "\"evidence\": {\"training\": {\"coverage\": 0.99}}}",
        i == 0 ? "" : ",\n", i, 1.0 + sample_unit(random), initial, maintenance,
        initial, maintenance);
}

static char *make_set(struct sample *random, size_t *n_bytes)
{
    char *text;
    FILE *out = open_memstream(&text, n_bytes);

    fprintf(out,
            "{\"schema\": \"plimsoll-parameters\", \"schema_version\": 1,\n"
            "\"job\": {\"name\": \"chaos\", \"sha256\": \"%s\"},\n"
            "\"program\": \"plimsoll 0.1.0\", \"study\": \"margin\",\n"
            "\"history_sha256\": \"%s\",\n\"as_of\": \"2024-12-30T23:00:00Z\", "
            "\"interval\": \"1h\",\n\"horizon_bars\": 8, \"confidence\": 0.99, "
            "\"n_points\": 100,\n\"instruments\": [\n",
            HEX, HEX);
    for (int i = 0; i < INSTRUMENTS; i++)
        put_instrument(out, i, random);
    fputs("\n]}\n", out);
    fclose(out);
    return text;
}

int publish_next(struct world *world, struct err *err)
{
    const uint64_t version = world->n_versions + 1;
    const int64_t now_ns = clock_now();
    struct manifest manifest = {.name = {.epoch = world->epoch, .version = version},
                                .published_ns = now_ns,
                                .valid_from_ns = now_ns - CLOCK_MINUTE,
                                .valid_until_ns = now_ns + 7 * CLOCK_DAY};
    struct publication *publication;
    size_t n_bytes;

    if (version >= VERSIONS_MAX)
        return err_set(err, ERR_USAGE, "more than %d versions", VERSIONS_MAX - 1);
    if (world->newest != NULL) {
        manifest.has_parent = true;
        memcpy(manifest.parent_sha256, world->newest->is.name.sha256, 32);
    }
    char *set = make_set(&world->random, &n_bytes);
    const int status =
        publication_make(&manifest, set, n_bytes, 1, &world->signer, &publication, err);
    free(set);
    if (status != 0)
        return -1;
    publication_free(world->newest);
    world->newest = publication;
    world->n_versions = version;
    memcpy(world->sha256[version], publication->is.name.sha256, 32);
    return 0;
}

double publish_unit_s(const struct world *world)
{
    enum { TURNS = 10 };
    const struct publication_parts *parts = &world->newest->parts;
    const int64_t start_ns = clock_monotonic();

    for (int i = 0; i < TURNS; i++) {
        struct publication *publication;
        struct plimsoll_set *set;
        struct trust *trust;

        if (trust_read(world_path(world, "signers"), KEY_SIGNING, &trust, NULL) != 0 ||
            publication_take(parts, &publication, NULL) != 0 ||
            publication_verify(trust, parts, NULL) != 0 ||
            plimsoll_set_parse(parts->set, parts->n_set, &set, NULL) != 0)
            abort();
        plimsoll_set_free(set);
        publication_free(publication);
        trust_free(trust);
    }
    return (double)(clock_monotonic() - start_ns) / (double)CLOCK_SECOND / TURNS;
}

/* ---- offers ---- */

/* 0 taken; 1 try again or elsewhere. */
static int offer_to(const struct world *world, size_t i)
{
    char address[48], key[FILE_PATH_MAX], relay_key[FILE_PATH_MAX];
    const struct offer_plan plan = {.address = address,
                                    .key = key,
                                    .relay_key = relay_key,
                                    .timeout_ns = CLOCK_SECOND};
    char reason[STREAM_REASON_MAX] = "";
    enum stream_verdict verdict = STREAM_REFUSED;
    struct offer *offer;
    struct err why = {0};

    snprintf(address, sizeof address, "tcp://%s:7710", world->relay[i].address);
    snprintf(key, sizeof key, "%s", world_path(world, "publisher-0.secret"));
    snprintf(relay_key, sizeof relay_key, "%s",
             world_path(world, "relay-%s.public", world->relay[i].name));
    if (offer_open(&plan, &offer, &why) != 0)
        return 1;
    const int status = offer_send(offer, world->newest, &verdict, reason, &why);
    offer_close(offer);
    if (status == 0 && verdict == STREAM_TAKEN)
        return 0;
    if (why.kind == ERR_REFUSED)
        printf("  relay %s: %s\n", world->relay[i].name, why.text);
    return 1;
}

int publish_offer(struct world *world, size_t first, int64_t until_ns, struct err *err)
{
    while (clock_monotonic() < until_ns) {
        for (size_t turn = 0; turn < RELAYS; turn++) {
            const size_t i = (first + turn) % RELAYS;

            if (world->relay[i].pid == 0 || world->relay[i].is_stopped)
                continue;
            if (offer_to(world, i) == 0)
                return 0;
        }
    }
    return err_set(err, ERR_BUG, "version %llu was not taken by any relay",
                   (unsigned long long)world->n_versions);
}

/* ---- how the relays stand ---- */

static char *status_of(const struct world *world, size_t i)
{
    const struct relay_command command = {.verb = "status"};
    char *answer = NULL;

    if (world->relay[i].pid == 0 || world->relay[i].is_stopped ||
        relay_control_ask(world->relay[i].store, &command, &answer, NULL) != 0)
        return NULL;
    return answer;
}

static bool says(const char *status, const char *text)
{
    return status != NULL && strstr(status, text) != NULL;
}

size_t publish_who_serves(const struct world *world)
{
    size_t who = RELAYS, n = 0;

    for (size_t i = 0; i < RELAYS; i++) {
        char *status = status_of(world, i);

        if (says(status, "\"role\": \"serving\"")) {
            who = i;
            n++;
        }
        free(status);
    }
    return n == 1 ? who : RELAYS;
}

/* The number behind `text`; UINT64_MAX where there is none. */
static uint64_t number_behind(const char *status, const char *text)
{
    const char *at = strstr(status, text);

    return at != NULL ? strtoull(at + strlen(text), NULL, 10) : UINT64_MAX;
}

/* It serves, and the other has asked beyond all that it has. */
static bool is_followed(const char *status)
{
    static const char its[] = "\"follower\": {\n    \"records\": ";
    static const char own[] = "\n  \"records\": ";

    return says(status, "\"role\": \"serving\"") &&
           number_behind(status, its) != UINT64_MAX &&
           number_behind(status, its) == number_behind(status, own);
}

bool publish_is_settled(const struct world *world)
{
    int n_followed = 0, n_following = 0;

    for (size_t i = 0; i < RELAYS; i++) {
        char *status = status_of(world, i);

        n_followed += is_followed(status);
        n_following += says(status, "\"role\": \"following\"");
        free(status);
    }
    return n_followed == 1 && n_following == RELAYS - 1;
}
