#include "coordinator/relay_store.h"
#include "core/file.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/plimsoll-test-XXXXXX";
static char path[FILE_PATH_MAX];

static int make_directory(void)
{
    return mkdtemp(directory) == NULL ||
           file_join(directory, RELAY_STORE_NAME, path, NULL) != 0;
}

static int remove_directory(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static struct relay_store *open_store(void)
{
    struct relay_store *store = NULL;
    struct err err = {0};
    bool mended;

    if (relay_store_open(directory, &store, &mended, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_FATAL(store != NULL);
    return store;
}

static struct reader text(const char *bytes)
{
    return (struct reader){(const unsigned char *)bytes, strlen(bytes)};
}

/* The set of a version: so many letters, each its own. */
static struct reader set_of(uint64_t version, char out[512])
{
    const size_t n = 100 + 37 * (size_t)version % 400;

    memset(out, 'a' + (int)(version % 26), n);
    out[n] = '\0';
    return (struct reader){(unsigned char *)out, n};
}

static struct relay_record about(enum relay_kind kind, uint64_t version)
{
    char set[512];
    const struct reader bytes = set_of(version, set);
    struct relay_record record = {
        .kind = kind, .time_ns = (int64_t)(1000 + version), .who = "nightly"};

    record.name = stream_name_make(77, version, bytes.bytes, bytes.n_left);
    return record;
}

static int put_about(struct relay_store *store, enum relay_kind kind, uint64_t version,
                     const char *what, struct err *err)
{
    struct relay_record record = about(kind, version);
    char set[512];

    record.manifest = text("the manifest");
    record.signatures = text(what);
    record.set = set_of(version, set);
    record.is_last = strcmp(what, "all") == 0;
    record.is_frozen = strcmp(what, "frozen") == 0;
    snprintf(record.group, sizeof record.group, "%s", what);
    snprintf(record.text, sizeof record.text, "%s", what);
    if (kind == RELAY_FROZEN)
        record.name = (struct stream_name){0};
    return relay_store_put(store, &record, err);
}

static void put(struct relay_store *store, enum relay_kind kind, uint64_t version,
                const char *what)
{
    struct err err = {0};

    if (put_about(store, kind, version, what, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT(err.kind == ERR_NONE);
}

/* Three in production, one withdrawn, one in the first group, one that waits. */
static void live(struct relay_store *store)
{
    for (uint64_t version = 1; version <= 3; version++) {
        put(store, RELAY_OFFERED, version, "alice");
        put(store, RELAY_ACCEPTED, version, "");
        put(store, RELAY_SERVED, version, "canary");
        put(store, RELAY_SERVED, version, "all");
    }
    put(store, RELAY_OFFERED, 4, "alice");
    put(store, RELAY_WITHDRAWN, 4, "a mistake");
    put(store, RELAY_OFFERED, 5, "alice");
    put(store, RELAY_SIGNED, 5, "alice and bob");
    put(store, RELAY_ACCEPTED, 5, "");
    put(store, RELAY_SERVED, 5, "canary");
    put(store, RELAY_FROZEN, 0, "frozen");
    put(store, RELAY_OFFERED, 7, "alice");
}

static void expect_lived(const struct relay_store *store)
{
    const struct relay_state *state = relay_store_state(store);
    const struct relay_entry *five = relay_state_find(state, 77, 5);

    CU_ASSERT_FATAL(state->n == 6 && five != NULL);
    CU_ASSERT(relay_state_newest(state) == five);
    CU_ASSERT_STRING_EQUAL(five->group, "canary");
    CU_ASSERT(five->signatures.n == strlen("alice and bob"));
    CU_ASSERT(relay_state_production(state)->name.version == 3);
    CU_ASSERT(relay_state_production_at(state, 1002)->name.version == 2);
    CU_ASSERT(relay_state_production_at(state, 5) == NULL);
    CU_ASSERT(relay_state_pending(state)->name.version == 7);
    CU_ASSERT(relay_state_find(state, 77, 4) == NULL);
    CU_ASSERT(state->is_frozen);
    CU_ASSERT_STRING_EQUAL(state->frozen_text, "frozen");
}

static void a_restart_gives_the_same_state(void)
{
    unlink(path);
    struct relay_store *store = open_store();
    live(store);
    expect_lived(store);
    relay_store_close(store);
    store = open_store();
    expect_lived(store);
    put(store, RELAY_WITHDRAWN, 7, "");
    put(store, RELAY_FROZEN, 0, "");
    relay_store_close(store);
    store = open_store();
    CU_ASSERT(relay_state_pending(relay_store_state(store)) == NULL);
    CU_ASSERT(!relay_store_state(store)->is_frozen);
    relay_store_close(store);
}

static void a_publication_comes_back_byte_for_byte(void)
{
    struct buffer buffer = {0};
    struct relay_record record;
    char set[512];

    unlink(path);
    struct relay_store *store = open_store();
    live(store);
    for (uint64_t version = 1; version <= 7; version++) {
        const struct relay_entry *entry =
            relay_state_find(relay_store_state(store), 77, version);
        const struct reader want = set_of(version, set);

        if (entry == NULL)
            continue;
        CU_ASSERT_FATAL(relay_store_get_entry(store, entry, &buffer, &record, NULL) ==
                        0);
        CU_ASSERT(record.set.n_left == want.n_left &&
                  memcmp(record.set.bytes, want.bytes, want.n_left) == 0);
        CU_ASSERT(record.manifest.n_left == strlen("the manifest"));
        CU_ASSERT(record.signatures.n_left ==
                  strlen(version == 5 ? "alice and bob" : "alice"));
    }
    for (uint64_t i = 0; i < relay_store_n_records(store); i++)
        CU_ASSERT(relay_store_get(store, i, &buffer, &record, NULL) == 0);
    CU_ASSERT(record.kind == RELAY_OFFERED && record.name.version == 7);
    buffer_free(&buffer);
    relay_store_close(store);
}

/* Wherever a crash cuts the file: the state is that of some record, and goes on. */
static void a_tail_torn_anywhere_is_cut_off_and_kept(void)
{
    size_t n_bytes, n_seen = 0;
    char *bytes;

    unlink(path);
    struct relay_store *store = open_store();
    live(store);
    const uint64_t n_records = relay_store_n_records(store);
    relay_store_close(store);
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, &bytes, &n_bytes, NULL) == 0);
    for (size_t cut = n_bytes - 1; cut > n_bytes - 900; cut -= 13) {
        bool mended;

        CU_ASSERT(file_replace(path, bytes, cut, NULL) == 0);
        CU_ASSERT_FATAL(relay_store_open(directory, &store, &mended, NULL) == 0);
        CU_ASSERT(relay_store_n_records(store) < n_records);
        n_seen += mended;
        if (relay_store_n_records(store) == n_records - 1) {
            put(store, RELAY_OFFERED, 7, "alice"); /* what was lost comes again */
            expect_lived(store);
        }
        relay_store_close(store);
        CU_ASSERT_FATAL(relay_store_open(directory, &store, &mended, NULL) == 0);
        CU_ASSERT(!mended);
        relay_store_close(store);
    }
    CU_ASSERT(n_seen > 0);
    free(bytes);
    char command[160];
    snprintf(command, sizeof command, "ls %s/*.torn-* >/dev/null", directory);
    CU_ASSERT(system(command) == 0);
}

static void damage_before_the_tail_is_refused_with_its_offset(void)
{
    struct relay_store *store;
    size_t n_bytes;
    char *bytes;

    unlink(path);
    store = open_store();
    live(store);
    relay_store_close(store);
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, &bytes, &n_bytes, NULL) == 0);
    for (size_t at = 0; at < n_bytes - 900; at += 7) {
        struct err err = {0};
        bool mended;

        bytes[at] ^= 4;
        CU_ASSERT(file_replace(path, bytes, n_bytes, NULL) == 0);
        CU_ASSERT(relay_store_open(directory, &store, &mended, &err) == -1);
        CU_ASSERT(err.kind == ERR_INPUT);
        CHECK_CONTAINS(err.text, "damaged at byte ");
        bytes[at] ^= 4;
    }
    free(bytes);
}

static void what_contradicts_the_state_is_not_put(void)
{
    static const struct {
        enum relay_kind kind;
        uint64_t version;
        const char *what, *text;
    } cases[] = {
        {RELAY_OFFERED, 8, "", "comes while version 7 waits for signatures"},
        {RELAY_ACCEPTED, 3, "", "is about version 3, which is not pending"},
        {RELAY_ACCEPTED, 9, "", "is about version 9, which was not offered"},
        {RELAY_SERVED, 7, "canary", "is about version 7, which is pending"},
        {RELAY_SERVED, 5, "canary", "serves version 5 to group 'canary', which has it"},
        {RELAY_SERVED, 3, "canary", "serves version 3 to group 'canary', which has it"},
        {RELAY_SIGNED, 4, "", "is about version 4, which was not offered"},
    };
    struct err err = {0};

    unlink(path);
    struct relay_store *store = open_store();
    live(store);
    const uint64_t n = relay_store_n_records(store);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err = (struct err){0};
        CU_ASSERT(put_about(store, cases[i].kind, cases[i].version, cases[i].what,
                            &err) == -1);
        CHECK_CONTAINS(err.text, cases[i].text);
    }
    put(store, RELAY_WITHDRAWN, 7, "");
    err = (struct err){0};
    CU_ASSERT(put_about(store, RELAY_OFFERED, 5, "", &err) == -1);
    CHECK_CONTAINS(err.text, "offers version 5 after version 5");
    CU_ASSERT(relay_store_n_records(store) == n + 1);
    relay_store_close(store);
}

static void one_process_writes_and_others_may_look(void)
{
    struct relay_store *store, *other = NULL;
    struct err err = {0};
    bool mended;

    unlink(path);
    store = open_store();
    live(store);
    CU_ASSERT(relay_store_open(directory, &other, &mended, &err) == -1);
    CHECK_CONTAINS(err.text, "is being written by process");
    CU_ASSERT_FATAL(relay_store_look(directory, &other, NULL) == 0);
    expect_lived(other);
    CU_ASSERT(put_about(other, RELAY_WITHDRAWN, 7, "", &err) == -1);
    relay_store_close(other);
    relay_store_close(store);
}

int main(void)
{
    CU_TestInfo stores[] = {
        {"a_restart_gives_the_same_state", a_restart_gives_the_same_state},
        {"a_publication_comes_back_byte_for_byte",
         a_publication_comes_back_byte_for_byte},
        {"a_tail_torn_anywhere_is_cut_off_and_kept",
         a_tail_torn_anywhere_is_cut_off_and_kept},
        {"damage_before_the_tail_is_refused_with_its_offset",
         damage_before_the_tail_is_refused_with_its_offset},
        {"what_contradicts_the_state_is_not_put",
         what_contradicts_the_state_is_not_put},
        {"one_process_writes_and_others_may_look",
         one_process_writes_and_others_may_look},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_store", make_directory, remove_directory, NULL, NULL, stores},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
