/* stream.h -- what do publisher and subscriber say to each other?
 *
 *     publisher                                            subscriber
 *     PUB   --- HEARTBEAT (every STREAM_HEARTBEAT_MS) --->  SUB
 *     PUB   --- UPDATE + set ---------------------------->  SUB
 *     ROUTER <-- REQUEST (what it holds) ----------------  DEALER
 *     ROUTER --- SNAPSHOT + set ------------------------->  DEALER
 *     ROUTER <-- ACKNOWLEDGE (what it holds) ------------  DEALER
 *
 * Whole sets travel, never differences.  A publisher sends its set once when it starts,
 * then heartbeats that name it.  A subscriber asks for the snapshot when it starts,
 * when a heartbeat names a newer set than it holds, and after three silent intervals.
 * It acknowledges the current set when it holds it, and again at each heartbeat that
 * names it: one that is lost is made good, and a new publisher learns who holds what.
 *
 * Frame 1 is struct stream_header, little endian, without padding.  UPDATE and SNAPSHOT
 * have a second frame: the n_bytes of parameters.json as they stand in the file.
 * The others have one frame; n_bytes and sha256 there name the set that the sender
 * holds.  A REQUEST of one who holds nothing has all four fields 0.
 *
 * Sets are ordered by (epoch, version).  An epoch is one publisher's state file, named
 * by the moment of its making, so that a publisher who lost it is not taken for an
 * old one; versions in it count 1, 2, 3, ...
 *
 * Nothing is signed or encrypted yet: sha256 protects against damage, not against
 * forgery.  n_signature keeps the place and must be 0. */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_PROTOCOL = 1,
    STREAM_HEARTBEAT_MS = 1000,
    STREAM_SILENT_INTERVALS = 3, /* this long without a heartbeat is silence */
};

enum stream_kind {
    STREAM_HEARTBEAT = 1,
    STREAM_UPDATE = 2,
    STREAM_REQUEST = 3,
    STREAM_SNAPSHOT = 4,
    STREAM_ACKNOWLEDGE = 5,
};

struct stream_header {
    uint8_t magic[8];     /* "PLIMSOLL"                                       */
    uint16_t protocol;    /* STREAM_PROTOCOL                                  */
    uint16_t kind;        /* enum stream_kind                                 */
    uint32_t n_signature; /* bytes of a signature behind the header: 0 for now */
    uint64_t epoch;       /* ns since 1970, < 2^63                            */
    uint64_t version;     /* < 2^63                                           */
    uint64_t n_bytes;     /* of the set, <= PLIMSOLL_SET_BYTES_MAX            */
    int64_t sent_ns;      /* sender's clock, ns since 1970                    */
    uint8_t sha256[32];   /* of the set                                       */
};
_Static_assert(sizeof(struct stream_header) == 80,
               "the header is 80 bytes on the wire");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is little endian");

/* Which set: its place in the order, and what it is. */
struct stream_name {
    uint64_t epoch, version, n_bytes;
    uint8_t sha256[32];
};

/* Now, of this kind, naming this set (NULL: none). */
struct stream_header stream_header_make(enum stream_kind kind,
                                        const struct stream_name *name);

/* Read a first frame.  ERR_INPUT for any other length, magic, protocol, kind or bound.
 */
int stream_header_read(const void *frame, size_t n_bytes, struct stream_header *header,
                       struct err *err);

struct stream_name stream_header_name(const struct stream_header *header);

/* Name these bytes. */
struct stream_name stream_name_make(uint64_t epoch, uint64_t version, const void *bytes,
                                    size_t n_bytes);

/* Are these bytes what the name says?  ERR_INPUT where length or digest differ. */
int stream_name_check(const struct stream_name *name, const void *bytes, size_t n_bytes,
                      struct err *err);

/* <0, 0, >0 by (epoch, version). */
int stream_name_compare(const struct stream_name *a, const struct stream_name *b);
bool stream_name_same(const struct stream_name *a, const struct stream_name *b);

enum { STREAM_DIGEST_MAX = 65 };

/* The digest in 64 hexadecimal digits, and back (from 64 such digits).  Returns out. */
char *stream_digest_text(const uint8_t sha256[32], char out[STREAM_DIGEST_MAX]);
void stream_digest_read(const char *text, uint8_t sha256[32]);

/* ERR_USAGE unless it is a tcp:// address of this machine's loopback (in numbers), or
 * ipc://, or, where `insecure`, any tcp address. */
int stream_check_address(const char *address, bool insecure, struct err *err);

#endif /* CLIENT_STREAM_H */
