/* Random lives of smart hosts, held against what must always hold. */
#include "fuzz.h"

#include "health_story.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct health_story_seen seen = { 0 };

	health_story(data, size, &seen);
	return 0;
}
