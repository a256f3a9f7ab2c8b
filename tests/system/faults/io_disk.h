/* io_disk.h -- what would stand on the disk if the power failed now?
 *
 * POSIX promises that bytes are on the disk after an fsync of their file, and that a
 * name (made, replaced, removed) is after an fsync of its directory; of the rest it
 * promises nothing.  Here the directory tree below one root is watched, what has been
 * synced of it is kept in memory, and a power failure puts the tree back to that.  For
 * test programs: a fault of its own is the end of the process. */
#ifndef TESTS_IO_DISK_H
#define TESTS_IO_DISK_H

enum io_loss {
    IO_LOSS_ALL,   /* only what was synced is there                              */
    IO_LOSS_BYTES, /* every name is there, of a file's bytes only what was synced */
    IO_LOSS_HALF,  /* every name is there, and half of what each file has grown  */
};

/* The tree below root (an absolute path) is on the disk as it is now. */
void io_disk_start(const char *root);

/* The file open as fd has been made just now. */
void io_disk_made(int fd);

/* The file or directory open as fd has been synced. */
void io_disk_synced(int fd);

/* Put the tree back to what a power failure leaves. */
void io_disk_lose(enum io_loss loss);

#endif /* TESTS_IO_DISK_H */
