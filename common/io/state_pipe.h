/*
 * One blocking connection to the state, each step within a deadline; for
 * state_client.c only.
 */
#ifndef WEIR_IO_STATE_PIPE_H
#define WEIR_IO_STATE_PIPE_H

#include "core/span.h"
#include "io/resp.h"

#include <stdbool.h>
#include <stddef.h>

enum { PIPE_WHY_MAX = 160 };

enum pipe_result {
	PIPE_OK,
	PIPE_CLOSED, /* by the other side, before a byte of the answer */
	PIPE_FAILED, /* too late, garbage, no such socket */
};

struct state_pipe {
	int fd;
	struct resp *resp;
	struct resp_out out;
	struct mono deadline; /* of the call that uses it now */
	bool patient; /* the kernel waits as long, for the first bytes */
	enum pipe_result result; /* of what was tried last */
	char why[PIPE_WHY_MAX]; /* in words, when it was not PIPE_OK */
};

/* result tells whether it is connected. */
struct state_pipe *state_pipe_open(const char *path, struct mono deadline);
void state_pipe_free(struct state_pipe **);

/*
 * For calls that each have so long: the first wait of one is then left to the
 * kernel, a system call less.
 */
void state_pipe_let_wait(struct state_pipe *, struct span);

/* Sends what was appended to out. */
enum pipe_result state_pipe_flush(struct state_pipe *);

/* One frame, and nothing behind it. */
enum pipe_result state_pipe_receive(struct state_pipe *,
    struct resp_frame *frame_r);

#endif
