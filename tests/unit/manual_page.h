/*
 * A page of the manual as it is written, in mdoc.
 */
#ifndef WEIR_TESTS_MANUAL_PAGE_H
#define WEIR_TESTS_MANUAL_PAGE_H

enum { MANUAL_ENTRY_MAX = 4096 };

extern char manual[];

/* "weir.conf.5" becomes the text in manual; ends the test when it cannot. */
void manual_read(const char *page);

/* All of the entry at 'it', which begins with "\n.It ". */
void manual_copy_entry(const char *it, char entry_r[MANUAL_ENTRY_MAX]);

#endif
