#include "client/trust.h"
#include "client/members.h"
#include "client/watched.h"
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 6, LINE_MAX_BYTES = 512, THRESHOLD_MAX = 16, SIGNERS_MAX = 256 };

struct trust {
    enum key_kind kind;
    size_t n, n_allocated, threshold;
    struct trust_key *key; /* [n], by public key */
};

size_t trust_count(const struct trust *trust)
{
    return trust->n;
}

const struct trust_key *trust_at(const struct trust *trust, size_t i)
{
    return &trust->key[i];
}

size_t trust_threshold(const struct trust *trust)
{
    return trust->threshold;
}

static int compare_key(const void *a, const void *b)
{
    return memcmp(((const struct trust_key *)a)->public,
                  ((const struct trust_key *)b)->public, KEY_BYTES);
}

const struct trust_key *trust_find(const struct trust *trust,
                                   const uint8_t public[KEY_BYTES])
{
    struct trust_key wanted;

    memcpy(wanted.public, public, KEY_BYTES);
    return bsearch(&wanted, trust->key, trust->n, sizeof *trust->key, compare_key);
}

const struct trust_key *trust_find_id(const struct trust *trust,
                                      const uint8_t id[KEY_ID_BYTES])
{
    for (size_t i = 0; i < trust->n; i++)
        if (memcmp(trust->key[i].id, id, KEY_ID_BYTES) == 0)
            return &trust->key[i];
    return NULL;
}

/* ---- groups ---- */

bool trust_is_in(const char *groups, const char *group)
{
    const size_t n_group = strlen(group);

    for (const char *at = groups; *at != '\0';) {
        const size_t n = strcspn(at, ",");

        if (n == n_group && memcmp(at, group, n) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

int trust_check_groups(const char *groups, struct err *err)
{
    char name[TRUST_GROUPS_MAX];
    const char *at = groups;

    if (strlen(groups) >= TRUST_GROUPS_MAX)
        return err_set(err, ERR_INPUT, "the groups have %zu bytes, more than %d",
                       strlen(groups), TRUST_GROUPS_MAX - 1);
    for (;;) {
        const size_t n = strcspn(at, ",");

        snprintf(name, sizeof name, "%.*s", (int)n, at);
        if (member_check_name(name, err) != 0)
            return err_add(err, "group");
        if (at[n] == '\0')
            return 0;
        at += n + 1;
    }
}

/* ---- reading ---- */

static int take_threshold(struct trust *trust, char *word[], size_t n_words,
                          struct err *err)
{
    int64_t threshold;

    if (trust->kind != KEY_SIGNING || n_words != 2 || trust->threshold != 0)
        return err_set(err, ERR_INPUT,
                       "threshold: stands once, as 'threshold K', in a file of "
                       "signing keys");
    if (text_to_integer(word[1], strlen(word[1]), 1, THRESHOLD_MAX, &threshold, err) !=
        0)
        return err_add(err, "threshold");
    trust->threshold = (size_t)threshold;
    return 0;
}

static int make_room(struct trust *trust, struct err *err)
{
    const int most = trust->kind == KEY_CURVE ? TRUST_KEYS_MAX : SIGNERS_MAX;

    if (trust->n == (size_t)most)
        return err_set(err, ERR_INPUT, "more than %d keys", most);
    if (trust->n < trust->n_allocated)
        return 0;
    const size_t n = 2 * trust->n_allocated + 16;
    struct trust_key *grown = realloc(trust->key, n * sizeof *grown);
    if (grown == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu keys", n);
    trust->key = grown;
    trust->n_allocated = n;
    return 0;
}

/* KIND KEY NAME [GROUPS] */
static int take_key(struct trust *trust, char *word[], size_t n_words, bool is_revoked,
                    struct err *err)
{
    const size_t most = trust->kind == KEY_CURVE ? 4 : 3;
    struct trust_key key = {.is_revoked = is_revoked};
    enum key_kind kind;

    if (n_words < 3 || n_words > most)
        return err_set(err, ERR_INPUT, "is not '[revoked] %s KEY NAME%s'",
                       key_kind_text(trust->kind), most == 4 ? " [GROUPS]" : "");
    if (key_kind_read(word[0], &kind, err) != 0 ||
        key_from_text(word[1], key.public, err) != 0 ||
        member_check_name(word[2], err) != 0 ||
        (n_words == 4 && trust_check_groups(word[3], err) != 0))
        return -1;
    if (kind != trust->kind)
        return err_set(err, ERR_INPUT, "a %s key among %s keys", key_kind_text(kind),
                       key_kind_text(trust->kind));
    snprintf(key.name, sizeof key.name, "%s", word[2]);
    if (n_words == 4)
        snprintf(key.groups, sizeof key.groups, "%s", word[3]);
    key_id(key.public, key.id);
    if (make_room(trust, err) != 0)
        return -1;
    trust->key[trust->n++] = key;
    return 0;
}

static int take_line(struct trust *trust, const char *line, size_t n_bytes,
                     struct err *err)
{
    char copy[LINE_MAX_BYTES], *word[WORDS_MAX], *save = NULL;
    size_t n = 0;

    if (n_bytes >= sizeof copy)
        return err_set(err, ERR_INPUT, "has %zu bytes, more than %d", n_bytes,
                       LINE_MAX_BYTES - 1);
    if (memchr(line, '\0', n_bytes) != NULL)
        return err_set(err, ERR_INPUT, "has a NUL byte");
    snprintf(copy, sizeof copy, "%.*s", (int)n_bytes, line);
    for (char *at = strtok_r(copy, " \t\r", &save); at != NULL && n < WORDS_MAX;
         at = strtok_r(NULL, " \t\r", &save))
        word[n++] = at;
    if (n == 0 || word[0][0] == '#')
        return 0;
    if (strcmp(word[0], "threshold") == 0)
        return take_threshold(trust, word, n, err);
    const bool is_revoked = strcmp(word[0], "revoked") == 0;
    return take_key(trust, word + is_revoked, n - is_revoked, is_revoked, err);
}

/* Names with a key that still counts. */
static size_t count_names(const struct trust *trust)
{
    size_t n = 0;

    for (size_t i = 0; i < trust->n; i++) {
        bool is_first = !trust->key[i].is_revoked;

        for (size_t k = 0; is_first && k < i; k++)
            is_first = trust->key[k].is_revoked ||
                       strcmp(trust->key[k].name, trust->key[i].name) != 0;
        n += is_first;
    }
    return n;
}

/* What only the whole list can show. */
static int check_all(struct trust *trust, struct err *err)
{
    if (trust->n == 0)
        return err_set(err, ERR_INPUT, "no key is listed");
    qsort(trust->key, trust->n, sizeof *trust->key, compare_key);
    for (size_t i = 1; i < trust->n; i++)
        if (compare_key(&trust->key[i - 1], &trust->key[i]) == 0)
            return err_set(err, ERR_INPUT, "the keys of %s and %s are the same",
                           trust->key[i - 1].name, trust->key[i].name);
    if (trust->threshold == 0)
        trust->threshold = 1;
    if (trust->threshold > 1 && trust->threshold > count_names(trust))
        return err_set(err, ERR_INPUT,
                       "threshold: %zu names must sign, but only %zu can",
                       trust->threshold, count_names(trust));
    return 0;
}

int trust_parse(const char *bytes, size_t n_bytes, enum key_kind kind,
                struct trust **trust, struct err *err)
{
    struct trust *new = calloc(1, sizeof *new);
    size_t n_line = 0;

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a list of keys");
    new->kind = kind;
    for (size_t at = 0; at < n_bytes;) {
        const char *end = memchr(bytes + at, '\n', n_bytes - at);
        const size_t n = end != NULL ? (size_t)(end - bytes) - at : n_bytes - at;

        n_line++;
        if (take_line(new, bytes + at, n, err) != 0) {
            trust_free(new);
            return err_add(err, "line %zu", n_line);
        }
        at += n + 1;
    }
    if (check_all(new, err) != 0) {
        trust_free(new);
        return -1;
    }
    *trust = new;
    return 0;
}

int trust_read(const char *path, enum key_kind kind, struct trust **trust,
               struct err *err)
{
    struct watched file;

    if (watched_start(&file, path, TRUST_BYTES_MAX, err) != 0 ||
        watched_look(&file, err) < 0)
        return -1;
    const int status = trust_parse(file.seen, file.n_seen, kind, trust, err);
    watched_stop(&file);
    return status != 0 ? err_add(err, "%s", path) : 0;
}

int trust_read_one(const char *path, enum key_kind kind, struct trust_key *key,
                   struct err *err)
{
    struct trust *trust;
    int status = 0;

    if (trust_read(path, kind, &trust, err) != 0)
        return -1;
    if (trust->n != 1 || trust->key[0].is_revoked)
        status = err_set(err, ERR_INPUT, "%s: is not one key in force", path);
    else
        *key = trust->key[0];
    trust_free(trust);
    return status;
}

void trust_free(struct trust *trust)
{
    if (trust == NULL)
        return;
    free(trust->key);
    free(trust);
}

/* ---- watching ---- */

struct trust_watch {
    struct watched file;
    enum key_kind kind;
    struct trust *trust;
};

int trust_watch_open(const char *path, enum key_kind kind, struct trust_watch **watch,
                     struct err *err)
{
    struct trust_watch *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a list of keys");
    new->kind = kind;
    if (watched_start(&new->file, path, TRUST_BYTES_MAX, err) != 0 ||
        trust_watch_refresh(new, err) < 0) {
        trust_watch_close(new);
        return -1;
    }
    *watch = new;
    return 0;
}

void trust_watch_close(struct trust_watch *watch)
{
    if (watch == NULL)
        return;
    trust_free(watch->trust);
    watched_stop(&watch->file);
    free(watch);
}

const struct trust *trust_watch_now(const struct trust_watch *watch)
{
    return watch->trust;
}

int trust_watch_refresh(struct trust_watch *watch, struct err *err)
{
    const int looked = watched_look(&watch->file, err);
    struct trust *trust;

    if (looked <= 0)
        return looked;
    if (trust_parse(watch->file.seen, watch->file.n_seen, watch->kind, &trust, err) !=
        0)
        return err_add(err, "%s", watch->file.path);
    trust_free(watch->trust);
    watch->trust = trust;
    return 1;
}
