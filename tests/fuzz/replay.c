/*
 * main() of a fuzzer that is built without libFuzzer: runs every file of
 * tests/fuzz/corpus/NAME, NAME being the program's own, or the files given.
 */
#include "fuzz.h"

#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *data;
	long size;

	if (file == NULL || fseek(file, 0, SEEK_END) == -1 ||
	    (size = ftell(file)) == -1) {
		perror(path);
		return -1;
	}
	rewind(file);
	/* exactly as large, so that the sanitizers see one byte too far */
	data = malloc(size == 0 ? 1 : (size_t)size);
	if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size)
		abort();
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 0;
}

static int
replay_folder(const char *folder)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int files = 0, failed = 0;

	if (dir == NULL) {
		perror(folder);
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(
		    path, sizeof(path), "%s/%s", folder, entry->d_name);
		failed |= replay_file(path);
		files++;
	}
	(void)closedir(dir);
	printf("%s: %d files\n", folder, files);
	return files == 0 ? -1 : failed;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	char folder[2048];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay_file(argv[i]);
	if (argc == 1) {
		(void)snprintf(folder, sizeof(folder),
		    "%s/tests/fuzz/corpus/%s", top == NULL ? "." : top,
		    basename(argv[0]));
		failed = replay_folder(folder);
	}
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
