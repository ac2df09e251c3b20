/*
 * message_rate of a listener, made into ordinary throttles, so that one
 * mechanism counts, refuses, shows and keeps everything.
 *
 * A listener "sub" with a rate has a throttle "sub/message-rate-client", "sub/
 * message-rate-user" or both, as message_rate_source says: messages by client
 * or by user on that listener, with over_limit as action. No throttle of the
 * file can have such a name, since '/' is none of its characters. They stand
 * before the file's own, in the order of the listeners: a message meets its
 * listener first. A session without a login has no user, and is not counted
 * by one.
 */
#ifndef WEIR_CORE_MESSAGE_RATE_H
#define WEIR_CORE_MESSAGE_RATE_H

#include "core/config.h"

/*
 * Puts them in front of config->throttles. Listeners and throttles are whole;
 * done once.
 */
void message_rate_throttles(struct config *);

#endif
