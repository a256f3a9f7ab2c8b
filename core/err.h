/* err.h -- what went wrong, told from the outside in
 *
 * A function that can fail takes a last argument `struct err *err`, returns
 * 0 or -1, and on -1 has written one sentence there.  Each caller that can
 * name what it was doing adds it in front, so a reader sees
 *
 *     configs/nightly.yaml:14:9: axes.lambda: 1.02 is not below 1 (decay per bar)
 *
 * err_set and err_add return -1, so the failing line is also the return:
 *
 *     return err_set(err, ERR_INPUT, "%s: no prices after %s", symbol, date);
 *
 * It is one line that any terminal can show: control characters and bytes that are not
 * UTF-8, of a file's name or cell, stand there as \x1b (text_show).  Nothing here
 * prints, exits or allocates.  `err` may be NULL.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err_kind {
    ERR_NONE = 0,
    ERR_USAGE,      /* the command line                                  */
    ERR_INPUT,      /* a job file, market data or a set that is wrong    */
    ERR_IO,         /* the file system or HDF5 refuses                   */
    ERR_COMM,       /* MPI or ZeroMQ refuses                             */
    ERR_INCOMPLETE, /* finished, but not every instrument has its values */
    ERR_REFUSED,    /* a validation gate or guard-rail says no           */
    ERR_STOPPED,    /* asked to stop; run again to go on                 */
    ERR_MEMORY,     /* an allocation failed                              */
    ERR_BUG,        /* an invariant of ours is broken                    */
};

enum { ERR_TEXT_MAX = 512 };

struct err {
    enum err_kind kind;
    char text[ERR_TEXT_MAX];
};

/* Start the story: the fault itself. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Go on with it: what the caller was doing, put in front as "context: ".
 * A context that no longer fits is dropped; the cause never is. */
int err_add(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit code of the program that ends with this error (design: 0 done,
 * 2 usage, 3 bad input, 4 incomplete, 5 refused, 70 internal, 75 stopped). */
int err_exit_code(const struct err *err);

#endif /* CORE_ERR_H */
