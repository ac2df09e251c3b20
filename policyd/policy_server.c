/*
 * Policy requests: taken apart, made canonical, answered by the model.
 */
#include "policy_server.h"

#include "core/policy.h"
#include "daemon.h"
#include "io/clock.h"
#include "io/idn.h"
#include "io/login.h"

#include <stdio.h>

static void
policy_answer(void *ctx, const char *bytes, size_t len,
    struct service_answer *answer)
{
	static const enum service_result results[] = {
		[POLICY_PARSE_MORE] = SERVICE_MORE,
		[POLICY_PARSE_DONE] = SERVICE_DONE,
		[POLICY_PARSE_BAD] = SERVICE_BAD,
	};
	struct daemon *daemon = ctx;
	struct policy_request request;

	answer->result = results[policy_parse(bytes, len, &request,
	    &answer->used, &answer->why)];
	if (answer->result != SERVICE_DONE)
		return;
	idn_make_canonical(request.sender);
	idn_make_canonical(request.recipient);
	login_make_canonical(&daemon->config->identities, request.user);
	answer->len = (size_t)snprintf(answer->text,
	    policy_protocol.answer_max, "action=%s\n\n",
	    model_answer(&daemon->model, &request, clock_now()));
}

const struct service_protocol policy_protocol = {
	.name = "policy",
	.request_max = POLICY_REQUEST_MAX,
	.answer_max = ACTION_TEXT_MAX + sizeof("action=\n\n"),
	.answer = policy_answer,
};
