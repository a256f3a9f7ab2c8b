#include "client/keyfile.h"
#include "client/members.h"
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_FILE_MAX = 1024 };

static const char secret_head[] = "plimsoll-secret-key 1\n";
static const char public_head[] = "# plimsoll-public-key 1\n";

const char *key_kind_text(enum key_kind kind)
{
    return kind == KEY_SIGNING ? "signing" : "curve";
}

int key_kind_read(const char *text, enum key_kind *kind, struct err *err)
{
    for (int k = KEY_SIGNING; k <= KEY_CURVE; k++) {
        if (strcmp(text, key_kind_text((enum key_kind)k)) != 0)
            continue;
        *kind = (enum key_kind)k;
        return 0;
    }
    return err_set(err, ERR_INPUT, "'%.20s' is neither signing nor curve", text);
}

char *key_text(const uint8_t bytes[KEY_BYTES], char out[KEY_HEX_MAX])
{
    return sodium_bin2hex(out, KEY_HEX_MAX, bytes, KEY_BYTES);
}

int key_from_text(const char *text, uint8_t bytes[KEY_BYTES], struct err *err)
{
    if (strlen(text) != 2 * KEY_BYTES ||
        strspn(text, "0123456789abcdef") != 2 * KEY_BYTES)
        return err_set(err, ERR_INPUT, "the key is not %d hexadecimal digits (0-9 a-f)",
                       2 * KEY_BYTES);
    sodium_hex2bin(bytes, KEY_BYTES, text, 2 * KEY_BYTES, NULL, NULL, NULL);
    return 0;
}

void key_id(const uint8_t public[KEY_BYTES], uint8_t id[KEY_ID_BYTES])
{
    uint8_t digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, public, KEY_BYTES);
    memcpy(id, digest, KEY_ID_BYTES);
}

/* The public half: RFC 8032, 5.1.5, or RFC 7748, 6.1. */
static int derive_public(struct key *key, struct err *err)
{
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    int status;

    if (sodium_init() < 0)
        return err_set(err, ERR_BUG, "libsodium does not start");
    if (key->kind == KEY_SIGNING) {
        status = crypto_sign_seed_keypair(key->public, expanded, key->secret);
        sodium_memzero(expanded, sizeof expanded);
    } else {
        status = crypto_scalarmult_base(key->public, key->secret);
    }
    return status == 0 ? 0 : err_set(err, ERR_INPUT, "the key cannot be used");
}

int key_generate(enum key_kind kind, const char *name, struct key *key, struct err *err)
{
    struct key new = {.kind = kind};

    if (member_check_name(name, err) != 0)
        return err_add(err, "the key's name");
    if (sodium_init() < 0)
        return err_set(err, ERR_BUG, "libsodium does not start");
    snprintf(new.name, sizeof new.name, "%s", name);
    randombytes_buf(new.secret, sizeof new.secret);
    const int status = derive_public(&new, err);
    if (status == 0)
        *key = new;
    key_forget(&new);
    return status;
}

void key_forget(struct key *key)
{
    sodium_memzero(key, sizeof *key);
}

/* ---- files ---- */

int key_check_owner(int fd, const char *path, int is_secret, struct err *err)
{
    const mode_t forbidden = is_secret ? 077 : 022;
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return err_set(err, ERR_INPUT, "%s: is not a regular file", path);
    if (stat.st_uid != geteuid() && (is_secret || stat.st_uid != 0))
        return err_set(err, ERR_INPUT, "%s: belongs to user %u, not to %u", path,
                       (unsigned)stat.st_uid, (unsigned)geteuid());
    if ((stat.st_mode & forbidden) != 0)
        return err_set(err, ERR_INPUT, "%s: others can %s it (mode %03o): chmod %s",
                       path, is_secret ? "read or write" : "write",
                       (unsigned)stat.st_mode & 0777, is_secret ? "600" : "go-w");
    return 0;
}

/* The bytes of a small file, of which no other process may have a say; the caller
 * overwrites them. */
static int read_secret(const char *path, char text[SECRET_FILE_MAX], struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    int status = key_check_owner(fd, path, 1, err);
    const ssize_t n = status == 0 ? read(fd, text, SECRET_FILE_MAX - 1) : 0;
    if (n < 0)
        status = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return status;
}

/* "signing HEX NAME\n", and nothing behind it. */
static int parse_secret(char *line, enum key_kind kind, struct key *key,
                        struct err *err)
{
    char *save = NULL, *end = strchr(line, '\n');

    if (end == NULL || end[1] != '\0')
        return err_set(err, ERR_INPUT, "is not one line behind plimsoll-secret-key 1");
    *end = '\0';
    const char *kind_text = strtok_r(line, " ", &save);
    const char *secret = strtok_r(NULL, " ", &save);
    const char *name = strtok_r(NULL, " ", &save);
    if (name == NULL || strtok_r(NULL, " ", &save) != NULL)
        return err_set(err, ERR_INPUT, "is not a line 'signing|curve KEY NAME'");
    if (key_kind_read(kind_text, &key->kind, err) != 0 ||
        key_from_text(secret, key->secret, err) != 0 ||
        member_check_name(name, err) != 0)
        return -1;
    if (key->kind != kind)
        return err_set(err, ERR_INPUT, "is a %s key, not a %s key",
                       key_kind_text(key->kind), key_kind_text(kind));
    snprintf(key->name, sizeof key->name, "%s", name);
    return derive_public(key, err);
}

int key_read(const char *path, enum key_kind kind, struct key *key, struct err *err)
{
    const size_t n_head = sizeof secret_head - 1;
    char text[SECRET_FILE_MAX];
    struct key read = {0};
    int status = read_secret(path, text, err);

    if (status == 0 && strncmp(text, secret_head, n_head) != 0)
        status =
            err_set(err, ERR_INPUT, "%s: line 1: is not 'plimsoll-secret-key 1'", path);
    else if (status == 0 && parse_secret(text + n_head, kind, &read, err) != 0)
        status = err_add(err, "%s: line 2", path);
    if (status == 0)
        *key = read;
    sodium_memzero(text, sizeof text);
    key_forget(&read);
    return status;
}

/* A file that is not there yet, durably; removed where it cannot be written whole. */
static int write_new(const char *path, const char *text, mode_t mode, struct err *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    const size_t n = strlen(text);

    if (fd < 0)
        return err_set(err, errno == EEXIST ? ERR_INPUT : ERR_IO, "%s: %s", path,
                       errno == EEXIST ? "is there already, and is kept"
                                       : strerror(errno));
    const int written = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
    const int why = errno;
    if (close(fd) == 0 && written)
        return 0;
    unlink(path);
    return err_set(err, ERR_IO, "%s: %s", path, strerror(why));
}

static int write_pair(const struct key *key, const char *secret_path,
                      const char *public_path, struct err *err)
{
    char text[SECRET_FILE_MAX], hex[KEY_HEX_MAX];

    snprintf(text, sizeof text, "%s%s %s %s\n", secret_head, key_kind_text(key->kind),
             key_text(key->secret, hex), key->name);
    int status = write_new(secret_path, text, 0600, err);
    sodium_memzero(text, sizeof text);
    if (status != 0)
        return -1;
    snprintf(text, sizeof text, "%s%s %s %s\n", public_head, key_kind_text(key->kind),
             key_text(key->public, hex), key->name);
    status = write_new(public_path, text, 0644, err);
    if (status != 0)
        unlink(secret_path);
    return status;
}

int key_write(const struct key *key, const char *path, struct err *err)
{
    char secret_path[FILE_PATH_MAX], public_path[FILE_PATH_MAX];

    if (strlen(path) + sizeof ".secret" > FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
    snprintf(secret_path, sizeof secret_path, "%s.secret", path);
    snprintf(public_path, sizeof public_path, "%s.public", path);
    if (access(public_path, F_OK) == 0)
        return err_set(err, ERR_INPUT, "%s: is there already, and is kept",
                       public_path);
    return write_pair(key, secret_path, public_path, err);
}
