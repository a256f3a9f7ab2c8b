/* trust.h -- whose keys count here?
 *
 * A trust file is text, a key a line, `#` starts a line that is a comment:
 *
 *     threshold 2                        signers only: so many names must have signed
 *     signing d75a98...  operator
 *     signing 3d4017...  deputy
 *     revoked signing fc51cd... former
 *     curve 8520f0...  engine-7 shadow,canary
 *
 * Keys of one kind stand in a file.  A curve key may be in groups, which say what of a
 * staged publication it gets.  A revoked key stays listed, so that its use is told
 * from a stranger's.  A name may have several keys: it connects with any of them, and
 * signs once.
 *
 * A file that others can write is refused, and so is one without a key: one that is
 * being written must not lock everyone out. */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "client/keyfile.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUST_BYTES_MAX = 8 << 20, TRUST_KEYS_MAX = 65536, TRUST_GROUPS_MAX = 256 };

struct trust_key {
    uint8_t public[KEY_BYTES], id[KEY_ID_BYTES];
    char name[KEY_NAME_MAX];
    char groups[TRUST_GROUPS_MAX]; /* "shadow,canary"; empty: in none */
    bool is_revoked;
};

struct trust;

/* ERR_INPUT names the line. */
int trust_parse(const char *bytes, size_t n_bytes, enum key_kind kind,
                struct trust **trust, struct err *err);
int trust_read(const char *path, enum key_kind kind, struct trust **trust,
               struct err *err);
void trust_free(struct trust *trust); /* takes NULL */

/* The one key of a file such as NAME.public. */
int trust_read_one(const char *path, enum key_kind kind, struct trust_key *key,
                   struct err *err);

/* By public key: i < trust_count. */
size_t trust_count(const struct trust *trust);
const struct trust_key *trust_at(const struct trust *trust, size_t i);
/* Revoked ones too; NULL where it is not listed. */
const struct trust_key *trust_find(const struct trust *trust,
                                   const uint8_t public[KEY_BYTES]);
const struct trust_key *trust_find_id(const struct trust *trust,
                                      const uint8_t id[KEY_ID_BYTES]);
/* How many names must have signed: 1 unless the file says more. */
size_t trust_threshold(const struct trust *trust);

/* Is `group` among "a,b,c"? */
bool trust_is_in(const char *groups, const char *group);
/* ERR_INPUT unless it is a list of names, "a,b,c", that fits. */
int trust_check_groups(const char *groups, struct err *err);

/* ---- a file that may change while the process runs ---- */

struct trust_watch;

int trust_watch_open(const char *path, enum key_kind kind, struct trust_watch **watch,
                     struct err *err);
void trust_watch_close(struct trust_watch *watch); /* takes NULL */
/* Look at the file again: 1 its list is another now, 0 nothing new, -1 it is broken,
 * which is told once for each such file: the list before stays in force. */
int trust_watch_refresh(struct trust_watch *watch, struct err *err);
/* Borrowed until the next refresh. */
const struct trust *trust_watch_now(const struct trust_watch *watch);

#endif /* CLIENT_TRUST_H */
