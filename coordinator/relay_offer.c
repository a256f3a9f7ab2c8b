#include "coordinator/relay_inside.h"

#include <string.h>

static struct relay_verdict verdict_of(enum relay_answer answer, const char *text)
{
    struct relay_verdict verdict = {.answer = answer};

    snprintf(verdict.text, sizeof verdict.text, "%s", text);
    return verdict;
}

static struct relay_verdict refuse(struct relay *relay, const char *who,
                                   const struct stream_name *name,
                                   const struct err *why)
{
    relay_refuse(relay, who, name, why->text);
    return verdict_of(RELAY_REFUSED, why->text);
}

/* How the publication stands now, for its publisher. */
static struct relay_verdict tell(const struct relay *relay,
                                 const struct stream_name *name)
{
    const struct trust *trust = trust_watch_now(relay->signers);
    const struct relay_entry *entry =
        relay_state_find(relay_store_state(relay->store), name->epoch, name->version);
    struct relay_verdict verdict = {.answer = RELAY_TAKEN};
    char names[PUBLICATION_NAMES_MAX] = "";
    struct publication *publication = NULL;

    if (entry == NULL)
        return verdict_of(RELAY_REFUSED, relay->last_refusal);
    if (entry->standing == RELAY_IS_ACCEPTED) {
        snprintf(verdict.text, sizeof verdict.text, "version %llu is served to %s",
                 (unsigned long long)name->version,
                 entry->group[0] != '\0' ? entry->group : "nobody yet");
        return verdict;
    }
    verdict.answer = RELAY_HELD;
    size_t n = 0;
    if (relay_store_load(relay->store, entry, &publication, NULL) == 0)
        n = publication_signers(trust, &publication->parts, names);
    publication_free(publication);
    snprintf(verdict.text, sizeof verdict.text,
             "version %llu waits: %zu of %zu have signed (%.200s)",
             (unsigned long long)name->version, n, trust_threshold(trust), names);
    return verdict;
}

/* Those whose signatures do not count must not fill the places. */
static int check_signed(const struct relay *relay,
                        const struct publication_parts *parts, size_t *n,
                        struct err *err)
{
    const struct trust *trust = trust_watch_now(relay->signers);
    char names[PUBLICATION_NAMES_MAX];

    *n = publication_signers(trust, parts, names);
    if (*n > 0)
        return 0;
    if (publication_verify(trust, parts, err) == 0) /* says why none of them counts */
        return err_set(err, ERR_BUG, "signatures count and do not count");
    return -1;
}

static struct reader span(const void *bytes, size_t n_bytes)
{
    return (struct reader){bytes, n_bytes};
}

static struct reader signatures_of(const struct publication_parts *parts)
{
    return span(parts->signature, parts->n_signatures * sizeof *parts->signature);
}

/* ---- a new one ---- */

static int take_new(struct relay *relay, const char *who,
                    const struct publication *publication, struct err *err)
{
    const struct publication_parts *parts = &publication->parts;
    struct relay_record record =
        relay_record_of(RELAY_OFFERED, who, &publication->is.name);
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay->store));
    size_t n_signed;

    if (check_signed(relay, parts, &n_signed, err) != 0)
        return -1;
    if (pending != NULL)
        return err_set(
            err, ERR_REFUSED,
            "version %llu waits for signatures: approve or withdraw it first",
            (unsigned long long)pending->name.version);
    if (relay_judge(relay, publication, err) != 0)
        return -1;
    record.rollback_of = publication->is.rollback_of;
    record.manifest = span(parts->manifest, parts->n_manifest);
    record.set = span(parts->set, parts->n_set);
    record.signatures = signatures_of(parts);
    if (n_signed < trust_threshold(trust_watch_now(relay->signers)) &&
        relay_note(relay, AUDIT_PENDING, who, &record.name, "%zu of %zu have signed",
                   n_signed, trust_threshold(trust_watch_now(relay->signers))) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    return relay_put(relay, &record, err);
}

/* ---- one that is known ---- */

/* Those of `more` whose key has not signed yet and counts here. */
static size_t add_signatures(
    const struct relay *relay, const struct publication *known,
    const struct publication_parts *more,
    struct publication_signature all[PUBLICATION_SIGNATURES_MAX])
{
    const struct trust *trust = trust_watch_now(relay->signers);
    size_t n = known->parts.n_signatures;

    memcpy(all, known->parts.signature, n * sizeof *all);
    for (size_t i = 0; i < more->n_signatures && n < PUBLICATION_SIGNATURES_MAX; i++) {
        const struct publication_signature *signature = &more->signature[i];
        const struct trust_key *key = trust_find_id(trust, signature->key_id);
        bool is_known = key == NULL || key->is_revoked;

        for (size_t k = 0; k < n; k++)
            is_known = is_known || memcmp(all[k].key_id, signature->key_id,
                                          sizeof signature->key_id) == 0;
        if (!is_known)
            all[n++] = *signature;
    }
    return n;
}

/* *is_new false, and nothing is done, where none of them counts and is new. */
static int take_more(struct relay *relay, const char *who,
                     const struct publication *known,
                     const struct publication_parts *more, bool *is_new,
                     struct err *err)
{
    struct publication_signature all[PUBLICATION_SIGNATURES_MAX];
    struct relay_record record = relay_record_of(RELAY_SIGNED, who, &known->is.name);
    struct publication_parts parts = known->parts;
    size_t n_signed;

    parts.signature = all;
    parts.n_signatures = add_signatures(relay, known, more, all);
    *is_new = parts.n_signatures > known->parts.n_signatures;
    if (!*is_new)
        return 0;
    if (check_signed(relay, &parts, &n_signed, err) != 0)
        return -1;
    if (relay_note(relay, AUDIT_APPROVED, who, &record.name, "%zu of %zu have signed",
                   n_signed, trust_threshold(trust_watch_now(relay->signers))) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    record.signatures = signatures_of(&parts);
    return relay_put(relay, &record, err);
}

static int take_again(struct relay *relay, const char *who,
                      const struct relay_entry *entry, const struct publication *known,
                      const struct publication *offered, struct err *err)
{
    bool is_new;

    if (known->parts.n_manifest != offered->parts.n_manifest ||
        memcmp(known->parts.manifest, offered->parts.manifest,
               known->parts.n_manifest) != 0)
        return err_set(err, ERR_REFUSED, "version %llu is another publication here%s",
                       (unsigned long long)entry->name.version,
                       entry->standing == RELAY_IS_PENDING
                           ? ", which waits: approve or withdraw it first"
                           : "");
    if (entry->standing != RELAY_IS_PENDING)
        return 0;
    return take_more(relay, who, known, &offered->parts, &is_new, err);
}

/* *is_known: it has been dealt with. */
static int take_known(struct relay *relay, const char *who,
                      const struct publication *offered, bool *is_known,
                      struct err *err)
{
    const struct relay_entry *entry =
        relay_state_find(relay_store_state(relay->store), offered->is.name.epoch,
                         offered->is.name.version);
    struct publication *known;

    *is_known = entry != NULL;
    if (entry == NULL)
        return 0;
    if (relay_store_load(relay->store, entry, &known, err) != 0)
        return -1;
    const int status = take_again(relay, who, entry, known, offered, err);
    publication_free(known);
    return status;
}

/* ---- offers ---- */

static int offer(struct relay *relay, const char *who,
                 const struct publication *publication, struct err *err)
{
    if (!relay->is_serving)
        return err_set(err, ERR_REFUSED,
                       "this relay follows another, which takes offers");
    bool is_known;
    if (take_known(relay, who, publication, &is_known, err) != 0 ||
        (!is_known && take_new(relay, who, publication, err) != 0))
        return -1;
    relay->is_unsettled = true;
    return relay_settle(relay, err);
}

struct relay_verdict relay_offer(struct relay *relay, const char *who,
                                 const struct publication_parts *parts)
{
    struct publication *publication;
    struct err err = {0};

    if (publication_take(parts, &publication, &err) != 0)
        return refuse(relay, who, NULL, &err);
    const struct stream_name name = publication->is.name;
    const int status = offer(relay, who, publication, &err);
    publication_free(publication);
    return status != 0 ? refuse(relay, who, &name, &err) : tell(relay, &name);
}

static int sign(struct relay *relay, const char *who, const struct relay_entry *pending,
                const struct publication_signature *signature, struct err *err)
{
    const struct publication_parts more = {.signature = signature, .n_signatures = 1};
    struct publication *known;
    bool is_new;

    if (relay_store_load(relay->store, pending, &known, err) != 0)
        return -1;
    int status = take_more(relay, who, known, &more, &is_new, err);
    publication_free(known);
    if (status == 0 && !is_new)
        status = err_set(err, ERR_REFUSED,
                         "the signature's key has signed before, or is not listed");
    relay->is_unsettled = true;
    return status != 0 ? -1 : relay_settle(relay, err);
}

struct relay_verdict relay_sign(struct relay *relay, const char *who, uint64_t version,
                                const struct publication_signature *signature)
{
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay->store));
    struct stream_name name = {.version = version};
    struct err err = {0};
    int status;

    if (!relay->is_serving)
        status = err_set(&err, ERR_REFUSED,
                         "this relay follows another, which takes offers");
    else if (pending == NULL || pending->name.version != version)
        status = err_set(&err, ERR_REFUSED, "version %llu does not wait for signatures",
                         (unsigned long long)version);
    else {
        name = pending->name;
        status = sign(relay, who, pending, signature, &err);
    }
    return status != 0 ? refuse(relay, who, &name, &err) : tell(relay, &name);
}
