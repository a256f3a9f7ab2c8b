#include "market/gather.h"

#include "core/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "market/archive.h"

/* Room for one more item in a growing array. */
static int grow(void **items, size_t *capacity, size_t n, size_t size, struct err *err)
{
    const size_t wanted = n < 8 ? 16 : 2 * n;

    if (n < *capacity)
        return 0;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu rows", wanted);
    *items = grown;
    *capacity = wanted;
    return 0;
}

/* Append what a store's name may hold; anything else becomes '_'. */
static size_t append_name(char out[HISTORY_NAME_MAX], size_t n, const char *text,
                          size_t n_chars)
{
    for (size_t i = 0; i < n_chars && n + 1 < HISTORY_NAME_MAX; i++) {
        const unsigned char c = (unsigned char)text[i];

        out[n++] = isalnum(c) || strchr("._-", c) != NULL ? (char)c : '_';
    }
    out[n] = '\0';
    return n;
}

/* Characters that {name} and {stem} take of a file name. */
static size_t name_part(const char *member, bool stem)
{
    size_t n = 0;

    if (stem) {
        const char *dot = strrchr(member, '.');

        return dot != NULL ? (size_t)(dot - member) : strlen(member);
    }
    while (isalnum((unsigned char)member[n]))
        n++;
    return n;
}

int gather_name(const char *pattern, const char *member, const char *symbol,
                char out[HISTORY_NAME_MAX], struct err *err)
{
    size_t n = 0;

    out[0] = '\0';
    for (const char *p = pattern; *p != '\0';) {
        if (strncmp(p, "{name}", 6) == 0) {
            n = append_name(out, n, member, name_part(member, false));
            p += 6;
        } else if (strncmp(p, "{stem}", 6) == 0) {
            n = append_name(out, n, member, name_part(member, true));
            p += 6;
        } else if (strncmp(p, "{symbol}", 8) == 0) {
            if (symbol[0] == '\0')
                return err_set(err, ERR_INPUT,
                               "the file names no symbol for '%s': use {name}",
                               pattern);
            n = append_name(out, n, symbol, strlen(symbol));
            p += 8;
        } else {
            if (n + 1 >= HISTORY_NAME_MAX ||
                !(isalnum((unsigned char)*p) || strchr("._-", *p) != NULL))
                return err_set(err, ERR_INPUT,
                               "instrument '%s' is not a name of letters, digits, "
                               "'.', '_', '-', {name}, {stem} and {symbol}",
                               pattern);
            out[n++] = *p++;
            out[n] = '\0';
        }
    }
    if (n == 0 || out[0] == '.')
        return err_set(err, ERR_INPUT, "'%s' gives no instrument's name for %s",
                       pattern, member);
    return 0;
}

/* "BTC/USDT" and "BTCUSDT" are one: some vendors change their spelling in a file. */
static bool same_symbol(const char *a, const char *b)
{
    for (;;) {
        while (*a != '\0' && !isalnum((unsigned char)*a))
            a++;
        while (*b != '\0' && !isalnum((unsigned char)*b))
            b++;
        if (*a == '\0' || *b == '\0' ||
            toupper((unsigned char)*a) != toupper((unsigned char)*b))
            return *a == *b;
        a++;
        b++;
    }
}

/* The group of this name, made where there is none. */
static int find_group(struct gather *gather, const char *instrument, const char *symbol,
                      size_t *index, struct err *err)
{
    void *items = gather->group;

    for (size_t g = gather->n_groups; g-- > 0;) {
        if (strcmp(gather->group[g].instrument, instrument) != 0)
            continue;
        if (!same_symbol(gather->group[g].symbol, symbol))
            return err_set(err, ERR_INPUT,
                           "%s would hold the symbols '%s' and '%s': choose one with "
                           "--symbol, or name each with --instrument '{symbol}'",
                           instrument, gather->group[g].symbol, symbol);
        *index = g;
        return 0;
    }
    if (grow(&items, &gather->group_capacity, gather->n_groups, sizeof *gather->group,
             err) != 0)
        return -1;
    gather->group = items;
    struct gather_group *group = &gather->group[gather->n_groups];

    *group = (struct gather_group){.n = 0};
    snprintf(group->instrument, sizeof group->instrument, "%s", instrument);
    snprintf(group->symbol, sizeof group->symbol, "%s", symbol);
    *index = gather->n_groups++;
    return 0;
}

/* For each symbol of a member, the group of its rows; SIZE_MAX where not wanted. */
static int find_groups(struct gather *gather, const char *member,
                       const struct rows *rows, size_t *group, struct err *err)
{
    char instrument[HISTORY_NAME_MAX];

    for (size_t s = 0; s < rows->n_symbols; s++) {
        group[s] = SIZE_MAX;
        if (gather->options->symbol != NULL &&
            !text_matches(gather->options->symbol, rows->symbol[s]))
            continue;
        if (gather_name(gather->options->instrument, member, rows->symbol[s],
                        instrument, err) != 0 ||
            find_group(gather, instrument, rows->symbol[s], &group[s], err) != 0)
            return -1;
    }
    return 0;
}

static int add_rows(struct gather *gather, const char *member, const struct rows *rows,
                    struct err *err)
{
    size_t *group = calloc(rows->n_symbols + 1, sizeof *group);
    int failed;

    if (group == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu symbols", rows->n_symbols);
    failed = find_groups(gather, member, rows, group, err);
    for (size_t i = 0; i < rows->n && !failed; i++) {
        const struct row *row = &rows->row[i];

        if (group[row->symbol] == SIZE_MAX)
            continue;
        struct gather_group *into = &gather->group[group[row->symbol]];
        void *items = into->row;

        failed = grow(&items, &into->capacity, into->n, sizeof *into->row, err);
        into->row = items;
        if (!failed)
            into->row[into->n++] =
                (struct gather_row){row->bar, (uint32_t)gather->n_members, row->number};
    }
    free(group);
    return failed;
}

static int add_rejected(struct gather *gather, const struct gather_member *member,
                        const struct rows *rows, struct err *err)
{
    for (size_t i = 0; i < rows->n_rejected; i++) {
        void *items = gather->rejected;

        if (grow(&items, &gather->rejected_capacity, gather->n_rejected,
                 sizeof *gather->rejected, err) != 0)
            return -1;
        gather->rejected = items;
        struct import_rejected *to = &gather->rejected[gather->n_rejected++];

        *to = (struct import_rejected){.number = rows->rejected[i].number,
                                       .by_index = member->by_index,
                                       .is_blank = rows->rejected[i].is_blank};
        memcpy(to->file, member->name, sizeof to->file);
        memcpy(to->reason, rows->rejected[i].reason, sizeof to->reason);
    }
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* "outer.zip/member.csv", or the outer name where that is all. */
static void member_name(const char *path, const char *member, char out[IMPORT_FILE_MAX])
{
    const char *outer = base_name(path);

    if (strncmp(outer, member, strlen(member)) == 0)
        snprintf(out, IMPORT_FILE_MAX, "%s", outer);
    else
        snprintf(out, IMPORT_FILE_MAX, "%.70s/%.80s", outer, member);
}

static bool wanted(void *context, const char *name)
{
    const struct gather *gather = context;

    return gather->options->match == NULL || text_matches(gather->options->match, name);
}

static int take_member(void *context, const struct archive_member *from,
                       struct err *err)
{
    struct gather *gather = context;
    const struct columns *columns = gather->options->columns;
    const struct read_wish wish = {gather->options->format,
                                   columns != NULL ? columns->format : NULL,
                                   columns != NULL ? columns->n_formats : 0};
    struct rows rows = {.marks = gather->options->marks};
    struct read_choice choice;
    void *items = gather->member;
    int failed = -1;

    if (grow(&items, &gather->member_capacity, gather->n_members,
             sizeof *gather->member, err) != 0)
        return -1;
    gather->member = items;
    if (read_rows(from->bytes, from->n_bytes, &wish, &rows, &choice, err) != 0)
        goto done;
    struct gather_member *member = &gather->member[gather->n_members];

    *member = (struct gather_member){.file = gather->n_files,
                                     .format = choice.format,
                                     .units = rows.units,
                                     .by_index = choice.by_index,
                                     .first_ns = INT64_MAX,
                                     .n_rows = rows.n + rows.n_rejected,
                                     .n_rejected = rows.n_rejected,
                                     .n_blank = rows.n_blank};
    memcpy(member->why, choice.why, sizeof member->why);
    member_name(gather->file[gather->n_files].path, from->name, member->name);
    sha256_of(from->bytes, from->n_bytes, member->sha256);
    for (size_t i = 0; i < rows.n; i++)
        if (rows.row[i].bar.time < member->first_ns)
            member->first_ns = rows.row[i].bar.time;
    if (add_rows(gather, from->name, &rows, err) != 0 ||
        add_rejected(gather, member, &rows, err) != 0)
        goto done;
    gather->n_members++;
    failed = 0;
done:
    rows_free(&rows);
    return failed;
}

static int by_first_and_digest(const void *a, const void *b)
{
    const struct gather_member *x = *(struct gather_member *const *)a;
    const struct gather_member *y = *(struct gather_member *const *)b;
    const int by_time = (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);

    return by_time != 0 ? by_time : strcmp(x->sha256, y->sha256);
}

static int by_file_and_number(const void *a, const void *b)
{
    const struct import_rejected *x = a, *y = b;
    const int by_file = strcmp(x->file, y->file);

    return by_file != 0 ? by_file : (x->number > y->number) - (x->number < y->number);
}

static int rank_members(struct gather *gather, struct err *err)
{
    struct gather_member **order = calloc(gather->n_members + 1, sizeof *order);

    if (order == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", gather->n_members);
    for (size_t m = 0; m < gather->n_members; m++)
        order[m] = &gather->member[m];
    qsort(order, gather->n_members, sizeof *order, by_first_and_digest);
    for (size_t m = 0; m < gather->n_members; m++)
        order[m]->rank = m;
    free(order);
    if (gather->n_rejected > 0)
        qsort(gather->rejected, gather->n_rejected, sizeof *gather->rejected,
              by_file_and_number);
    return 0;
}

int gather_files(size_t n_paths, const char *const paths[],
                 const struct import_options *options, struct gather *gather,
                 struct err *err)
{
    *gather = (struct gather){.options = options};
    gather->file = calloc(n_paths + 1, sizeof *gather->file);
    if (gather->file == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", n_paths);
    for (; gather->n_files < n_paths; gather->n_files++) {
        struct gather_file *file = &gather->file[gather->n_files];

        file->path = paths[gather->n_files];
        if (archive_read(file->path, wanted, take_member, gather, file->sha256, err) !=
            0)
            return -1;
    }
    return rank_members(gather, err);
}

void gather_free(struct gather *gather)
{
    for (size_t g = 0; g < gather->n_groups; g++)
        free(gather->group[g].row);
    free(gather->group);
    free(gather->member);
    free(gather->file);
    free(gather->rejected);
    *gather = (struct gather){.options = gather->options};
}
