#include "coordinator/stop.h"
#include "core/clock.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

void stop_catch_signals(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

int stop_start(struct stop *stop, const char *directory, int64_t limit_ns,
               struct err *err)
{
    *stop = (struct stop){0};
    if (file_join(directory, "stop", stop->file, err) != 0)
        return -1;
    unlink(stop->file);
    if (limit_ns > 0)
        stop->deadline_ns = clock_monotonic() + limit_ns;
    return 0;
}

const char *stop_reason(struct stop *stop)
{
    static const int64_t LOOK_NS = CLOCK_SECOND / 2; /* between looks at a file */
    const int64_t now = clock_monotonic();

    if (caught != 0)
        return caught == SIGTERM ? "SIGTERM" : "SIGUSR1";
    if (stop->deadline_ns != 0 && now >= stop->deadline_ns)
        return "--time-limit";
    if (now - stop->looked_ns >= LOOK_NS) {
        stop->looked_ns = now;
        if (access(stop->file, F_OK) == 0)
            return "the stop file";
    }
    return NULL;
}
