/*
 * Requests of the socketmap: taken apart, made canonical, answered from memory
 * by the model. The queue manager waits for each answer with all mail behind
 * it, so nothing here may take its time.
 */
#include "socketmap_server.h"

#include "core/socketmap.h"
#include "daemon.h"
#include "io/clock.h"
#include "io/idn.h"

#include <string.h>

enum { REPLY_MAX = ACTION_TEXT_MAX + 16 }; /* length, status, comma */

static size_t
reply_to(struct daemon *daemon, struct socketmap_request *request, char *text)
{
	bool recipient = strcmp(request->name, "recipient") == 0;
	const char *entry = NULL;

	if (!recipient && strcmp(request->name, "sender") != 0)
		return socketmap_reply(text, REPLY_MAX, "PERM",
		    "weir has the maps sender and recipient, no other");
	idn_make_canonical(request->key);
	if (strcmp(request->key, "*") != 0)
		entry = model_entry(&daemon->model,
		    recipient ? SLOTS_RECIPIENT : SLOTS_SENDER, request->key,
		    clock_now(), false);
	return entry == NULL
	    ? socketmap_reply(text, REPLY_MAX, "NOTFOUND", "")
	    : socketmap_reply(text, REPLY_MAX, "OK", entry);
}

static void
socketmap_answer(void *ctx, const char *bytes, size_t len,
    struct service_answer *answer)
{
	static const enum service_result results[] = {
		[SOCKETMAP_PARSE_MORE] = SERVICE_MORE,
		[SOCKETMAP_PARSE_DONE] = SERVICE_DONE,
		[SOCKETMAP_PARSE_BAD] = SERVICE_BAD,
	};
	struct socketmap_request request;

	answer->result = results[socketmap_parse(bytes, len, &request,
	    &answer->used, &answer->why)];
	if (answer->result == SERVICE_DONE)
		answer->len = reply_to(ctx, &request, answer->text);
}

const struct service_protocol socketmap_protocol = {
	.name = "socketmap",
	.request_max = SOCKETMAP_WIRE_MAX,
	.answer_max = REPLY_MAX,
	.answer = socketmap_answer,
};
