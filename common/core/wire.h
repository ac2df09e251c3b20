/*
 * The state protocol: RESP2 arrays of bulk strings over a Unix stream socket.
 *
 * A client opens with
 *   HELLO weir 1 <milter|ctl> [instance]
 *     -> [ "weir", "1", epoch, generation ]
 * epoch names one run of the state owner: a milter that sees a new one
 * announces its open sessions before anything else. From then on a milter may
 * read and report, a ctl read and operate, as far as its user may
 * (io/state_roles.h); a client without HELLO may what its user may.
 *
 * Requests of a milter (each answered by one verdict, an array of
 * WIRE_VERDICT_ELEMENTS strings, see wire_verdict_put):
 *   CONNECT id listener client port
 *   MAIL id user sender [by-network [size]]
 *                                        user "" = not authenticated;
 *                                        by-network 0 | 1: the client's network
 *                                        gave the user, nobody logged in; size:
 *                                        the bytes the client says it will have
 *   RCPT id recipient mailer host queue-id [user sender by-network]
 *                                        with the latter it begins the message
 *                                        too: MAIL, then this recipient, and
 *                                        what refuses first is answered. For
 *                                        those that needed no answer at MAIL
 *                                        (gate_mail_decides); all of them say
 *                                        so until one recipient has passed
 *   END id queue-id size                 a message that passes all other
 *                                        checks; size 0: it was not counted.
 *                                        Ends the message, whatever the verdict
 *   DONE id give-back                    give-back 0 | 1; ends one that does
 *                                        not pass, or was given up
 *
 * Notes of a milter (no answer; a malformed one closes the connection):
 *   CLOSE id
 *   ENDED id queue-id                    END with size 0, of a message that has
 *                                        that queue id here too, where nothing
 *                                        hangs on the answer
 *                                        (gate_end_decides); passed over when
 *                                        the session has gone on meanwhile
 *   ANNOUNCE id listener client port mail user sender queue-id recipients
 *       mailer host [by-network]         mail, by-network 0 | 1; mailer and
 *                                        host as at RCPT, "" where the
 *                                        recipients differ
 *   CHARGED rule key used age-ms [network]
 *                                        counted while the state was away;
 *                                        network: of a rule by clients
 *   EVENT name [key value]...            what it logs of its own
 *   APPLIED generation [mistake]...      it uses the configuration that is of
 *                                        this generation here, or for these
 *                                        mistakes its old one still
 *
 * GENERATION -> [ generation ] of the configuration here; every verdict has it
 * too. A milter that sees another one reads its own file again.
 *
 * An error is "-ERR text", "-NOPERM text" (the user's role does not allow it)
 * or "-NOSESSION text" (announce it and ask again).
 *
 * Anyone who may open the socket; answers are one bulk string of JSON, whose
 * keys weirctl(1) has:
 *   PING [text]                          not JSON: +PONG, or the text
 *   STATUS
 *   HOSTS [from]                         from: a number, 0 for the first
 *   HOST name                            with the history of it
 *   LIMITS cursor count [above]          those fuller than 'above' millionths
 *                                        of their limit; the first cursor is 0
 *   LIMIT key
 *   CONNECTIONS
 *   EVENTS after max                     those whose "seq" is beyond 'after'
 *   EXPLAIN [key value]...               user, sender, recipient, client,
 *                                        listener, from, header
 *   PAST queue-id-or-ref
 * What may be long comes in pages, smaller than asked for when that would hold
 * up the loop: HOSTS until there is no "next", LIMITS until "cursor" is "0",
 * EVENTS until "last" was shown; another "epoch" than before is another run,
 * whose events begin at 1 again.
 *
 * Administrators, +OK once it is on disk:
 *   DRAIN name [seconds], DOWN name, ENABLE name
 *   RESET key [rule]                     as weirctl limits reset
 * and with JSON when the probe, the reload of both daemons is over:
 *   PROBE name
 *   RELOAD
 */
#ifndef WEIR_CORE_WIRE_H
#define WEIR_CORE_WIRE_H

#include "core/verdict.h"

enum {
	WIRE_VERSION = 1,
	WIRE_ARGS_MAX = 64,
	WIRE_PENDING_MAX = 65536,
	WIRE_VERDICT_ELEMENTS = 11,
	WIRE_MISTAKES_MAX = 20,
	WIRE_ELEMENT_MAX = LIMIT_KEY_MAX,
};

/*
 * A verdict as strings: action, reason tag, rule, key, what, used, limit,
 * period in ms, wait in ms, ref, generation of the configuration.
 */
struct wire_verdict {
	char elements[WIRE_VERDICT_ELEMENTS][WIRE_ELEMENT_MAX];
};

void wire_verdict_put(struct wire_verdict *, const struct verdict *,
    uint64_t generation);

/* 0, or -1 when any element is not what it should be. */
int wire_verdict_get(const char *const *elements, size_t count,
    struct verdict *verdict_r, uint64_t *generation_r);

/* A whole decimal number within range; 0 or -1. */
int wire_number(const char *text, uint64_t max, uint64_t *number_r);

#endif
