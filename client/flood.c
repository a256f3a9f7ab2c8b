#include "client/flood.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

static bool count_received(int fd, uint64_t *n_bytes)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(struct tcp_info, tcpi_bytes_received) +
                   sizeof info.tcpi_bytes_received)
        return false; /* ipc:// */
    *n_bytes = info.tcpi_bytes_received;
    return true;
}

bool flood_look(struct flood *flood, uint64_t n_bytes_max)
{
    uint64_t n_received;

    if (!count_received(flood->fd, &n_received))
        return false;
    if (flood->is_settled || n_received < flood->n_settled)
        flood->n_settled = n_received;
    flood->is_settled = false;
    if (n_received - flood->n_settled <= n_bytes_max + FLOOD_SLACK_BYTES)
        return false;
    shutdown(flood->fd, SHUT_RDWR);
    flood->n_settled = n_received;
    return true;
}
