/* cmd_import.h -- `plimsoll import`: vendor files into the history store */
#ifndef COORDINATOR_CMD_IMPORT_H
#define COORDINATOR_CMD_IMPORT_H

#include "core/err.h"

/* argv[0] is "import".  Prints the report of each series to standard output.  All
 * series are stored at once or, on failure, none. */
int cmd_import(int argc, char **argv, struct err *err);

#endif /* COORDINATOR_CMD_IMPORT_H */
