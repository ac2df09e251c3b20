/*
 * From root to the daemon's own user.
 */
#include "io/become.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

gid_t
group_of(const char *name)
{
	struct group *group;

	errno = 0;
	group = getgrnam(name);
	if (group != NULL)
		return group->gr_gid;
	if (errno != 0)
		(void)fprintf(stderr, "group \"%s\": %s\n", name,
		    strerror(errno));
	else
		(void)fprintf(stderr, "there is no group \"%s\"; make it with: "
		    "groupadd --system %s\n", name, name);
	return (gid_t)-1;
}

/*
 * A change of user clears the signal a worker gets when its parent dies
 * (prctl(2)), so it is set again; a parent that died in between is seen by its
 * number.
 */
static int
drop_to(const struct passwd *user)
{
	pid_t parent = getppid();
	int death_signal = 0;

	(void)prctl(PR_GET_PDEATHSIG, &death_signal);
	if (initgroups(user->pw_name, user->pw_gid) == -1 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == -1 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == -1) {
		(void)fprintf(stderr, "cannot become user \"%s\": %s\n",
		    user->pw_name, strerror(errno));
		return -1;
	}
	if (death_signal != 0 && (prctl(PR_SET_PDEATHSIG, death_signal) ==
	    -1 || getppid() != parent)) {
		(void)fputs("the parent process is gone\n", stderr);
		return -1;
	}
	return 0;
}

/*
 * Whoever we are: as the units have it, for those who start us without. Files
 * we make hold who sends mail, and are for our group at most.
 */
static void
give_up_the_rest(void)
{
	(void)umask(0027);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int
become_user(const char *name)
{
	struct passwd *user;

	give_up_the_rest();
	if (geteuid() != 0)
		return 0;
	errno = 0;
	user = getpwnam(name);
	if (user == NULL) {
		if (errno != 0)
			(void)fprintf(stderr, "user \"%s\": %s\n", name,
			    strerror(errno));
		else
			(void)fprintf(stderr, "there is no user \"%s\"; make "
			    "it with: useradd --system --shell "
			    "/usr/sbin/nologin %s, or name another with -u\n",
			    name, name);
		return -1;
	}
	return drop_to(user);
}
