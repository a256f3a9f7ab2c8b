/* The whole relay with its sockets, in a thread of its own: plain, over ipc:// in a
 * scratch directory. */
#include "coordinator/line.h"
#include "coordinator/relay_control.h"
#include "coordinator/relay_serve.h"
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

#include <pthread.h>

/* Generous: only a relay that never does it takes so long. */
static const int64_t PATIENCE_NS = 60 * CLOCK_SECOND;

struct running {
    struct relay_config config;
    atomic_int stop;
    pthread_t thread;
    int status;
    struct err err;
    char place[FILE_PATH_MAX], subscribers[FILE_PATH_MAX], intake[FILE_PATH_MAX];
};

static void *run(void *context)
{
    struct running *running = context;

    running->status = relay_serve(&running->config, &running->stop, &running->err);
    return NULL;
}

static void start(struct running *running, const char *name, const char *more)
{
    char text[4096];
    const int n = snprintf(
        text, sizeof text,
        "store: %s/%s\nplain: true\nkeys: {signers: %s/signers}\n"
        "listen: {intake: 'ipc://%s/%s.in', subscribers: 'ipc://%s/%s.out', feed: "
        "'ipc://%s/%s.feed'}\ngroups: [{name: all}]\n%s",
        scratch, name, scratch, scratch, name, scratch, name, scratch, name, more);
    const struct conf_source source = {
        .path = "relay.yaml", .bytes = text, .n_bytes = (size_t)n};

    *running = (struct running){0};
    snprintf(running->place, sizeof running->place, "%s/%s", scratch, name);
    snprintf(running->subscribers, sizeof running->subscribers, "ipc://%s/%s.out",
             scratch, name);
    snprintf(running->intake, sizeof running->intake, "ipc://%s/%s.in", scratch, name);
    if (relay_config_read(&source, &running->config, &running->err) != 0) {
        fprintf(stderr, "%s\n", running->err.text);
        abort();
    }
    if (pthread_create(&running->thread, NULL, run, running) != 0)
        abort();
}

static void stop(struct running *running)
{
    atomic_store(&running->stop, 1);
    pthread_join(running->thread, NULL);
    if (running->status != 0)
        fprintf(stderr, "%s\n", running->err.text);
    CU_ASSERT(running->status == 0);
    relay_config_free(&running->config);
}

/* Ask until somebody answers; free() the answer.  NULL: it was refused. */
static char *command(const struct running *running, const struct relay_command *command,
                     struct err *err)
{
    const int64_t end_ns = clock_monotonic() + PATIENCE_NS;
    char *answer = NULL;

    do {
        *err = (struct err){0};
        if (relay_control_ask(running->place, command, &answer, err) == 0)
            return answer;
    } while (err->kind == ERR_COMM && clock_monotonic() < end_ns);
    return NULL;
}

static struct publication *signed_set(uint64_t version, int ppm,
                                      const struct publication *parent)
{
    const struct offer offer = {
        .version = version, .initial_ppm = ppm, .n_signers = 1, .signer = {ALICE}};
    struct publication *plain = make_offer(NULL, &offer), *publication = NULL;
    struct manifest manifest = plain->is;

    manifest.has_parent = parent != NULL;
    if (parent != NULL)
        memcpy(manifest.parent_sha256, parent->is.name.sha256, 32);
    if (publication_make(&manifest, plain->parts.set, plain->parts.n_set, 1, people,
                         &publication, NULL) != 0)
        abort();
    publication_free(plain);
    return publication;
}

static void expect_taken(const struct running *running,
                         const struct publication *publication)
{
    const struct relay_command offer = {.verb = "offer", .publication = publication};
    const int64_t end_ns = clock_monotonic() + PATIENCE_NS;
    struct err err;
    char *answer;

    do /* on a machine that let it stand still for long, the other serves meanwhile */
        answer = command(running, &offer, &err);
    while (answer == NULL && strstr(err.text, "this relay follows another") != NULL &&
           clock_monotonic() < end_ns);

    CU_ASSERT(answer != NULL);
    if (answer == NULL)
        fprintf(stderr, "%s\n", err.text);
    else
        CHECK_CONTAINS(answer, "is served to all");
    free(answer);
}

/* A subscriber without memory: asks, and takes what comes until a set of this version
 * does. */
static void expect_set(const char *address, const struct publication *want)
{
    const int64_t end_ns = clock_monotonic() + PATIENCE_NS;
    struct reader frame[LINE_FRAMES_MAX];
    struct stream_header header;
    struct line *line;
    bool is_there = false;

    CU_ASSERT_FATAL(line_open(address, NULL, NULL, &line, NULL) == 0);
    while (!is_there && clock_monotonic() < end_ns) {
        const struct stream_header request = stream_header_make(STREAM_REQUEST, NULL);
        const struct reader ask = {(const unsigned char *)&request, sizeof request};

        line_send(line, 1, &ask, 100);
        while (!is_there && line_receive(line, 200, frame, NULL) > 0)
            is_there = stream_header_read(frame[0].bytes, frame[0].n_left, &header,
                                          NULL) == 0 &&
                       header.kind == STREAM_SET &&
                       header.version == want->is.name.version &&
                       frame[3].n_left == want->parts.n_set &&
                       memcmp(frame[3].bytes, want->parts.set, want->parts.n_set) == 0;
    }
    CU_ASSERT(is_there);
    line_close(line);
}

static void an_offer_reaches_a_subscriber_and_survives_a_restart(void)
{
    struct publication *one = signed_set(1, 50000, NULL);
    struct publication *two = signed_set(2, 51000, one);
    struct running relay;

    start(&relay, "one", "");
    expect_taken(&relay, one);
    expect_set(relay.subscribers, one);
    expect_taken(&relay, two);
    expect_set(relay.subscribers, two);
    stop(&relay);
    start(&relay, "one", "");
    expect_set(relay.subscribers, two);
    stop(&relay);
    publication_free(two);
    publication_free(one);
}

/* Through the intake, as `plimsoll publish` does it: asks, offers, hears the verdict.
 */
static void the_intake_takes_and_refuses_offers(void)
{
    struct publication *one = signed_set(1, 50000, NULL);
    struct reader frame[LINE_FRAMES_MAX];
    struct stream_header header;
    struct running relay;
    struct line *line;

    start(&relay, "intake", "");
    CU_ASSERT_FATAL(line_open(relay.intake, NULL, NULL, &line, NULL) == 0);
    for (int turn = 0; turn < 3; turn++) {
        struct stream_header offer = stream_header_make(STREAM_OFFER, &one->is.name);
        char *set = strndup(one->parts.set, one->parts.n_set);

        offer.n_manifest = (uint16_t)one->parts.n_manifest;
        offer.n_signatures = (uint16_t)one->parts.n_signatures;
        if (turn == 2)
            set[9] ^= 1;
        const struct reader frames[4] = {
            {(const unsigned char *)&offer, sizeof offer},
            {one->parts.manifest, one->parts.n_manifest},
            {(const unsigned char *)one->parts.signature,
             one->parts.n_signatures * sizeof *one->parts.signature},
            {(const unsigned char *)set, one->parts.n_set}};
        CU_ASSERT(line_send(line, 4, frames, 60000) == 1);
        free(set);
        CU_ASSERT_FATAL(line_receive(line, 60000, frame, NULL) == 2);
        CU_ASSERT_FATAL(
            stream_header_read(frame[0].bytes, frame[0].n_left, &header, NULL) == 0);
        CU_ASSERT(header.kind == STREAM_VERDICT);
        CU_ASSERT(header.verdict == (turn < 2 ? STREAM_TAKEN : STREAM_REFUSED));
    }
    line_close(line);
    stop(&relay);
    publication_free(one);
}

static void the_operator_is_answered(void)
{
    struct publication *one = signed_set(1, 50000, NULL);
    struct publication *two = signed_set(2, 51000, one);
    const struct relay_command freeze = {.verb = "freeze", .text = "mad"},
                               promote = {.verb = "promote", .version = 1},
                               status = {.verb = "status"}, nonsense = {.verb = "sing"},
                               again = {.verb = "offer", .publication = two};
    struct running relay;
    struct err err;

    start(&relay, "operator", "");
    expect_taken(&relay, one);
    char *answer = command(&relay, &freeze, &err);
    CU_ASSERT(answer != NULL);
    free(answer);
    CU_ASSERT(command(&relay, &again, &err) == NULL && err.kind == ERR_REFUSED);
    CHECK_CONTAINS(err.text, "updates are frozen since");
    CU_ASSERT(command(&relay, &promote, &err) == NULL && err.kind == ERR_REFUSED);
    CU_ASSERT(command(&relay, &nonsense, &err) == NULL && err.kind == ERR_REFUSED);
    CHECK_CONTAINS(err.text, "'sing' is no command of a relay");
    answer = command(&relay, &status, &err);
    CU_ASSERT_FATAL(answer != NULL);
    CHECK_CONTAINS(answer, "\"role\": \"serving\"");
    CHECK_CONTAINS(answer, "\"text\": \"mad\"");
    CHECK_CONTAINS(answer, "\"version\": 1");
    free(answer);
    stop(&relay);
    CU_ASSERT(relay_control_ask("/nowhere", &status, &answer, &err) == -1);
    CHECK_CONTAINS(err.text, "no relay answers at ipc:///nowhere/control");
    CU_ASSERT(err_exit_code(&err) == 70);
    publication_free(two);
    publication_free(one);
}

/* Until the relay's status has this text. */
static void expect_status(const struct running *running, const char *text)
{
    const struct relay_command status = {.verb = "status"};
    const int64_t end_ns = clock_monotonic() + PATIENCE_NS;
    bool is_there = false;
    struct err err;

    while (!is_there && clock_monotonic() < end_ns) {
        char *answer = command(running, &status, &err);

        is_there = answer != NULL && strstr(answer, text) != NULL;
        free(answer);
    }
    CU_ASSERT(is_there);
}

/* The second does not serve while the first does, and has all when that one ends. */
static void the_second_takes_over_with_what_the_first_had(void)
{
    struct publication *one = signed_set(1, 50000, NULL);
    struct publication *two = signed_set(2, 51000, one);
    struct running first, second;
    char more[2][FILE_PATH_MAX];

    snprintf(more[0], sizeof more[0],
             "follow: {address: 'ipc://%s/b.feed', takeover_after: 4s, first: true}\n",
             scratch);
    snprintf(more[1], sizeof more[1],
             "follow: {address: 'ipc://%s/a.feed', takeover_after: 4s}\n", scratch);
    start(&first, "a", more[0]);
    start(&second, "b", more[1]);
    expect_status(&first, "\"role\": \"serving\"");
    expect_taken(&first, one);
    expect_taken(&first, two);
    expect_set(first.subscribers, two);
    expect_status(&second, "\"role\": \"following\"");
    /* has it itself: how long the first waits for it is bounded (HOLD_BACK_NS) */
    expect_status(&second, "\"version\": 2,\n    \"sha256\"");
    stop(&first);
    expect_set(second.subscribers, two);
    /* back, the first follows */
    start(&first, "a", more[0]);
    struct publication *three = signed_set(3, 52000, two);
    expect_taken(&second, three);
    expect_status(&first, "\"version\": 3,\n    \"sha256\"");
    stop(&second);
    expect_set(first.subscribers, three);
    stop(&first);
    publication_free(three);
    publication_free(two);
    publication_free(one);
}

int main(void)
{
    CU_TestInfo relays[] = {
        {"an_offer_reaches_a_subscriber_and_survives_a_restart",
         an_offer_reaches_a_subscriber_and_survives_a_restart},
        {"the_intake_takes_and_refuses_offers", the_intake_takes_and_refuses_offers},
        {"the_operator_is_answered", the_operator_is_answered},
        {"the_second_takes_over_with_what_the_first_had",
         the_second_takes_over_with_what_the_first_had},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_serve", make_world, remove_scratch, NULL, NULL, relays},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
