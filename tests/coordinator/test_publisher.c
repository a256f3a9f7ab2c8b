#include "client/subscriber.h"
#include "coordinator/acknowledged.h"
#include "coordinator/publisher.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/client/example_set.h"

#include <zmq.h>

/* Publisher and subscribers share this thread: each is given a turn of a few ms until
 * what is waited for has happened, or too much time has passed. */
enum { TURN_MS = 5, PATIENCE_S = 30 };

static const uint64_t EPOCH = 747;

static struct publication publish_as(uint64_t version, const char *text)
{
    return (struct publication){
        .name = stream_name_make(EPOCH, version, text, strlen(text)), .bytes = text};
}

static struct publisher *open_publisher(void)
{
    struct publisher *publisher = NULL;
    struct err err = {0};

    if (publisher_open("tcp://127.0.0.1:*", "tcp://127.0.0.1:*", &publisher, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(publisher);
    return publisher;
}

static struct plimsoll_subscriber *open_subscriber(const struct publisher *publisher)
{
    const struct plimsoll_options options = {
        .updates = publisher_updates(publisher),
        .snapshots = publisher_snapshots(publisher),
    };
    struct plimsoll_subscriber *subscriber = NULL;

    CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_open(&options, &subscriber, NULL), 0);
    return subscriber;
}

static void take_turn(struct publisher *publisher, const struct publication *set)
{
    const int64_t until_ns = clock_monotonic() + TURN_MS * (CLOCK_SECOND / 1000);

    CU_ASSERT_EQUAL_FATAL(publisher_serve(publisher, set, until_ns, NULL), 0);
}

static int64_t patience_ends(void)
{
    return clock_monotonic() + PATIENCE_S * CLOCK_SECOND;
}

/* Until the subscriber is told this. */
static struct plimsoll_event wait_event(struct publisher *publisher,
                                        const struct publication *set,
                                        struct plimsoll_subscriber *subscriber,
                                        enum plimsoll_event_kind kind)
{
    const int64_t end_ns = patience_ends();
    struct plimsoll_event event = {0};

    do {
        take_turn(publisher, set);
        CU_ASSERT_EQUAL_FATAL(
            plimsoll_subscriber_next(subscriber, TURN_MS, &event, NULL), 0);
    } while (event.kind != kind && clock_monotonic() < end_ns);
    CU_ASSERT_EQUAL_FATAL(event.kind, kind);
    return event;
}

static void wait_tally(struct publisher *publisher, const struct publication *set,
                       size_t n_acknowledged, size_t n_refused)
{
    const int64_t end_ns = patience_ends();
    struct publisher_tally tally;

    do {
        take_turn(publisher, set);
        tally = publisher_tally(publisher);
    } while ((tally.n_acknowledged != n_acknowledged || tally.n_refused != n_refused) &&
             clock_monotonic() < end_ns);
    CU_ASSERT_EQUAL(tally.n_acknowledged, n_acknowledged);
    CU_ASSERT_EQUAL(tally.n_refused, n_refused);
}

static void a_late_subscriber_gets_the_set_and_acknowledges_it(void)
{
    const struct publication set = publish_as(3, example_set);
    struct publisher *publisher = open_publisher();

    CU_ASSERT_EQUAL(publisher_send(publisher, &set, NULL), 0); /* nobody listens */
    struct plimsoll_subscriber *subscriber = open_subscriber(publisher);
    const struct plimsoll_event event =
        wait_event(publisher, &set, subscriber, PLIMSOLL_NEW_SET);
    CU_ASSERT_EQUAL(event.version, 3);
    CU_ASSERT_PTR_NOT_NULL(
        plimsoll_set_find(plimsoll_subscriber_set(subscriber), "BTC-PERP"));
    wait_tally(publisher, &set, 1, 0);
    CU_ASSERT(publisher_tally(publisher).n_snapshots >= 1);
    plimsoll_subscriber_close(subscriber);
    publisher_close(publisher);
}

/* So a publisher that starts again learns who holds its set. */
static void each_subscriber_acknowledges_and_again_when_the_set_is_sent_again(void)
{
    const struct publication set = publish_as(1, example_set);
    struct publisher *publisher = open_publisher();
    struct plimsoll_subscriber *first = open_subscriber(publisher);
    struct plimsoll_subscriber *second = open_subscriber(publisher);
    struct plimsoll_event event;

    wait_event(publisher, &set, first, PLIMSOLL_NEW_SET);
    wait_tally(publisher, &set, 1, 0);
    wait_event(publisher, &set, second, PLIMSOLL_NEW_SET);
    wait_tally(publisher, &set, 2, 0);
    CU_ASSERT_EQUAL(publisher_send(publisher, &set, NULL), 0);
    CU_ASSERT_EQUAL(publisher_tally(publisher).n_acknowledged, 0);
    CU_ASSERT_EQUAL(plimsoll_subscriber_next(first, 100, &event, NULL), 0);
    wait_tally(publisher, &set, 1, 0);
    CU_ASSERT_EQUAL(plimsoll_subscriber_next(second, 100, &event, NULL), 0);
    wait_tally(publisher, &set, 2, 0);
    plimsoll_subscriber_close(first);
    plimsoll_subscriber_close(second);
    publisher_close(publisher);
}

static void one_who_leaves_at_once_is_counted(void)
{
    const struct publication set = publish_as(1, example_set);
    struct publisher *publisher = open_publisher();

    for (size_t i = 1; i <= 7; i++) {
        struct plimsoll_subscriber *subscriber = open_subscriber(publisher);

        wait_event(publisher, &set, subscriber, PLIMSOLL_NEW_SET);
        plimsoll_subscriber_close(subscriber);
        wait_tally(publisher, &set, i, 0);
    }
    publisher_close(publisher);
}

/* A requests' socket of our own, at this address (NULL: any); fills where it is. */
static void *bind_router(void *context, const char *address, char endpoint[64])
{
    void *router = zmq_socket(context, ZMQ_ROUTER);
    const int patience_ms = PATIENCE_S * 1000, linger_ms = 0;
    size_t size = 64;

    zmq_setsockopt(router, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    zmq_setsockopt(router, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    CU_ASSERT_EQUAL_FATAL(
        zmq_bind(router, address != NULL ? address : "tcp://127.0.0.1:*"), 0);
    CU_ASSERT_EQUAL(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
    return router;
}

/* An address where nobody listens, but could. */
static void find_free_address(char address[64])
{
    void *context = zmq_ctx_new();

    zmq_close(bind_router(context, NULL, address));
    zmq_ctx_term(context);
}

/* Updates come before requests can be made; the subscriber leaves meanwhile. */
static void one_who_leaves_before_it_could_acknowledge_does_so_still(void)
{
    const struct publication set = publish_as(5, example_set);
    struct publisher *publisher = open_publisher();
    struct plimsoll_subscriber *subscriber = NULL;
    struct plimsoll_event event = {0};
    char address[64], sender[256], endpoint[64];
    struct stream_header header = {0};
    void *context = zmq_ctx_new();

    find_free_address(address);
    const struct plimsoll_options options = {.updates = publisher_updates(publisher),
                                             .snapshots = address};
    CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_open(&options, &subscriber, NULL), 0);
    const int64_t end_ns = patience_ends();
    while (event.kind != PLIMSOLL_NEW_SET && clock_monotonic() < end_ns) {
        CU_ASSERT_EQUAL(publisher_send(publisher, &set, NULL), 0);
        CU_ASSERT_EQUAL(plimsoll_subscriber_next(subscriber, TURN_MS, &event, NULL), 0);
    }
    CU_ASSERT_EQUAL(event.kind, PLIMSOLL_NEW_SET);
    void *router = bind_router(context, address, endpoint);
    plimsoll_subscriber_close(subscriber);
    CU_ASSERT(zmq_recv(router, sender, sizeof sender, 0) > 0);
    CU_ASSERT_EQUAL(zmq_recv(router, &header, sizeof header, 0), sizeof header);
    const struct stream_name name = stream_header_name(&header);
    CU_ASSERT_EQUAL(header.kind, STREAM_ACKNOWLEDGE);
    CU_ASSERT(stream_name_same(&name, &set.name));
    zmq_close(router);
    zmq_ctx_term(context);
    publisher_close(publisher);
}

static void a_follower_of_versions_is_told_what_it_missed(void)
{
    char *other = example_change(example_set, "", "\"q\": 2.5", "\"q\": 3");
    const struct publication old = publish_as(1, example_set);
    const struct publication new = publish_as(4, other);
    struct publisher *publisher = open_publisher();
    struct plimsoll_subscriber *subscriber = open_subscriber(publisher);

    wait_event(publisher, &old, subscriber, PLIMSOLL_NEW_SET);
    CU_ASSERT_EQUAL(publisher_send(publisher, &new, NULL), 0);
    const struct plimsoll_event event =
        wait_event(publisher, &new, subscriber, PLIMSOLL_NEW_SET);
    CU_ASSERT_EQUAL(event.version, 4);
    CU_ASSERT_EQUAL(event.n_missed, 2);
    CU_ASSERT_PTR_NOT_NULL(plimsoll_subscriber_previous(subscriber));
    wait_tally(publisher, &new, 1, 0);
    plimsoll_subscriber_close(subscriber);
    publisher_close(publisher);
    free(other);
}

/* The update alone is lost: the heartbeat names the set, and it is asked for. */
static void a_heartbeat_makes_a_lost_update_good(void)
{
    char *other = example_change(example_set, "", "\"q\": 2.5", "\"q\": 3");
    const struct publication old = publish_as(1, example_set);
    const struct publication new = publish_as(2, other);
    struct publisher *publisher = open_publisher();
    struct plimsoll_subscriber *subscriber = open_subscriber(publisher);

    wait_event(publisher, &old, subscriber, PLIMSOLL_NEW_SET);
    const size_t n_before = publisher_tally(publisher).n_snapshots;
    wait_event(publisher, &new, subscriber, PLIMSOLL_NEW_SET); /* never sent */
    CU_ASSERT(publisher_tally(publisher).n_snapshots > n_before);
    plimsoll_subscriber_close(subscriber);
    publisher_close(publisher);
    free(other);
}

static void send_raw(void *socket, enum stream_kind kind,
                     const struct stream_name *name)
{
    const struct stream_header header = stream_header_make(kind, name);

    CU_ASSERT_EQUAL(zmq_send(socket, &header, sizeof header, 0), sizeof header);
}

static void only_an_acknowledgement_of_this_set_counts_and_lies_are_refused(void)
{
    const struct publication set = publish_as(2, example_set);
    struct stream_name lie = set.name;
    struct publisher *publisher = open_publisher();
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER);

    CU_ASSERT_EQUAL_FATAL(zmq_connect(socket, publisher_snapshots(publisher)), 0);
    lie.version = 1; /* late, and honest: neither counted nor refused */
    send_raw(socket, STREAM_ACKNOWLEDGE, &lie);
    lie.version = 3;
    send_raw(socket, STREAM_ACKNOWLEDGE, &lie);
    lie = set.name;
    lie.sha256[31] ^= 1;
    send_raw(socket, STREAM_ACKNOWLEDGE, &lie);
    send_raw(socket, STREAM_ACKNOWLEDGE, NULL); /* holds nothing */
    send_raw(socket, STREAM_SNAPSHOT, &set.name);
    wait_tally(publisher, &set, 0, 4);
    for (int i = 0; i < 3; i++) /* one peer, however often it says so */
        send_raw(socket, STREAM_ACKNOWLEDGE, &set.name);
    send_raw(socket, STREAM_SNAPSHOT, &set.name); /* comes after those three */
    wait_tally(publisher, &set, 1, 5);
    zmq_close(socket);
    zmq_ctx_term(context);
    publisher_close(publisher);
}

static void the_list_of_those_who_acknowledged_does_not_grow_without_end(void)
{
    static struct acknowledged acknowledged;
    const uint8_t id[ROUTING_ID_MAX + 1] = {0};

    acknowledged_add(&acknowledged, id, 0);
    acknowledged_add(&acknowledged, id, sizeof id);
    CU_ASSERT_EQUAL(acknowledged.n, 0);
    for (uint32_t i = 0; i < 2 * ACKNOWLEDGED_MAX; i++) {
        acknowledged_add(&acknowledged, &i, sizeof i);
        acknowledged_add(&acknowledged, &i, sizeof i);
        if (i == 12)
            CU_ASSERT_EQUAL(acknowledged.n, 13);
    }
    CU_ASSERT_EQUAL(acknowledged.n, ACKNOWLEDGED_MAX);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_late_subscriber_gets_the_set_and_acknowledges_it",
         a_late_subscriber_gets_the_set_and_acknowledges_it},
        {"each_subscriber_acknowledges_and_again_when_the_set_is_sent_again",
         each_subscriber_acknowledges_and_again_when_the_set_is_sent_again},
        {"one_who_leaves_at_once_is_counted", one_who_leaves_at_once_is_counted},
        {"one_who_leaves_before_it_could_acknowledge_does_so_still",
         one_who_leaves_before_it_could_acknowledge_does_so_still},
        {"a_follower_of_versions_is_told_what_it_missed",
         a_follower_of_versions_is_told_what_it_missed},
        {"a_heartbeat_makes_a_lost_update_good", a_heartbeat_makes_a_lost_update_good},
        {"only_an_acknowledgement_of_this_set_counts_and_lies_are_refused",
         only_an_acknowledgement_of_this_set_counts_and_lies_are_refused},
        {"the_list_of_those_who_acknowledged_does_not_grow_without_end",
         the_list_of_those_who_acknowledged_does_not_grow_without_end},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"publisher", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
