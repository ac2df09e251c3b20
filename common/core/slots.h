/*
 * What Postfix is told of a sender's mail at each delivery attempt, by the
 * socketmap.
 *
 * It asks several times a message, once a recipient, and two answers would
 * split the message. So an answer holds for SLOTS_HOLD: the first who asks
 * makes the choice, the others get the same. It ends early when a host's
 * health or order changes, so that none is named a moment longer than it is
 * usable, and with a new configuration.
 *
 * Senders are strangers' words: the memory has SLOTS_MAX places, found by a
 * keyed hash, and who needs a place takes it. The price is that an answer may
 * not hold; never that it is wrong.
 *
 * The balance is one of its own. With the policy service's, a message that
 * asks both would take two turns, and every first turn could be the same
 * host's.
 */
#ifndef WEIR_CORE_SLOTS_H
#define WEIR_CORE_SLOTS_H

#include "core/choose.h"

enum { SLOTS_MAX = 4096 };

#define SLOTS_HOLD span_s(2)

enum slots_map { SLOTS_SENDER, SLOTS_RECIPIENT };

struct slot;

struct slots {
	struct slot *list;
	struct chooser chooser;
	uint8_t key[16];
};

void slots_init(struct slots *, const struct config *,
    const uint8_t key[16]);
void slots_clear(struct slots *);

/* Forgets every answer: they may name hosts that are gone. */
void slots_reload(struct slots *, const struct config *);

/*
 * The decision for a sender or a recipient (canonical; "": the null sender),
 * of whose session nothing is known: routes that ask for it do not match. A
 * recipient has one only where a route asks for recipients, else it is
 * DECISION_DUNNO: that table comes before the senders', and takes local
 * recipients along. A decision that was given before comes without its
 * candidates. dry: nothing is chosen or remembered.
 *
 * A message that tries a sick host does so once: such an answer does not hold,
 * whoever asks next gets the usual one.
 */
void slots_ask(struct slots *, const struct config *, struct hosts *,
    enum slots_map, const char *address, struct now, bool dry,
    struct decision *decision_r);

#endif
