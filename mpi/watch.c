#include "mpi/watch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Of this process, as its timer is. */
static const char *volatile waiting_for;
static volatile sig_atomic_t seconds_left, patience, own_rank;

enum { EXIT_SILENCE = 70 };

/* Into text, from its end backwards; async-signal-safe. */
static const char *digits(unsigned value, char text[16])
{
    char *at = text + 15;

    *at = '\0';
    do
        *--at = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    return at;
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* nobody listens */
}

static void look(int signal)
{
    const int before = errno;
    char text[16];

    (void)signal;
    if (waiting_for != NULL && --seconds_left <= 0) {
        say("plimsoll: rank ");
        say(digits((unsigned)own_rank, text));
        say(": nothing for ");
        say(digits((unsigned)patience, text));
        say(" s while it waited for ");
        say(waiting_for);
        say(" (schedule.patience_s); the same command goes on\n");
        _exit(EXIT_SILENCE);
    }
    errno = before;
}

int watch_start(int rank, int patience_s, struct err *err)
{
    const struct itimerval each_second = {{1, 0}, {1, 0}};
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};

    own_rank = rank;
    patience = seconds_left = patience_s;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGALRM, &action, NULL) != 0 ||
        setitimer(ITIMER_REAL, &each_second, NULL) != 0)
        return err_set(err, ERR_BUG, "no timer: %s", strerror(errno));
    return 0;
}

void watch_end(void)
{
    const struct itimerval never = {{0, 0}, {0, 0}};

    waiting_for = NULL;
    setitimer(ITIMER_REAL, &never, NULL);
}

void watch_wait(const char *what)
{
    seconds_left = patience;
    waiting_for = what;
}

void watch_go(void)
{
    waiting_for = NULL;
}
