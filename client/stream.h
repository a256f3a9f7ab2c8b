/* stream.h -- what do publisher, relay and subscriber say to each other?
 *
 *     publisher or relay                                    subscriber
 *     ROUTER <-- REQUEST (what it holds) -----------------  DEALER
 *     ROUTER --- SET + manifest + signatures + set ------>  DEALER
 *     ROUTER --- HEARTBEAT (every STREAM_HEARTBEAT_MS) -->  DEALER
 *     ROUTER <-- ACKNOWLEDGE (what it holds) -------------  DEALER
 *
 *     relay's intake                                        publisher
 *     ROUTER <-- REQUEST (nothing) -----------------------  DEALER
 *     ROUTER --- HEARTBEAT (the newest that was taken) -->  DEALER
 *     ROUTER <-- OFFER + manifest + signatures + set -----  DEALER
 *     ROUTER --- VERDICT + reason ----------------------->  DEALER
 *
 * Whole sets travel, never differences.  A subscriber makes itself known by a REQUEST
 * when it has connected, and gets the set that is meant for it, unless it holds that
 * already, then every new one, and heartbeats that name it.  It answers each heartbeat:
 * with an ACKNOWLEDGE where it holds the set that is named, with a REQUEST where it
 * does not.  So what is lost is made good within a heartbeat, and the other side knows
 * who holds what.  After three silent intervals it asks again, and says so.
 *
 * Frame 1 is struct stream_header, little endian, without padding.  SET and OFFER have
 * three more: manifest, signatures (80 bytes each; the frame may be empty), and the
 * n_bytes of parameters.json as they stand in the file (client/publication.h).  VERDICT
 * has one more: a reason, UTF-8, at most STREAM_REASON_MAX - 1 bytes.  The others have
 * one frame; the header names a set: what the sender holds, or, of a HEARTBEAT, what
 * the receiver should hold.  Where there is none, epoch, version, n_bytes and sha256
 * are 0.
 *
 * Sets are ordered by (epoch, version).  An epoch is one stream of versions 1, 2, 3,
 * ..., named by the moment of its making, so that a publisher who lost its state is not
 * taken for an old one.
 *
 * The header protects nothing: what it says of a set counts only as far as the signed
 * manifest says the same. */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_PROTOCOL = 2,
    STREAM_HEARTBEAT_MS = 1000,
    STREAM_SILENT_INTERVALS = 3, /* this long without a heartbeat is silence */
    STREAM_REASON_MAX = 512,
    STREAM_FRAMES_MAX = 4,
};

enum stream_kind {
    STREAM_HEARTBEAT = 1,
    STREAM_SET = 2,
    STREAM_REQUEST = 3,
    STREAM_ACKNOWLEDGE = 4,
    STREAM_OFFER = 5,
    STREAM_VERDICT = 6,
};

enum stream_verdict {
    STREAM_TAKEN = 1, /* it is on the disk and will be served                     */
    STREAM_HELD = 2,  /* it is on the disk, and waits for what the reason says    */
    STREAM_REFUSED = 3,
};

struct stream_header {
    uint8_t magic[8];      /* "PLIMSOLL"                                    */
    uint16_t protocol;     /* STREAM_PROTOCOL                               */
    uint8_t kind;          /* enum stream_kind                              */
    uint8_t verdict;       /* enum stream_verdict of a VERDICT, else 0      */
    uint16_t n_signatures; /* of SET and OFFER, else 0                      */
    uint16_t n_manifest;   /* bytes of the manifest of SET and OFFER, else 0 */
    uint64_t epoch;        /* ns since 1970, < 2^63                         */
    uint64_t version;      /* < 2^63                                        */
    uint64_t n_bytes;      /* of the set, <= PLIMSOLL_SET_BYTES_MAX         */
    int64_t sent_ns;       /* sender's clock, ns since 1970                 */
    uint8_t sha256[32];    /* of the set                                    */
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

/* How many frames a message of this kind has. */
size_t stream_frames(enum stream_kind kind);

struct stream_name stream_header_name(const struct stream_header *header);

/* Name these bytes. */
struct stream_name stream_name_make(uint64_t epoch, uint64_t version, const void *bytes,
                                    size_t n_bytes);

/* Are these bytes what the name says?  ERR_INPUT where length or digest differ. */
int stream_name_check(const struct stream_name *name, const void *bytes, size_t n_bytes,
                      struct err *err);

/* <0, 0, >0 by (epoch, version). */
int stream_name_compare(const struct stream_name *a, const struct stream_name *b);
/* ERR_REFUSED for an epoch that is yet to come: nothing would follow what has it. */
int stream_name_check_epoch(const struct stream_name *name, struct err *err);
bool stream_name_same(const struct stream_name *a, const struct stream_name *b);

enum { STREAM_DIGEST_MAX = 65 };

/* The digest in 64 hexadecimal digits, and back (from 64 such digits).  Returns out. */
char *stream_digest_text(const uint8_t sha256[32], char out[STREAM_DIGEST_MAX]);
void stream_digest_read(const char *text, uint8_t sha256[32]);

/* ERR_USAGE unless it is a tcp:// or ipc:// address, and, unless CURVE encrypts, one of
 * this machine: ipc://, or loopback in numbers. */
int stream_check_address(const char *address, bool is_encrypted, struct err *err);

#endif /* CLIENT_STREAM_H */
