/*
 * Who may ask, and which page answers.
 */
#include "web_parts.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_SHOWN_MAX = 120 };

static const struct page {
	const char *path;
	void (*begin)(struct web *, const struct http_request *,
	    struct http_answer *);
} pages[] = {
	{ "/status.json", web_status },
	{ "/history.json", web_history },
	{ "/metrics", web_metrics },
	{ "/healthz", web_health },
};

static bool
answer_file(const struct http_request *request, struct http_answer *answer)
{
	for (size_t i = 0; i < web_files_count; i++) {
		const struct web_file *file = &web_files[i];

		if (strcmp(file->path, request->path) != 0)
			continue;
		answer->status = 200;
		answer->type = file->type;
		textbuf_add(&answer->body, file->bytes, file->len);
		return true;
	}
	return false;
}

static void
refuse_host(struct web *web, const struct http_request *request,
    struct http_answer *answer)
{
	char shown[HOST_SHOWN_MAX], why[HOST_SHOWN_MAX + 80];

	(void)snprintf(why, sizeof(why), "it asks for the host %s, which is "
	    "not in http.hosts", text_escape(shown, sizeof(shown),
	    request->host, strlen(request->host)));
	http_server_complain(web->server, why);
	answer->status = 403;
	answer->type = "text/plain; charset=utf-8";
	textbuf_puts(&answer->body, "This name is not in http.hosts of "
	    "weir.conf.\n");
}

static void
answer_cb(void *ctx, const struct http_request *request,
    struct http_answer *answer)
{
	struct web *web = ctx;

	if (!http_host_is_ours(request, web->listen,
	    &web->daemon->config->http.hosts)) {
		refuse_host(web, request, answer);
		return;
	}
	if (answer_file(request, answer))
		return;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(pages[i].path, request->path) == 0)
			pages[i].begin(web, request, answer);
	}
}

static void
tick_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct web *web = ctx;

	(void)fd;
	(void)what;
	history_tick(web->history, &web->daemon->model.hosts,
	    clock_now().wall);
}

struct web *
web_new(struct daemon *daemon, int fd, const char *listen)
{
	struct web *web = calloc(1, sizeof(*web));
	struct timeval step = { .tv_sec = HISTORY_STEP.us / SPAN_SECOND };

	if (web == NULL)
		abort();
	web->daemon = daemon;
	web->listen = listen;
	web->history = history_new();
	web->near = near_new(daemon);
	web->server = http_server_new(daemon->base, fd, listen, answer_cb,
	    web);
	web->tick = loop_event_new(daemon->base, LOOP_PRIORITY_REST, -1,
	    EV_PERSIST, tick_cb, web);
	(void)event_add(web->tick, &step);
	history_tick(web->history, &daemon->model.hosts, clock_now().wall);
	return web;
}

void
web_free(struct web **webp)
{
	struct web *web = *webp;

	if (web == NULL)
		return;
	http_server_free(&web->server);
	event_free(web->tick);
	near_free(&web->near);
	history_free(&web->history);
	free(web);
	*webp = NULL;
}

/* --- /healthz --- */

const char *
web_flow_text(enum flows flows, const struct flow_lame *lame,
    char buf[FLOW_TEXT_MAX])
{
	size_t size = FLOW_TEXT_MAX;

	switch (flows) {
	case FLOWS_WELL:
		(void)snprintf(buf, size, "every smart host in use is usable");
		break;
	case FLOWS_PARTLY:
		(void)snprintf(buf, size, "some smart hosts are not usable; "
		    "the others take their mail");
		break;
	case FLOWS_LAME:
	case FLOWS_NOT:
		if (lame->host != NULL)
			(void)snprintf(buf, size, "smart host %s, which a "
			    "route names alone, is not usable",
			    lame->host->config->name);
		else
			(void)snprintf(buf, size, "no smart host of connector "
			    "%s is usable", lame->connector->name);
		break;
	}
	return buf;
}

/* 503 tells the balancer in front to send its mail elsewhere. */
void
web_health(struct web *web, const struct http_request *request,
    struct http_answer *answer)
{
	const struct daemon *daemon = web->daemon;
	struct flow_lame lame;
	enum flows flows = flows_of(daemon->config, &daemon->model.hosts,
	    clock_now().wall, &lame);
	char text[FLOW_TEXT_MAX];

	(void)request;
	answer->status = flows == FLOWS_NOT ? 503 : 200;
	answer->type = "text/plain; charset=utf-8";
	textbuf_puts(&answer->body, web_flow_text(flows, &lame, text));
	textbuf_puts(&answer->body, "\n");
}
