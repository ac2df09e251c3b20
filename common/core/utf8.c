/*
 * UTF-8 one character at a time.
 */
#include "core/utf8.h"

struct range { /* ascending in a table */
	uint32_t first, last;
};

static const struct range controls[] = {
	{ 0x00, 0x1F }, { 0x7F, 0x9F }, { 0x061C, 0x061C },
	{ 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x206F },
	{ 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
};

static const struct range invisibles[] = {
	{ 0xA0, 0xA0 }, { 0xAD, 0xAD }, { 0x034F, 0x034F },
	{ 0x115F, 0x1160 }, { 0x1680, 0x1680 }, { 0x17B4, 0x17B5 },
	{ 0x180B, 0x180F }, { 0x2000, 0x200D }, { 0x202F, 0x202F },
	{ 0x205F, 0x2065 }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
	{ 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFF8 }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
	{ 0xE0080, 0xE0FFF },
};

static bool
is_in(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count && character >= ranges[i].first; i++) {
		if (character <= ranges[i].last)
			return true;
	}
	return false;
}

size_t
utf8_next(const char *s, size_t len, uint32_t *character_r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	size_t n = u[0] < 0x80 ? 1 : u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2
	    : u[0] < 0xF0 ? 3 : u[0] < 0xF5 ? 4 : 0;
	uint32_t character = n < 2 ? u[0] : u[0] & (0xFFU >> (n + 1));

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		character = character << 6 | (u[i] & 0x3F);
	}
	if (character < least[n] || character > 0x10FFFF ||
	    (character >= 0xD800 && character <= 0xDFFF))
		return 0;
	*character_r = character;
	return n;
}

bool
utf8_is_control(uint32_t character)
{
	return is_in(controls, sizeof(controls) / sizeof(controls[0]),
	    character);
}

bool
utf8_is_invisible(uint32_t character)
{
	return is_in(invisibles, sizeof(invisibles) / sizeof(invisibles[0]),
	    character);
}

bool
utf8_is_wide_at(uint32_t character)
{
	return character == 0xFF20 || character == 0xFE6B;
}
