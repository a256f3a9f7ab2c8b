/* cmd_subscribe.h -- plimsoll subscribe: receive, verify and keep parameter sets */
#ifndef CLIENT_CMD_SUBSCRIBE_H
#define CLIENT_CMD_SUBSCRIBE_H

#include "core/err.h"

/* As the commands of coordinator/command.h: 0, or -1 with the error. */
int cmd_subscribe(int argc, char **argv, struct err *err);

#endif /* CLIENT_CMD_SUBSCRIBE_H */
