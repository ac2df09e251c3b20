/*
 * A small world on a virtual clock: smart hosts that are well or ill in a
 * named way, probes that find them so, mail that is sent by what choose()
 * says. No time passes but by world_go.
 */
#ifndef WEIR_TESTS_SCENARIO_WORLD_H
#define WEIR_TESTS_SCENARIO_WORLD_H

#include "core/choose.h"

enum { WORLD_PROBES_MAX = 4096, WORLD_CONNECTORS_MAX = 4,
	WORLD_USERS_MAX = 4 };

struct ill { /* a way to be, as scenarios name it */
	const char *name;
	enum evidence_grade grade; /* of a delivery */
	enum stage stage;
	int code;
	const char *error, *text;
};

struct probe_made {
	struct mono at;
	size_t host;
	enum evidence_source as;
};

struct world {
	struct config config;
	struct smart_host smart_hosts[MEMBERS_MAX];
	struct member members[MEMBERS_MAX];
	char names[MEMBERS_MAX][NAME_MAX_LEN + 1];
	char ips[MEMBERS_MAX][24], nexthops[MEMBERS_MAX][32];
	struct connector connectors[WORLD_CONNECTORS_MAX];
	char connector_names[WORLD_CONNECTORS_MAX][NAME_MAX_LEN + 1];
	struct connector *connector; /* the last one */
	struct route route;
	struct identity_user users[WORLD_USERS_MAX];
	char user_names[WORLD_USERS_MAX][NAME_MAX_LEN + 1];
	char homes[WORLD_USERS_MAX][NAME_MAX_LEN + 1];
	char default_home[NAME_MAX_LEN + 1];

	struct hosts hosts;
	struct chooser chooser;
	struct events *events;
	const struct ill *is[MEMBERS_MAX];
	char login[64]; /* "": none */
	bool plain; /* Postfix does without TLS */
	struct now now;
	bool started;
	struct probe_made probes[WORLD_PROBES_MAX];
	size_t nprobes;
};

void world_init(struct world *);
void world_clear(struct world *);

const struct ill *ill_find(const char *name); /* NULL: none */

/* Before world_start: hosts from now on are its members. The first is there. */
void world_add_connector(struct world *, const char *name);

/* SIZE_MAX: none of that name. */
size_t world_connector(const struct world *, const char *name);

/* Before world_start: a member of the last connector. */
size_t world_add_host(struct world *, const char *name, unsigned cost,
    unsigned weight);
void world_start(struct world *);

size_t world_host(const struct world *, const char *name); /* or SIZE_MAX */

/* On to that second; every probe due on the way is made. */
void world_go(struct world *, struct span since_start);

/*
 * What the mail log says of a host, in a delivery that began so long ago and
 * was over so long ago.
 */
void world_log(struct world *, size_t host, const struct ill *,
    struct span age, struct span over);

void world_decide(struct world *, bool dry, struct decision *decision_r);

/*
 * One message, as Postfix would send it: along the list until a host takes it.
 * The host, or SIZE_MAX when it stays in the queue.
 */
size_t world_send(struct world *);

#endif
