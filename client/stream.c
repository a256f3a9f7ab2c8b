#include "client/stream.h"
#include "client/publication.h"
#include "client/set.h"
#include "core/clock.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A clock here may be behind the publisher's by this. */
enum { CLOCKS_DIFFER_S = 600 };

static const char magic[8] = {'P', 'L', 'I', 'M', 'S', 'O', 'L', 'L'};

struct stream_header stream_header_make(enum stream_kind kind,
                                        const struct stream_name *name)
{
    struct stream_header header = {
        .protocol = STREAM_PROTOCOL,
        .kind = (uint8_t)kind,
        .sent_ns = clock_now(),
    };

    memcpy(header.magic, magic, sizeof magic);
    if (name != NULL) {
        header.epoch = name->epoch;
        header.version = name->version;
        header.n_bytes = name->n_bytes;
        memcpy(header.sha256, name->sha256, sizeof header.sha256);
    }
    return header;
}

size_t stream_frames(enum stream_kind kind)
{
    return kind == STREAM_SET || kind == STREAM_OFFER ? 4
           : kind == STREAM_VERDICT                   ? 2
                                                      : 1;
}

static bool is_nothing(const struct stream_header *header)
{
    static const struct stream_name nothing;
    const struct stream_name name = stream_header_name(header);

    return memcmp(&name, &nothing, sizeof name) == 0;
}

static int check_name(const struct stream_header *header, struct err *err)
{
    const bool may_be_nothing = stream_frames((enum stream_kind)header->kind) == 1;

    if (header->epoch > INT64_MAX || header->version > INT64_MAX)
        return err_set(err, ERR_INPUT, "header: an epoch or version is above 2^63 - 1");
    if (header->n_bytes > PLIMSOLL_SET_BYTES_MAX)
        return err_set(err, ERR_INPUT, "header: a set of %llu bytes is more than %d",
                       (unsigned long long)header->n_bytes, PLIMSOLL_SET_BYTES_MAX);
    if ((header->epoch == 0 || header->version == 0) &&
        !(may_be_nothing && is_nothing(header)))
        return err_set(err, ERR_INPUT, "header: an epoch or version is 0");
    return 0;
}

/* The fields that only some kinds have. */
static int check_kind(const struct stream_header *header, struct err *err)
{
    const bool has_set = header->kind == STREAM_SET || header->kind == STREAM_OFFER;
    const int last_verdict = header->kind == STREAM_VERDICT ? STREAM_REFUSED : 0;

    if (header->kind < STREAM_HEARTBEAT || header->kind > STREAM_VERDICT)
        return err_set(err, ERR_INPUT, "header: kind %u is none of 1 to 6",
                       (unsigned)header->kind);
    if (header->n_signatures > (has_set ? PUBLICATION_SIGNATURES_MAX : 0))
        return err_set(err, ERR_INPUT, "header: %u signatures are too many",
                       (unsigned)header->n_signatures);
    if ((header->n_manifest > 0) != has_set)
        return err_set(err, ERR_INPUT, "header: a manifest of %u bytes",
                       (unsigned)header->n_manifest);
    if (header->verdict > last_verdict || (last_verdict > 0 && header->verdict == 0))
        return err_set(err, ERR_INPUT, "header: verdict %u of kind %u",
                       (unsigned)header->verdict, (unsigned)header->kind);
    return 0;
}

int stream_header_read(const void *frame, size_t n_bytes, struct stream_header *header,
                       struct err *err)
{
    struct stream_header read;

    if (n_bytes != sizeof read)
        return err_set(err, ERR_INPUT, "header: has %zu bytes, not %zu", n_bytes,
                       sizeof read);
    memcpy(&read, frame, sizeof read);
    if (memcmp(read.magic, magic, sizeof magic) != 0)
        return err_set(err, ERR_INPUT, "header: does not start with PLIMSOLL");
    if (read.protocol != STREAM_PROTOCOL)
        return err_set(err, ERR_INPUT, "header: protocol %u is not %d",
                       (unsigned)read.protocol, STREAM_PROTOCOL);
    if (check_kind(&read, err) != 0 || check_name(&read, err) != 0)
        return -1;
    *header = read;
    return 0;
}

struct stream_name stream_header_name(const struct stream_header *header)
{
    struct stream_name name = {
        .epoch = header->epoch,
        .version = header->version,
        .n_bytes = header->n_bytes,
    };

    memcpy(name.sha256, header->sha256, sizeof name.sha256);
    return name;
}

struct stream_name stream_name_make(uint64_t epoch, uint64_t version, const void *bytes,
                                    size_t n_bytes)
{
    struct stream_name name = {.epoch = epoch, .version = version, .n_bytes = n_bytes};

    crypto_hash_sha256(name.sha256, bytes, n_bytes);
    return name;
}

int stream_name_check(const struct stream_name *name, const void *bytes, size_t n_bytes,
                      struct err *err)
{
    if (n_bytes != name->n_bytes)
        return err_set(err, ERR_INPUT, "the set has %zu bytes, its header says %llu",
                       n_bytes, (unsigned long long)name->n_bytes);
    const struct stream_name found =
        stream_name_make(name->epoch, name->version, bytes, n_bytes);
    if (!stream_name_same(&found, name))
        return err_set(err, ERR_INPUT,
                       "the set's SHA-256 is not the one in its header");
    return 0;
}

int stream_name_compare(const struct stream_name *a, const struct stream_name *b)
{
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return (a->version > b->version) - (a->version < b->version);
}

int stream_name_check_epoch(const struct stream_name *name, struct err *err)
{
    char epoch[CLOCK_TEXT_MAX];

    if ((int64_t)name->epoch <= clock_now() + CLOCKS_DIFFER_S * CLOCK_SECOND)
        return 0;
    return err_set(err, ERR_REFUSED, "version %llu counts from %s, which is to come",
                   (unsigned long long)name->version,
                   clock_moment_text((int64_t)name->epoch, epoch));
}

bool stream_name_same(const struct stream_name *a, const struct stream_name *b)
{
    return stream_name_compare(a, b) == 0 && a->n_bytes == b->n_bytes &&
           memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

char *stream_digest_text(const uint8_t sha256[32], char out[STREAM_DIGEST_MAX])
{
    return sodium_bin2hex(out, STREAM_DIGEST_MAX, sha256, 32);
}

void stream_digest_read(const char *text, uint8_t sha256[32])
{
    sodium_hex2bin(sha256, 32, text, 64, NULL, NULL, NULL);
}

/* "127.0.0.1:7700": is the host a loopback address? */
static bool is_loopback(const char *host_port)
{
    char host[INET_ADDRSTRLEN];
    struct in_addr number;
    const char *colon = strrchr(host_port, ':');

    if (colon == NULL)
        return false;
    const size_t n = (size_t)(colon - host_port);
    if (n >= sizeof host)
        return false;
    memcpy(host, host_port, n);
    host[n] = '\0';
    return inet_pton(AF_INET, host, &number) == 1 &&
           ntohl(number.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* ZeroMQ takes a port of 65536 and more for its lower sixteen bits.  "*": any. */
static bool is_port(const char *text)
{
    char *end;
    const unsigned long port = strtoul(text, &end, 10);

    return strcmp(text, "*") == 0 ||
           (text[0] >= '0' && text[0] <= '9' && *end == '\0' && port <= UINT16_MAX);
}

int stream_check_address(const char *address, bool is_encrypted, struct err *err)
{
    if (strncmp(address, "ipc://", 6) == 0 && address[6] != '\0')
        return 0;
    if (strncmp(address, "tcp://", 6) != 0 || strrchr(address + 6, ':') == NULL)
        return err_set(err, ERR_USAGE,
                       "'%.100s' is not an address like tcp://127.0.0.1:7700", address);
    if (!is_port(strrchr(address, ':') + 1))
        return err_set(err, ERR_USAGE, "%.100s: the port is not between 0 and 65535",
                       address);
    if (!is_encrypted && !is_loopback(address + 6))
        return err_set(err, ERR_USAGE,
                       "%.100s is not a loopback address in numbers: what is not "
                       "encrypted stays on this machine",
                       address);
    return 0;
}
