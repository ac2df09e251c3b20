/*
 * Domains to A-labels.
 */
#include "io/idn.h"

#include "core/text.h"

#include <idn2.h>
#include <string.h>

bool
idn_is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

int
idn_domain(const char *domain, char domain_r[DOMAIN_MAX + 1])
{
	char *ascii = NULL;
	int result;

	if (idn_is_ascii(domain)) {
		result = text_copy(domain_r, DOMAIN_MAX + 1, domain);
		text_lower(domain_r);
		return result;
	}
	domain_r[0] = '\0';
	if (strlen(domain) > DOMAIN_MAX ||
	    idn2_to_ascii_8z(domain, &ascii,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return -1;
	/* U+FF20 becomes an '@', behind which another domain would begin */
	result = strchr(ascii, '@') != NULL ? -1 :
	    text_copy(domain_r, DOMAIN_MAX + 1, ascii);
	idn2_free(ascii);
	return result;
}

int
idn_address(const char *address, char address_r[ADDRESS_MAX + 1])
{
	const char *at = strrchr(address, '@');
	size_t local = at == NULL ? strlen(address) : (size_t)(at - address);
	char domain[DOMAIN_MAX + 1];

	if (text_copy_n(address_r, ADDRESS_MAX + 1, address, local) == -1)
		return -1;
	text_lower(address_r);
	if (at == NULL)
		return 0;
	if (idn_domain(at + 1, domain) == -1) {
		address_r[0] = '\0';
		return -1;
	}
	address_r[local] = '@';
	if (text_copy(address_r + local + 1, ADDRESS_MAX - local,
	    domain) == -1) {
		address_r[0] = '\0';
		return -1;
	}
	return 0;
}

void
idn_make_canonical(char address[ADDRESS_MAX + 1])
{
	char canonical[ADDRESS_MAX + 1];

	if (!idn_is_ascii(address) && idn_address(address, canonical) == 0)
		memcpy(address, canonical, sizeof(canonical));
	else
		text_lower(address);
}
