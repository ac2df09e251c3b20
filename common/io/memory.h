/*
 * How malloc treats what is large.
 *
 * Tables with room for all they may ever hold are mostly untouched memory: they
 * are calloc'ed, which gets fresh pages from the kernel, and only pages in use
 * are ever there (core/table.c). That holds while large blocks are mapped by
 * themselves; but glibc maps only larger ones each time such a block is freed,
 * until tables come from the heaps of the threads, where calloc has to write
 * zeros over all of it, and where it stays after it was freed.
 */
#ifndef WEIR_IO_MEMORY_H
#define WEIR_IO_MEMORY_H

/* From now on; at the start of a program, before its threads. */
void memory_map_large(void);

#endif
