/*
 * Commands that go on until Ctrl-C: weirctl events -f, hosts --watch.
 *
 * And if the daemon goes away meanwhile? We wait for it: a restart is one of
 * the things an operator wants to watch.
 */
#include "ctl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define EACH_NS 500000000L

static volatile sig_atomic_t interrupted;

static void
interrupt_cb(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void
say_change(bool away)
{
	(void)fprintf(stderr, away ? "weirctl: weir-policyd is away, waiting "
	    "for it\n" : "weirctl: weir-policyd is back\n");
}

enum ctl_exit
ctl_follow(struct ctl *ctl, follow_fn fn, void *ctx)
{
	struct sigaction action = { .sa_handler = interrupt_cb };
	const struct timespec pause = { .tv_nsec = EACH_NS };
	enum ctl_exit code = fn(ctl, ctx);
	bool away = false;

	if (code == CTL_AWAY)
		return ctl_say_away(ctl);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)fflush(ctl->page.out);
	while (!interrupted && !ferror(ctl->page.out)) {
		if (nanosleep(&pause, NULL) == -1 && errno == EINTR)
			continue;
		code = fn(ctl, ctx);
		if (code != CTL_DONE && code != CTL_AWAY)
			return code;
		if (away != (code == CTL_AWAY))
			say_change(!away);
		away = code == CTL_AWAY;
		(void)fflush(ctl->page.out);
	}
	return CTL_DONE;
}
