/*
 * Telling whoever started us that we serve (sd_notify(3)): a datagram to the
 * socket NOTIFY_SOCKET names. Without one nothing is done.
 *
 * The protocol is stable and meant to be spoken without libsystemd, which is
 * optional here and would be the milter's only use of it.
 */
#ifndef WEIR_IO_READY_H
#define WEIR_IO_READY_H

/* We serve; also after a reload, applied or refused. */
void ready_tell(void);

/* A reload begins. */
void ready_reloading(void);

#endif
