/*
 * Descriptors 0, 1 and 2, which whoever starts a program may have closed.
 */
#ifndef WEIR_IO_STANDARD_H
#define WEIR_IO_STANDARD_H

/*
 * Opens those that are closed on /dev/null; the first thing a program does.
 * Else a socket or a pipe of ours would get their number, and what is said on
 * stderr would go into it. Standard output takes nothing then: who writes to it
 * still learns that it is lost. Aborts where there is no /dev/null.
 */
void standard_open(void);

#endif
