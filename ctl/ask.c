/*
 * Questions to the state. And if it is away? Exit 3, with the reason the
 * system gives for the socket, since "not running" and "you may not open it"
 * ask for different hands.
 */
#include "ctl.h"
#include "field.h"
#include "tree.h"

#include "core/text.h"
#include "io/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SAID_MAX = 1024 };

#define ASK_TIMEOUT span_s(5)

enum ctl_exit
ctl_say(const struct ctl *ctl, enum ctl_exit code, const char *fmt, ...)
{
	char raw[SAID_MAX], shown[SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_escape(shown, sizeof(shown), raw, strlen(raw));
	(void)fprintf(stderr, "weirctl: %s\n", shown);
	if (ctl->json && code != CTL_USAGE) {
		json_t *object = json_object();

		json_object_set_new(object, "error", json_string(shown));
		ctl_print_json(ctl, object);
		json_decref(object);
	}
	return code;
}

void
ctl_print_json(const struct ctl *ctl, const json_t *object)
{
	json_dumpf(object, ctl->page.out, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)fputc('\n', ctl->page.out);
}

/* 0 when the socket takes connections, else errno. */
static int
socket_errno(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, error = 0;

	if (text_copy(addr.sun_path, sizeof(addr.sun_path), path) == -1)
		return ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		error = errno;
	(void)close(fd);
	return error;
}

bool
ctl_is_denied(const struct ctl *ctl)
{
	return ctl->socket != NULL && socket_errno(ctl->socket) == EACCES;
}

enum ctl_exit
ctl_say_away(const struct ctl *ctl)
{
	int error = socket_errno(ctl->socket);

	switch (error) {
	case 0:
		return ctl_say(ctl, CTL_AWAY, "%s is open, but weir-policyd "
		    "does not answer there%s%s", ctl->socket,
		    ctl->why[0] != '\0' ? ": " : "", ctl->why);
	case EACCES:
		return ctl_say(ctl, CTL_AWAY, "you may not open %s: be root, "
		    "or in its group", ctl->socket);
	case ENOENT:
	case ECONNREFUSED:
		return ctl_say(ctl, CTL_AWAY, "weir-policyd is not running: "
		    "%s: %s", ctl->socket, strerror(error));
	default:
		return ctl_say(ctl, CTL_AWAY, "%s: %s", ctl->socket,
		    strerror(error));
	}
}

static enum ctl_exit
ctl_connect(struct ctl *ctl)
{
	struct state_client_settings settings = {
		.role = "ctl",
		.instance = "",
		.timeout = ctl->patience.us != 0 ? ctl->patience : ASK_TIMEOUT,
	};

	if (ctl->client != NULL)
		return CTL_DONE;
	if (ctl->socket == NULL) {
		char why[TREE_WHY_MAX];

		ctl->socket = tree_socket(ctl->config, ctl->config_given, why);
		if (ctl->socket == NULL)
			return ctl_say(ctl, CTL_USAGE, "%s", why);
	}
	settings.socket = ctl->socket;
	ctl->client = state_client_new(&settings);
	return CTL_DONE;
}

/* "ERR no host ..." -> "no host ...": the tag is for programs. */
static const char *
error_words(const char *error)
{
	const char *blank = strchr(error, ' ');
	size_t tag;

	error += error[0] == '-';
	tag = strspn(error, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return tag > 0 && blank == error + tag ? blank + 1 : error;
}

/* Not an object: whoever answers there, it is not weir-policyd. */
static enum ctl_exit
ctl_read(const struct state_reply *reply, json_t **object_r)
{
	if (object_r == NULL)
		return CTL_DONE;
	*object_r = reply->count == 1 ?
	    json_loads(reply->elements[0], 0, NULL) : NULL;
	if (json_is_object(*object_r))
		return CTL_DONE;
	json_decref(*object_r);
	*object_r = NULL;
	return CTL_AWAY;
}

enum ctl_exit
ctl_ask_quietly(struct ctl *ctl, json_t **object_r, size_t argc,
    const char *const *argv)
{
	struct state_reply reply = { 0 };
	enum ctl_exit code = ctl_connect(ctl);

	if (code != CTL_DONE)
		return code;
	switch (state_call(ctl->client, argc, argv, &reply)) {
	case STATE_OK:
		code = ctl_read(&reply, object_r);
		break;
	case STATE_ERROR:
		code = ctl_say(ctl, CTL_NO, "%s", error_words(reply.error));
		break;
	case STATE_AWAY:
		(void)text_copy(ctl->why, sizeof(ctl->why), reply.error);
		code = CTL_AWAY;
		break;
	}
	state_reply_free(&reply);
	return code;
}

enum ctl_exit
ctl_ask(struct ctl *ctl, json_t **object_r, size_t argc,
    const char *const *argv)
{
	enum ctl_exit code = ctl_ask_quietly(ctl, object_r, argc, argv);

	return code == CTL_AWAY ? ctl_say_away(ctl) : code;
}

int64_t
ctl_now(void)
{
	return clock_now().wall.us / SPAN_SECOND;
}
