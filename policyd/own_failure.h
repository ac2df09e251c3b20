/*
 * What we ourselves lack: descriptors, memory. A failure for want of these
 * says nothing of whoever was to be asked.
 */
#ifndef WEIR_POLICYD_OWN_FAILURE_H
#define WEIR_POLICYD_OWN_FAILURE_H

#include <errno.h>
#include <stdbool.h>

/* code: an errno, or an SMTP code, none of which is that low. */
static inline bool
is_own_failure(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOBUFS ||
	    code == ENOMEM;
}

#endif
