#include "client/link.h"
#include "coordinator/gate_inside.h"
#include "coordinator/intake.h"
#include "coordinator/offer.h"
#include "tests/coordinator/stream_world.h"

#include <pthread.h>
#include <zmq.h>

static void a_port_that_cannot_be_had_is_an_error(void)
{
    struct gate_port_options options = {
        .name = "x", .address = "tcp://10.0.0.1:1", .message_bytes_max = 512};
    struct gate_port *port;
    struct gate *gate;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(gate_open(NULL, &gate, NULL), 0);
    CU_ASSERT_EQUAL(gate_listen(gate, &options, &port, &err), -1);
    CHECK_CONTAINS(err.text,
                   "is not a loopback address in numbers: what is not encrypted");
    gate_close(gate);
    CU_ASSERT_EQUAL_FATAL(gate_open(&relay_key, &gate, NULL), 0);
    options.address = "tcp://127.0.0.1:*";
    CU_ASSERT_EQUAL(gate_listen(gate, &options, &port, &err), -1);
    CHECK_CONTAINS(err.text, "the port x cannot be opened"); /* a key, and no list */
    options.list = put_scratch("empty", "", 0644);
    CU_ASSERT_EQUAL(gate_listen(gate, &options, &port, &err), -1);
    CHECK_CONTAINS(err.text, "empty: no key is listed");
    gate_close(gate);
    CU_ASSERT_EQUAL_FATAL(gate_open(&relay_key, &gate, NULL), 0);
    options.list = in_scratch("subscribers");
    options.address = "ipc:///nowhere/at/all";
    CU_ASSERT_EQUAL(gate_listen(gate, &options, &port, &err), -1);
    CHECK_CONTAINS(err.text, "ipc:///nowhere/at/all: ");
    gate_close(gate);
}

/* What every port sets, in a context where no handler answers. */
static void without_a_handler_nobody_gets_in(void)
{
    const int yes = 1;
    void *context = zmq_ctx_new(), *socket;
    struct link_plan plan = {0};
    struct link_event event = {0};
    char address[64];
    size_t size = sizeof address;
    struct links *links;
    struct key key;

    CU_ASSERT_EQUAL_FATAL(key_generate(KEY_CURVE, "anyone", &key, NULL), 0);
    for (int enforce = 1; enforce >= 0;
         enforce--) { /* and it is this option that does it */
        socket = zmq_socket(context, ZMQ_ROUTER);
        CU_ASSERT_EQUAL(zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "x", 1), 0);
        CU_ASSERT_EQUAL(zmq_setsockopt(socket, 93, &enforce, sizeof enforce), 0);
        CU_ASSERT_EQUAL(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes), 0);
        CU_ASSERT_EQUAL(
            zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, relay_key.secret, KEY_BYTES),
            0);
        CU_ASSERT_EQUAL(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
        size = sizeof address;
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &size);
        plan.address = address;
        memcpy(plan.theirs, relay_key.public, KEY_BYTES);
        CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, &key, &links, NULL), 0);
        const int64_t end_ns = clock_monotonic() + 2 * CLOCK_SECOND;
        event.kind = LINK_NOTHING;
        while (event.kind != LINK_UP && clock_monotonic() < end_ns)
            links_next(links, end_ns, &event, NULL);
        CU_ASSERT_EQUAL(event.kind == LINK_UP, !enforce);
        links_close(links, 0);
        zmq_close(socket);
    }
    zmq_ctx_term(context);
}

/* ZeroMQ 4.3.4 aborts (issue 4841) where its own ping is due on a connection that has
 * ended while what it brought is not read yet: none is ever due. */
static void no_ping_is_ever_due(void)
{
    const struct gate_port_options options = {
        .name = "no pings", .address = "tcp://127.0.0.1:*", .message_bytes_max = 512};
    struct gate_port *port;
    struct gate *gate;
    size_t size = sizeof(int);
    int interval_ms = -1;

    CU_ASSERT_EQUAL_FATAL(gate_open(NULL, &gate, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(gate_listen(gate, &options, &port, NULL), 0);
    zmq_getsockopt(port->socket, ZMQ_HEARTBEAT_IVL, &interval_ms, &size);
    CU_ASSERT_EQUAL(interval_ms, 0);
    gate_close(gate);
}

/* Let the gate and the links get on until two are up and so many were turned away. */
static void settle(struct gate *gate, struct links *links[3], bool up[3],
                   const struct gate_port *port, uint64_t n_full)
{
    const int64_t end_ns = clock_monotonic() + 60 * CLOCK_SECOND;
    struct link_event event;

    while ((up[0] + up[1] + up[2] != 2 || gate_counts(port).n_full < n_full) &&
           clock_monotonic() < end_ns) {
        gate_wait(gate, clock_monotonic() + CLOCK_SECOND / 100, NULL);
        for (int i = 0; i < 3; i++) {
            if (links[i] == NULL)
                continue;
            links_next(links[i], clock_monotonic() + CLOCK_SECOND / 1000, &event, NULL);
            up[i] = event.kind == LINK_UP || (up[i] && event.kind != LINK_DOWN);
        }
    }
}

static void who_comes_when_there_is_no_room_is_turned_away_and_counted(void)
{
    const struct gate_port_options options = {.name = "full",
                                              .address = "tcp://127.0.0.1:*",
                                              .message_bytes_max = 512,
                                              .connections_max = 2};
    struct links *links[3] = {NULL, NULL, NULL};
    bool up[3] = {false, false, false};
    struct gate_port *port;
    struct gate *gate;

    CU_ASSERT_EQUAL_FATAL(gate_open(NULL, &gate, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(gate_listen(gate, &options, &port, NULL), 0);
    const struct link_plan plan = {.address = gate_address(port)};
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, NULL, &links[0], NULL), 0);
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, NULL, &links[1], NULL), 0);
    settle(gate, links, up, port, 0);
    CU_ASSERT(up[0] && up[1]);
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, NULL, &links[2], NULL), 0);
    settle(gate, links, up, port, 2);
    CU_ASSERT(up[0] && up[1] && !up[2]); /* those who are there stay */
    CU_ASSERT(gate_counts(port).n_full >= 2);
    CU_ASSERT(gate_room(port).n_connections >= 2);
    CU_ASSERT_EQUAL(gate_room(port).n_connections_max, 2);
    links_close(links[0], 0);
    links[0] = NULL;
    up[0] = false;
    settle(gate, links, up, port, 0); /* one goes, and the next gets in */
    CU_ASSERT(up[1] && up[2]);
    links_close(links[1], 0);
    links_close(links[2], 0);
    gate_close(gate);
}

/* ---- the intake ---- */

struct publisher {
    const char *address;
    struct stream_name newest;
    enum stream_verdict verdict;
    char reason[STREAM_REASON_MAX];
    int status;
    struct err err;
};

static void *offer_one(void *argument)
{
    struct publisher *publisher = argument;
    char key[FILE_PATH_MAX], relay[FILE_PATH_MAX];
    struct publication *publication = published((struct published){.version = 2});
    struct offer *offer;

    snprintf(key, sizeof key, "%s/plain.secret", scratch);
    snprintf(relay, sizeof relay, "%s/relay.public", scratch);
    const struct offer_plan plan = {.address = publisher->address,
                                    .key = key,
                                    .relay_key = relay,
                                    .timeout_ns = 20 * CLOCK_SECOND};
    publisher->status = offer_open(&plan, &offer, &publisher->err);
    if (publisher->status == 0)
        publisher->status = offer_newest(offer, &publisher->newest, &publisher->err);
    if (publisher->status == 0)
        publisher->status = offer_send(offer, publication, &publisher->verdict,
                                       publisher->reason, &publisher->err);
    offer_close(offer);
    publication_free(publication);
    return NULL;
}

/* Answer one offer so; who offered, and what, is checked. */
static void answer_one(struct publisher *publisher, enum stream_verdict verdict,
                       const char *reason)
{
    const struct stream_name newest = stream_name_make(1000, 1, "x", 1);
    const struct gate_port_options options = {.name = "intake",
                                              .address = "tcp://127.0.0.1:*",
                                              .list = in_scratch("subscribers"),
                                              .message_bytes_max =
                                                  INTAKE_FRAME_BYTES_MAX};
    struct intake_offer offer;
    struct gate_port *port;
    struct gate *gate;
    pthread_t thread;
    int got = 0;

    CU_ASSERT_EQUAL_FATAL(gate_open(&relay_key, &gate, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(gate_listen(gate, &options, &port, NULL), 0);
    publisher->address = gate_address(port);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, offer_one, publisher), 0);
    while (got == 0) {
        gate_wait(gate, clock_monotonic() + CLOCK_SECOND / 10, NULL);
        got = intake_next(port, &newest, &offer, NULL);
    }
    CU_ASSERT_EQUAL_FATAL(got, 1);
    CU_ASSERT_STRING_EQUAL(offer.who.name, "plain");
    CU_ASSERT_EQUAL(offer.name.version, 2);
    CU_ASSERT(offer.parts.n_set == strlen(example_set) &&
              offer.parts.n_signatures == 1);
    CU_ASSERT_EQUAL(memcmp(offer.parts.set, example_set, offer.parts.n_set), 0);
    intake_answer(port, &offer, verdict, reason);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(publisher->newest.version, 1);
    CU_ASSERT_EQUAL(gate_counts(port).n_refused, 0);
    gate_close(gate);
}

static void a_publisher_is_told_what_became_of_its_offer(void)
{
    struct publisher publisher = {0};

    answer_one(&publisher, STREAM_TAKEN, "served to shadow");
    CU_ASSERT_EQUAL(publisher.status, 0);
    CU_ASSERT_EQUAL(publisher.verdict, STREAM_TAKEN);
    CU_ASSERT_STRING_EQUAL(publisher.reason, "served to shadow");
    answer_one(&publisher, STREAM_HELD, "1 of 2 have signed");
    CU_ASSERT(publisher.status == 0 && publisher.verdict == STREAM_HELD);
    answer_one(&publisher, STREAM_REFUSED, "too loose\033[2J");
    CU_ASSERT_EQUAL(publisher.status, -1);
    CU_ASSERT_EQUAL(publisher.err.kind, ERR_REFUSED);
    CU_ASSERT_STRING_EQUAL(publisher.err.text, "too loose?[2J");
}

/* Who sends on and on is heard some at a time: the caller has others to hear. */
static void one_call_deals_with_64_messages_at_most(void)
{
    const struct stream_header wrong = stream_header_make(STREAM_HEARTBEAT, NULL);
    const struct link_frame frame = {&wrong, sizeof wrong};
    char address[FILE_PATH_MAX];
    const struct gate_port_options options = {
        .name = "intake", .address = address, .message_bytes_max = 512};
    const struct link_plan plan = {.address = options.address};
    uint64_t n_sent = 0, n_before = 0, n_heard = 0;
    struct intake_offer offer;
    struct gate_port *port;
    struct links *links;
    struct gate *gate;

    snprintf(address, sizeof address, "ipc://%s", in_scratch("busy"));
    CU_ASSERT_EQUAL_FATAL(gate_open(NULL, &gate, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(gate_listen(gate, &options, &port, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, NULL, &links, NULL), 0);
    while (n_sent < 250)
        n_sent += (uint64_t)links_send(links, 0, 1, &frame);
    while (n_heard < n_sent) {
        gate_wait(gate, clock_monotonic() + CLOCK_SECOND, NULL);
        CU_ASSERT_EQUAL(intake_next(port, NULL, &offer, NULL), 0);
        n_heard = gate_counts(port).n_refused;
        CU_ASSERT(n_heard - n_before <= 64);
        n_before = n_heard;
    }
    links_close(links, 0);
    gate_close(gate);
}

static void what_is_no_offer_is_refused_with_a_verdict(void)
{
    char address[FILE_PATH_MAX];
    const struct gate_port_options options = {
        .name = "intake", .address = address, .message_bytes_max = 1 << 20};
    const struct link_plan plan = {.address = options.address};
    struct publication *publication = published((struct published){.version = 2});
    struct stream_header header =
        stream_header_make(STREAM_OFFER, &publication->is.name);
    const struct link_frame frame[] = {
        {&header, sizeof header}, {"m", 1}, {"", 0}, {"not the set", 11}};
    struct link_event event = {0};
    struct intake_offer offer;
    struct gate_port *port;
    struct links *links;
    struct gate *gate;

    snprintf(address, sizeof address, "ipc://%s", in_scratch("gate"));
    header.n_manifest = 1;
    CU_ASSERT_EQUAL_FATAL(gate_open(NULL, &gate, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(gate_listen(gate, &options, &port, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, NULL, &links, NULL), 0);
    while (!links_send(links, 0, 4, frame))
        gate_wait(gate, clock_monotonic() + CLOCK_SECOND / 100, NULL);
    while (event.kind != LINK_MESSAGE) {
        gate_wait(gate, clock_monotonic() + CLOCK_SECOND / 100, NULL);
        CU_ASSERT_EQUAL(intake_next(port, NULL, &offer, NULL), 0);
        links_next(links, clock_monotonic() + CLOCK_SECOND / 100, &event, NULL);
    }
    CU_ASSERT_EQUAL(gate_counts(port).n_refused, 1);
    CU_ASSERT_EQUAL(event.n_frames, 2);
    CU_ASSERT_EQUAL(
        stream_header_read(event.frame[0].bytes, event.frame[0].n_bytes, &header, NULL),
        0);
    CU_ASSERT(header.kind == STREAM_VERDICT && header.verdict == STREAM_REFUSED);
    CU_ASSERT_EQUAL(memcmp(event.frame[1].bytes, "the set has 11 bytes", 20), 0);
    links_close(links, 0);
    gate_close(gate);
    publication_free(publication);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_port_that_cannot_be_had_is_an_error",
         a_port_that_cannot_be_had_is_an_error},
        {"without_a_handler_nobody_gets_in", without_a_handler_nobody_gets_in},
        {"no_ping_is_ever_due", no_ping_is_ever_due},
        {"who_comes_when_there_is_no_room_is_turned_away_and_counted",
         who_comes_when_there_is_no_room_is_turned_away_and_counted},
        {"a_publisher_is_told_what_became_of_its_offer",
         a_publisher_is_told_what_became_of_its_offer},
        {"one_call_deals_with_64_messages_at_most",
         one_call_deals_with_64_messages_at_most},
        {"what_is_no_offer_is_refused_with_a_verdict",
         what_is_no_offer_is_refused_with_a_verdict},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"gate", make_world, remove_world, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
