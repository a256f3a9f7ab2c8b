#include "client/publication.h"
#include "client/set.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct publication_owners {
    atomic_size_t n;
};

/* ---- making ---- */

/* One block of memory: the publication, its count, and behind them signatures, manifest
 * and set. */
static int copy_parts(const struct publication_parts *parts, const struct manifest *is,
                      struct publication **publication, struct err *err)
{
    const size_t n_signature_bytes = parts->n_signatures * sizeof *parts->signature;
    const size_t n_head =
        sizeof(struct publication) + sizeof(struct publication_owners);
    char *block = malloc(n_head + n_signature_bytes + parts->n_manifest + parts->n_set);

    if (block == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a publication of %zu bytes",
                       parts->n_set);
    struct publication *new = (struct publication *)block;
    char *signature = block + n_head, *manifest = signature + n_signature_bytes;
    char *set = manifest + parts->n_manifest;
    if (n_signature_bytes > 0)
        memcpy(signature, parts->signature, n_signature_bytes);
    memcpy(manifest, parts->manifest, parts->n_manifest);
    memcpy(set, parts->set, parts->n_set);
    *new = (struct publication){
        .is = *is,
        .parts = {.manifest = manifest,
                  .n_manifest = parts->n_manifest,
                  .set = set,
                  .n_set = parts->n_set,
                  .signature = (const struct publication_signature *)signature,
                  .n_signatures = parts->n_signatures},
        .owners = (struct publication_owners *)(new + 1),
    };
    atomic_init(&new->owners->n, 1);
    *publication = new;
    return 0;
}

const struct publication *publication_share(const struct publication *publication)
{
    atomic_fetch_add_explicit(&publication->owners->n, 1, memory_order_relaxed);
    return publication;
}

void publication_free(const struct publication *publication)
{
    if (publication == NULL)
        return;
    if (atomic_fetch_sub_explicit(&publication->owners->n, 1, memory_order_acq_rel) ==
        1)
        free((void *)publication);
}

static int check_signatures(const struct publication_parts *parts, struct err *err)
{
    if (parts->n_signatures > PUBLICATION_SIGNATURES_MAX)
        return err_set(err, ERR_INPUT, "%zu signatures are more than %d",
                       parts->n_signatures, PUBLICATION_SIGNATURES_MAX);
    for (size_t i = 0; i < parts->n_signatures; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(parts->signature[i].key_id, parts->signature[k].key_id,
                       KEY_ID_BYTES) == 0)
                return err_set(err, ERR_INPUT, "signatures: a key has signed twice");
    return 0;
}

int publication_take(const struct publication_parts *parts,
                     struct publication **publication, struct err *err)
{
    struct manifest is;

    if (manifest_read(parts->manifest, parts->n_manifest, &is, err) != 0)
        return err_add(err, "manifest");
    if (stream_name_check(&is.name, parts->set, parts->n_set, err) != 0 ||
        check_signatures(parts, err) != 0)
        return -1;
    return copy_parts(parts, &is, publication, err);
}

int publication_make(const struct manifest *manifest, const void *set, size_t n_set,
                     size_t n_keys, const struct key key[],
                     struct publication **publication, struct err *err)
{
    struct publication_signature signature[PUBLICATION_SIGNATURES_MAX];
    struct publication_parts parts = {
        .set = set, .n_set = n_set, .signature = signature, .n_signatures = n_keys};
    struct manifest named = *manifest;
    char *bytes;

    if (n_keys > PUBLICATION_SIGNATURES_MAX)
        return err_set(err, ERR_INPUT, "%zu signatures are more than %d", n_keys,
                       PUBLICATION_SIGNATURES_MAX);
    named.name =
        stream_name_make(manifest->name.epoch, manifest->name.version, set, n_set);
    if (manifest_write(&named, &bytes, &parts.n_manifest, err) != 0)
        return -1;
    parts.manifest = bytes;
    int status = 0;
    for (size_t i = 0; status == 0 && i < n_keys; i++)
        status = publication_sign(&key[i], bytes, parts.n_manifest, &signature[i], err);
    if (status == 0)
        status = publication_take(&parts, publication, err);
    free(bytes);
    return status;
}

/* ---- signing and verifying ---- */

int publication_sign(const struct key *key, const void *manifest, size_t n_manifest,
                     struct publication_signature *signature, struct err *err)
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], expanded[crypto_sign_SECRETKEYBYTES];

    if (key->kind != KEY_SIGNING)
        return err_set(err, ERR_INPUT, "%s: is not a signing key", key->name);
    crypto_sign_seed_keypair(public, expanded, key->secret);
    crypto_sign_detached(signature->bytes, NULL, manifest, n_manifest, expanded);
    key_id(public, signature->key_id);
    sodium_memzero(expanded, sizeof expanded);
    return 0;
}

/* Whose signatures they are; NULL where it does not count. */
struct signers {
    const struct trust_key *by[PUBLICATION_SIGNATURES_MAX];
    size_t n_strangers, n_revoked;
};

/* Refuses where a listed key has signed something else. */
static int find_signers(const struct trust *trust,
                        const struct publication_parts *parts, struct signers *signers,
                        struct err *err)
{
    *signers = (struct signers){0};
    for (size_t i = 0; i < parts->n_signatures; i++) {
        const struct publication_signature *signature = &parts->signature[i];
        const struct trust_key *key = trust_find_id(trust, signature->key_id);

        if (key == NULL) {
            signers->n_strangers++;
            continue;
        }
        if (crypto_sign_verify_detached(signature->bytes, parts->manifest,
                                        parts->n_manifest, key->public) != 0)
            return err_set(err, ERR_REFUSED, "the signature of %s is wrong", key->name);
        if (key->is_revoked)
            signers->n_revoked++;
        else
            signers->by[i] = key;
    }
    return 0;
}

/* Distinct names: a person with two keys has signed once. */
static size_t join_names(size_t n, const struct trust_key *const by[],
                         char names[PUBLICATION_NAMES_MAX])
{
    size_t n_names = 0, at = 0;

    names[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        bool is_new = by[i] != NULL;

        for (size_t k = 0; is_new && k < i; k++)
            is_new = by[k] == NULL || strcmp(by[k]->name, by[i]->name) != 0;
        if (!is_new)
            continue;
        at += (size_t)snprintf(names + at, PUBLICATION_NAMES_MAX - at, "%s%s",
                               n_names > 0 ? ", " : "", by[i]->name);
        n_names++;
    }
    return n_names;
}

size_t publication_signers(const struct trust *trust,
                           const struct publication_parts *parts,
                           char names[PUBLICATION_NAMES_MAX])
{
    struct signers signers;

    names[0] = '\0';
    if (parts->n_signatures > PUBLICATION_SIGNATURES_MAX ||
        find_signers(trust, parts, &signers, NULL) != 0)
        return 0;
    return join_names(parts->n_signatures, signers.by, names);
}

int publication_verify(const struct trust *trust, const struct publication_parts *parts,
                       struct err *err)
{
    char names[PUBLICATION_NAMES_MAX];
    struct signers signers;

    if (check_signatures(parts, err) != 0 ||
        find_signers(trust, parts, &signers, err) != 0)
        return -1;
    const size_t n = join_names(parts->n_signatures, signers.by, names);
    if (n >= trust_threshold(trust))
        return 0;
    if (parts->n_signatures == 0)
        return err_set(err, ERR_REFUSED, "is not signed");
    return err_set(err, ERR_REFUSED,
                   "is signed by %zu of the %zu that are needed (%s%s%zu strangers, "
                   "%zu revoked)",
                   n, trust_threshold(trust), names, n > 0 ? "; " : "",
                   signers.n_strangers, signers.n_revoked);
}
