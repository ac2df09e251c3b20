/*
 * The parent of --supervise. It does so little that it has no reason to die:
 * it holds the sockets, waits, and starts the worker again.
 *
 * A connection that the dead worker had accepted is lost with it; one that was
 * waiting to be accepted is served by the next worker.
 */
#include "io/supervise.h"

#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_FIRST span_ms(100)
#define PAUSE_MAX span_s(1)
#define LIVED_LONG span_s(1)

struct supervisor {
	int fds[LISTEN_MAX];
	bool passed[LISTEN_MAX]; /* by who started us, who keeps it */
	size_t count;
	char *const *argv;
	sigset_t signals; /* what the parent waits for */
	sigset_t before;
	struct span pause;
	bool served; /* a worker once lived long */
	bool stopping;
};

static int
open_all(struct supervisor *sup, const struct supervised_socket *sockets,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sup->fds[i] = listen_get(&sockets[i].address,
		    &sockets[i].access, &sup->passed[i]);
		if (sup->fds[i] == -1) {
			log_error("cannot listen on %s: %s",
			    sockets[i].address.is_unix ?
			    sockets[i].address.path : sockets[i].address.host,
			    strerror(errno));
			return -1;
		}
		sup->count++;
	}
	return 0;
}

/* In the child: the sockets become descriptors 3, 4, ... */
static int
place_sockets(const struct supervisor *sup)
{
	int above = LISTEN_FIRST_FD + (int)sup->count;
	int moved[LISTEN_MAX];

	/* first out of the way, since one may stand on another's place */
	for (size_t i = 0; i < sup->count; i++) {
		moved[i] = fcntl(sup->fds[i], F_DUPFD_CLOEXEC, above);
		if (moved[i] == -1)
			return -1;
	}
	for (size_t i = 0; i < sup->count; i++) {
		if (dup2(moved[i], LISTEN_FIRST_FD + (int)i) == -1)
			return -1;
	}
	return 0;
}

static void
run_worker(const struct supervisor *sup, pid_t parent)
{
	char number[24];

	(void)sigprocmask(SIG_SETMASK, &sup->before, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent ||
	    place_sockets(sup) == -1)
		_exit(EX_OSERR);
	(void)snprintf(number, sizeof(number), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", number, 1);
	(void)snprintf(number, sizeof(number), "%zu", sup->count);
	(void)setenv("LISTEN_FDS", number, 1);
	(void)execvp(sup->argv[0], sup->argv);
	log_error("cannot start %s: %s", sup->argv[0], strerror(errno));
	_exit(EX_OSERR);
}

/*
 * Waits until the worker has ended; signals for it are passed on meanwhile.
 * With worker 0 waits until the time is over. False when we are to stop.
 */
static bool
wait_signals(struct supervisor *sup, pid_t worker, int *status_r,
    struct span limit)
{
	struct timespec left = { .tv_sec = limit.us / SPAN_SECOND,
		.tv_nsec = limit.us % SPAN_SECOND * 1000 };
	int sig;

	for (;;) {
		if (worker != 0 && waitpid(worker, status_r, WNOHANG) == worker)
			return !sup->stopping;
		sig = sigtimedwait(&sup->signals, NULL,
		    worker == 0 ? &left : NULL);
		if (sig == -1 && errno == EAGAIN)
			return true;
		if (sig == SIGTERM || sig == SIGINT) {
			sup->stopping = true;
			if (worker == 0)
				return false;
			sig = SIGTERM;
		}
		if (sig > 0 && sig != SIGCHLD && worker != 0)
			(void)kill(worker, sig);
	}
}

static void
log_end(pid_t worker, int status)
{
	if (WIFSIGNALED(status))
		log_warning("worker %ld was killed by signal %d, starting "
		    "another", (long)worker, WTERMSIG(status));
	else
		log_warning("worker %ld ended with status %d, starting "
		    "another", (long)worker, WEXITSTATUS(status));
}

/* An administrator's mistake: trying again would only repeat it. */
static bool
refused_to_start(const struct supervisor *sup, int status)
{
	return !sup->served && WIFEXITED(status) &&
	    WEXITSTATUS(status) >= EX_USAGE && WEXITSTATUS(status) <= EX_CONFIG;
}

static int
run_workers(struct supervisor *sup)
{
	for (;;) {
		pid_t parent = getpid(), worker;
		struct mono began = clock_now().mono;
		int status = 0;

		worker = fork();
		if (worker == 0)
			run_worker(sup, parent);
		if (worker == -1) {
			log_error("cannot start a worker: %s", strerror(errno));
		} else if (!wait_signals(sup, worker, &status, span_us(0))) {
			return EX_OK;
		} else if (mono_since(clock_now().mono, began).us >=
		    LIVED_LONG.us) {
			sup->served = true;
			sup->pause = PAUSE_FIRST;
			log_end(worker, status);
			continue;
		} else if (refused_to_start(sup, status)) {
			return WEXITSTATUS(status);
		} else {
			log_end(worker, status);
		}
		if (!wait_signals(sup, 0, NULL, sup->pause))
			return EX_OK;
		sup->pause.us *= 2;
		if (sup->pause.us > PAUSE_MAX.us)
			sup->pause = PAUSE_MAX;
	}
}

int
supervise(const struct supervised_socket *sockets, size_t count,
    char *const argv[])
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2, SIGCHLD };
	struct supervisor sup = { .argv = argv, .pause = PAUSE_FIRST };
	int result;

	(void)sigemptyset(&sup.signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&sup.signals, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &sup.signals, &sup.before);
	/* who started us may ignore it, and the end of a worker with it */
	(void)signal(SIGCHLD, SIG_DFL);
	if (open_all(&sup, sockets, count) == -1)
		return EX_OSERR;
	listen_close_rest();
	result = run_workers(&sup);
	for (size_t i = 0; i < count; i++) {
		if (!sup.passed[i])
			listen_remove(&sockets[i].address);
	}
	return result;
}
