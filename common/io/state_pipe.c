/*
 * One connection to the state, with deadlines.
 *
 * hiredis' own blocking calls bound each read, so a server that trickles bytes
 * can stretch a call without end; here every wait is for what is left of the
 * whole. Writes never raise SIGPIPE.
 */
#include "io/state_pipe.h"

#include "core/text.h"
#include "core/wire.h"
#include "io/deadline.h"
#include "io/state_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NOTES_AT_ONCE = 16384 };

static const struct resp_limits reply_limits = {
	.elements = 65536,
	.bytes = 16 << 20,
	.replies = true,
};

static enum pipe_result
fail(struct state_pipe *pipe, enum pipe_result result, const char *why)
{
	pipe->result = result;
	(void)text_escape(pipe->why, sizeof(pipe->why), why, strlen(why));
	return result;
}

/* 0, or -1 when the deadline came first. */
static int
wait_for(struct state_pipe *pipe, short what)
{
	if (deadline_wait(pipe->fd, what, pipe->deadline) == 0)
		return 0;
	(void)fail(pipe, PIPE_FAILED, "no answer in time");
	return -1;
}

struct state_pipe *
state_pipe_open(const char *path, struct mono deadline)
{
	struct state_pipe *pipe = calloc(1, sizeof(*pipe));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (pipe == NULL)
		abort();
	pipe->deadline = deadline;
	pipe->resp = resp_new(&reply_limits);
	pipe->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (text_copy(address.sun_path, sizeof(address.sun_path), path) == -1)
		(void)fail(pipe, PIPE_FAILED, "the socket's path is too long");
	else if (pipe->fd == -1 || deadline_connect(pipe->fd,
	    (const struct sockaddr *)&address, sizeof(address), deadline) == -1)
		(void)fail(pipe, PIPE_FAILED, strerror(errno));
	return pipe;
}

void
state_pipe_free(struct state_pipe **pipep)
{
	struct state_pipe *pipe = *pipep;

	if (pipe == NULL)
		return;
	if (pipe->fd != -1)
		(void)close(pipe->fd);
	resp_free(&pipe->resp);
	resp_out_clear(&pipe->out);
	free(pipe);
	*pipep = NULL;
}

void
state_pipe_let_wait(struct state_pipe *pipe, struct span timeout)
{
	struct timeval wait = { .tv_sec = timeout.us / SPAN_SECOND,
		.tv_usec = timeout.us % SPAN_SECOND };

	pipe->patient = setsockopt(pipe->fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
	    sizeof(wait)) == 0;
}

enum pipe_result
state_pipe_flush(struct state_pipe *pipe)
{
	struct resp_out *out = &pipe->out;

	while (pipe->result == PIPE_OK && resp_out_pending(out) > 0) {
		ssize_t len = send(pipe->fd, out->bytes + out->start,
		    resp_out_pending(out), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (len > 0)
			resp_out_sent(out, (size_t)len);
		else if (errno == EAGAIN)
			(void)wait_for(pipe, POLLOUT);
		else if (errno != EINTR)
			(void)fail(pipe, PIPE_CLOSED, strerror(errno));
	}
	return pipe->result;
}

static void
receive_some(struct state_pipe *pipe, bool first)
{
	char bytes[RESP_FEED_MAX];
	bool in_kernel = first && pipe->patient;
	ssize_t len;

	if (!in_kernel && wait_for(pipe, POLLIN) == -1)
		return;
	len = recv(pipe->fd, bytes, sizeof(bytes),
	    in_kernel ? 0 : MSG_DONTWAIT);
	if (len > 0)
		resp_feed(pipe->resp, bytes, (size_t)len);
	else if (len == 0 || (errno != EAGAIN && errno != EINTR))
		(void)fail(pipe, first ? PIPE_CLOSED : PIPE_FAILED,
		    "closed before the answer");
}

enum pipe_result
state_pipe_receive(struct state_pipe *pipe, struct resp_frame *frame_r)
{
	enum resp_result result;
	bool first = true;

	while ((result = resp_next(pipe->resp, frame_r)) == RESP_MORE) {
		receive_some(pipe, first);
		if (pipe->result != PIPE_OK)
			return pipe->result;
		first = false;
	}
	if (result == RESP_BAD)
		return fail(pipe, PIPE_FAILED, resp_why(pipe->resp));
	if (!resp_is_drained(pipe->resp))
		return fail(pipe, PIPE_FAILED, "more than was asked for");
	return PIPE_OK;
}

bool
state_pipe_sent(struct state_pipe *pipe)
{
	return state_pipe_flush(pipe) == PIPE_OK;
}

void
state_pipe_note(struct state_pipe *pipe, size_t argc, const char *const *argv)
{
	resp_put_strings(&pipe->out, argc, argv);
	if (resp_out_pending(&pipe->out) >= NOTES_AT_ONCE)
		(void)state_pipe_flush(pipe);
}
