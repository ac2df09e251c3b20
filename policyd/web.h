/*
 * What is shown over HTTP (http.listen), read only: the page at /, and
 * /status.json, /history.json, /metrics, /healthz.
 */
#ifndef WEIR_POLICYD_WEB_H
#define WEIR_POLICYD_WEB_H

#include "daemon.h"

struct web;

/* fd: listening; owned from now on. listen is its name, and must outlive it. */
struct web *web_new(struct daemon *, int fd, const char *listen);
void web_free(struct web **);

#endif
