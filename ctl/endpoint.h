/*
 * The sockets of weir.conf as Postfix names them.
 *
 * A chrooted service sees the queue directory as its root, others have it as
 * working directory: a Unix socket inside is named relative to it, which holds
 * for both ("unix:weir/milter.sock").
 */
#ifndef WEIR_CTL_ENDPOINT_H
#define WEIR_CTL_ENDPOINT_H

#include "core/arena.h"
#include "core/config.h"
#include "list.h"

enum { ENDPOINT_NAMES_MAX = 128 };

struct endpoint {
	const char *socket; /* of weir.conf, NULL: there is none */
	const char *chosen; /* the one that is named */
	const char *name;   /* what Postfix should call it; "" */
	bool chroot;        /* a chrooted service can reach it */
	/* all it may be called; those no chrooted service can use */
	const char *names[ENDPOINT_NAMES_MAX + 1];
	const char *outside[ENDPOINT_NAMES_MAX + 1];
};

struct endpoints {
	struct endpoint milter, policy;
	struct endpoint sender, recipient; /* "socketmap:unix:...:sender" */
};

/* Strings belong to the arena or the configuration. */
void endpoints_make(struct endpoints *endpoints_r, struct arena *,
    const struct config *, const char *queue_directory);

#endif
