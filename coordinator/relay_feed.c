#include "coordinator/relay_feed.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"

#include <string.h>

static const char MAGIC[8] = {'P', 'L', 'I', 'M', 'F', 'E', 'E', 'D'};

struct feed_word feed_word_make(const struct relay *relay, int64_t started_ns)
{
    const struct relay_entry *newest = relay_newest(relay);
    struct feed_word word = {
        .next = FEED_NONE,
        .n_records = relay_store_n_records(relay_storage(relay)),
        .started_ns = started_ns,
        .is_serving = relay_is_serving(relay),
        .is_first = relay_configured(relay)->keys.is_first,
    };

    memcpy(word.magic, MAGIC, sizeof MAGIC);
    if (newest == NULL)
        return word;
    word.epoch = newest->name.epoch;
    word.version = newest->name.version;
    word.n_bytes = newest->name.n_bytes;
    memcpy(word.sha256, newest->name.sha256, sizeof word.sha256);
    return word;
}

int feed_word_read(struct reader bytes, struct feed_word *word, struct err *err)
{
    if (bytes.n_left != sizeof *word)
        return err_set(err, ERR_INPUT, "a word of %zu bytes, not %zu", bytes.n_left,
                       sizeof *word);
    struct feed_word found;
    memcpy(&found, bytes.bytes, sizeof found);
    if (memcmp(found.magic, MAGIC, sizeof MAGIC) != 0 || found.is_serving > 1 ||
        found.is_first > 1)
        return err_set(err, ERR_INPUT, "is no word of a relay");
    *word = found;
    return 0;
}

struct relay_standpoint feed_word_standpoint(const struct feed_word *word)
{
    struct relay_standpoint standpoint = {
        .is_serving = word->is_serving,
        .is_first = word->is_first,
        .newest = {.epoch = word->epoch,
                   .version = word->version,
                   .n_bytes = word->n_bytes},
        .started_ns = word->started_ns,
    };

    memcpy(standpoint.newest.sha256, word->sha256, sizeof word->sha256);
    return standpoint;
}

int feed_answer(const struct relay *relay, const struct feed_word *asked,
                int64_t started_ns, struct feed_word *word, struct buffer *record,
                struct err *err)
{
    const struct relay_store *store = relay_storage(relay);
    struct relay_record found;

    *word = feed_word_make(relay, started_ns);
    buffer_empty(record);
    if (asked->next == FEED_FIND) {
        const struct relay_standpoint asker = feed_word_standpoint(asked);
        const uint64_t i = relay_store_find(store, &asker.newest);

        word->next = i < relay_store_n_records(store) ? i : 0;
        return 0;
    }
    if (asked->next >= relay_store_n_records(store))
        return 0;
    if (relay_store_get(store, asked->next, record, &found, err) != 0)
        return -1;
    word->next = asked->next;
    word->kind = found.kind;
    return 0;
}

int feed_take(struct relay *relay, struct feed_follower *follower,
              const struct feed_word *word, struct reader bytes, bool *more,
              struct err *err)
{
    struct relay_record record;
    struct err why = {0};

    follower->heard_ns = clock_monotonic();
    follower->is_waiting = false;
    follower->other = feed_word_standpoint(word);
    *more = false;
    if (relay_is_serving(relay))
        return 0;
    if (follower->next == FEED_FIND && word->next < FEED_FIND) {
        follower->next = word->next;
        *more = true;
    } else if (follower->next != FEED_FIND && word->n_records < follower->next) {
        follower->next = FEED_FIND; /* another store than before */
    }
    if (word->kind == 0 || word->next != follower->next)
        return 0;
    if (relay_record_get(word->kind, bytes, &record, &why) != 0)
        return err_set(err, ERR_INPUT, "record %llu: %s",
                       (unsigned long long)word->next, why.text);
    if (relay_take(relay, &record, err) != 0)
        return -1;
    follower->next++;
    *more = follower->next < word->n_records;
    return 0;
}
