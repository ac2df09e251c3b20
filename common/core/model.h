/*
 * Everything the owner of the state holds, apart from sockets and files.
 */
#ifndef WEIR_CORE_MODEL_H
#define WEIR_CORE_MODEL_H

#include "core/choose.h"
#include "core/gate.h"
#include "core/offences.h"
#include "core/past.h"
#include "core/policy.h"
#include "core/senders.h"
#include "core/slots.h"
#include "core/spread.h"
#include "core/transport.h"

enum { ANSWERS_MAX = 4096, ANSWER_ACTION_MAX = 440, EVENTS_MAX = 1000 };

/*
 * Postfix asks again, on a second connection, when an answer was slow
 * (contract of the policy protocol): the same instance gets the same answer
 * and is counted once. An action too long for its slot is not remembered. More
 * recipients are another question: when DATA was refused for another reason, a
 * client may add some and try again.
 */
struct answer {
	char instance[POLICY_INSTANCE_MAX + 1];
	enum policy_state state; /* when it was asked first */
	uint32_t recipients;
	bool filtered; /* it was FILTER once, which Postfix does not forget */
	char action[ANSWER_ACTION_MAX];
};

/* Events of one kind that were not told, since there were too many. */
struct untold {
	struct mono since;
	unsigned told; /* since then */
	uint64_t repeats; /* not told since the last that was */
};

struct model {
	struct config *config;
	struct gate gate;
	struct hosts hosts;
	struct chooser chooser;
	struct events *events;
	struct past *past; /* choices and refusals */
	struct senders *senders; /* of messages taken */
	struct transport default_transport;
	struct answer *answers; /* ANSWERS_MAX slots, by hash of instance */
	struct slots slots; /* what the socketmap says */
	struct spreads spreads; /* since the last reload */
	uint64_t lookups; /* of it */
	char action[ACTION_TEXT_MAX]; /* the last answer */
	char entry[ACTION_TEXT_MAX]; /* the last entry */
	uint64_t requests; /* policy requests answered */
	uint64_t answered[REASON_COUNT]; /* decisions made, by reason */
	struct untold unrouted;
	struct offences *offences; /* told of by milters */
};

/*
 * Takes a reference of the configuration. default_transport is given to it
 * parsed, since "auto" means to ask Postfix.
 */
void model_init(struct model *, struct config *, const struct transport *,
    const uint8_t seed[16], event_sink, void *sink_ctx, struct now);
void model_clear(struct model *);

/* Puts a new configuration to use; what was counted stays. */
void model_reload(struct model *, struct config *, const struct transport *,
    struct now);

/*
 * The answer to one policy request: "FILTER ...", "DUNNO", "550 ...". At DATA
 * (or END-OF-MESSAGE when DATA was not asked) only; else DUNNO.
 *
 * The message is what the milter told of it when its session is known: then
 * every recipient must be for the default transport, and there must be as many
 * as Postfix counts. Else it is what the request says: then there must be one
 * recipient, and its domain must be none of local_domains. With several
 * recipients, or when no local_domains are given, nothing is known of them.
 * On any doubt DUNNO. But where an earlier DATA of the same message, refused
 * for another reason, was answered with FILTER, Postfix would keep to that:
 * then the client is asked to begin it anew.
 *
 * The text stays valid until the next call.
 */
const char *model_answer(struct model *, const struct policy_request *,
    struct now);

/*
 * The decision behind it when everything is known of the message: the choice,
 * held against policy.pin. Where that leaves it to the socketmap, the decision
 * is DUNNO, and the candidates are those Postfix might be told later.
 */
void model_choose(struct model *, const struct facts *, struct now, bool dry,
    struct decision *decision_r);

/*
 * Does such a message need an answer of the policy service? Where a route takes
 * it to a connector or a host, or refuses it, and policy.pin leaves that to the
 * policy service.
 */
bool model_needs_decision(const struct model *, const struct facts *);

/*
 * A message is whole, and nothing else is in its way; "" when its queue id is
 * not known. Was a decision made that it needs (milter.on_unrouted)? The rest
 * is gate_end. The message is ended.
 */
bool model_end(struct model *, struct session *, const char *queue_id,
    uint64_t size, struct now, struct verdict *);

/*
 * The socketmap's entry for a sender or a recipient (canonical; "": the null
 * sender), NULL: none, as for every recipient in local_domains. The text stays
 * valid until the next call.
 */
const char *model_entry(struct model *, enum slots_map, const char *address,
    struct now, bool dry);

/*
 * Is this recipient for this system, as far as local_domains tell? One without
 * a domain is local to Postfix. For messages no milter saw, and for explain.
 */
bool model_recipient_local(const struct config *, const char *recipient);

#endif
