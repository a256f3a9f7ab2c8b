/* gather.h -- the rows of all files, sorted into instruments, before they are joined
 *
 * The inner half of import.c: only import.c and its tests include it. */
#ifndef MARKET_GATHER_H
#define MARKET_GATHER_H

#include "market/import.h"

/* A file that rows came from: one given, or one in an archive. */
struct gather_member {
    size_t file; /* index into gather.file */
    char name[IMPORT_FILE_MAX];
    char sha256[SHA256_TEXT_MAX]; /* of the member's bytes */
    const struct format *format;
    char why[READ_WHY_MAX];
    unsigned units;
    bool by_index;
    int64_t first_ns;            /* earliest bar */
    uint64_t n_rows, n_rejected; /* rejected are rows too */
    uint64_t n_blank;            /* of the rejected: see rows_reject_blank */
    size_t rank;                 /* place in the order that conflicts are settled by */
};

struct gather_row {
    struct bar bar; /* time as the vendor stamps it */
    uint32_t member, number;
};

struct gather_group {
    char instrument[HISTORY_NAME_MAX];
    char symbol[ROWS_SYMBOL_MAX]; /* of its first row */
    size_t n, capacity;
    struct gather_row *row; /* by member in the order of reading, then file order */
};

struct gather_file {
    const char *path;
    char sha256[SHA256_TEXT_MAX];
};

struct gather {
    const struct import_options *options;
    size_t n_files;
    struct gather_file *file;
    size_t n_members, member_capacity;
    struct gather_member *member;
    size_t n_groups, group_capacity;
    struct gather_group *group;
    size_t n_rejected, rejected_capacity;
    struct import_rejected *rejected;
};

/* Read every file into groups; members are ranked and rejected rows sorted.
 * gather_free in any case. */
int gather_files(size_t n_paths, const char *const paths[],
                 const struct import_options *options, struct gather *gather,
                 struct err *err);
void gather_free(struct gather *gather);

/* The instrument's name that the pattern makes for this member and symbol. */
int gather_name(const char *pattern, const char *member, const char *symbol,
                char out[HISTORY_NAME_MAX], struct err *err);

#endif /* MARKET_GATHER_H */
